import { defaultScenario, scenarios } from "../../lab/scenarios.ts";
import { startLab } from "../../lab/start-lab.ts";
import { createAuthority } from "../../proxy/certificate-authority.ts";
import { type Proxy as CaptureProxy, startProxy } from "../../proxy/proxy-source.ts";
import { safeJson } from "../../sinks/safe-json.ts";
import { readConfiguration } from "../configuration.ts";
import { exitCode } from "../exit-codes.ts";
import { type LiveOptions, runLive } from "../live-run.ts";

export interface DemoOptions extends LiveOptions {
  readonly scenario?: string | undefined;
  readonly list?: true | undefined;
}

/** A person can follow one request each so many milliseconds; without one nothing waits. */
const paceMs = 220;

/** Plays one story of the lab through the real proxy over real TLS on loopback. Gives the exit code. */
export async function runDemo(options: DemoOptions): Promise<number> {
  if (options.list === true) return listScenarios(options);
  const configuration = readConfiguration(options.config);
  const lab = await startLab({ scenario: options.scenario ?? defaultScenario });
  try {
    const names = [lab.exchange, lab.sts, lab.sfbOnline].map((server) => server.name);
    const authority = await createAuthority({ hosts: names });
    await authority.prepare();
    const loopback = { host: "127.0.0.1", port: 0 };
    const proxy = await startProxy({
      forward: [loopback],
      reverse: [{ listen: loopback, target: { host: lab.exchange.name, port: 443 } }],
      scope: names,
      deny: [],
      authority,
      upstreamCa: [lab.certificatePem],
      resolve: lab.resolve,
      insecureUpstream: [],
      autoPassthrough: false,
    });
    return await runLive({
      title: `demo ${options.scenario ?? defaultScenario}`,
      mode: "demo",
      proxy,
      options,
      configuration,
      verification: {},
      notices: [],
      during: async ({ isWatched, ended }) => {
        const [forward, reverse] = [listenerOf(proxy, "forward"), listenerOf(proxy, "reverse")];
        await lab.drive({
          exchangeReverse: reverse,
          forwardProxy: forward,
          proxyCertificatePem: authority.certificatePem,
          ...(isWatched ? { pause: () => pause(ended) } : {}),
        });
      },
    });
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

function listenerOf(proxy: CaptureProxy, kind: "forward" | "reverse"): { host: string; port: number } {
  const listener = proxy.listeners.find((candidate) => candidate.kind === kind);
  if (listener === undefined) throw new Error(`the proxy has no ${kind} listener`);
  return { host: listener.address, port: listener.port };
}

/** A breath between two steps so that a person can follow; ends at once when the person has left. */
function pause(ended: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, paceMs);
    ended.addEventListener(
      "abort",
      () => {
        clearTimeout(timer);
        resolve();
      },
      { once: true },
    );
  });
}
