import { exitCode } from "../../app/exit-codes.ts";
import { safeJson } from "../../core/safe-json.ts";
import { defaultScenario, scenarios } from "../../lab/scenarios.ts";
import { startLab } from "../../lab/start-lab.ts";
import { labLogs, type PlayOptions, playLab } from "./play-lab.ts";

export interface DemoOptions extends PlayOptions {
  readonly list?: true | undefined;
}

/** Plays one story of the lab through the real proxy over TLS on loopback. Gives the exit code. */
export async function runDemo(options: DemoOptions): Promise<number> {
  if (options.list === true) return listScenarios(options);
  if (options.provision === true) {
    const { runDemoProvision } = await import("./demo-provision.ts");
    return runDemoProvision(options);
  }
  const scenario = options.scenario ?? defaultScenario;
  const lab = await startLab({ scenario, ...labLogs(options) });
  try {
    return await playLab(lab, { ...options, scenario });
  } finally {
    await lab.stop();
  }
}

function listScenarios(options: DemoOptions): number {
  if (options.json === true) process.stdout.write(`${safeJson(scenarios.map((scenario) => scenario.name))}\n`);
  else {
    const width = Math.max(...scenarios.map((scenario) => scenario.name.length));
    for (const { name, title } of scenarios) process.stdout.write(`${name.padEnd(width)}  ${title}\n`);
  }
  return exitCode.trustShown;
}
