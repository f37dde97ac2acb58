// `provision --profile hybrid-app`: the table of the gates of the dedicated hybrid application. Reads only.
import { type ProvisionOptions, readAnswers } from "../../app/setup/answers.ts";
import type { Provisioning } from "../../app/setup/open-provisioning.ts";
import { readBuilds } from "../../app/setup/traffic-builds.ts";
import { safeJson } from "../../core/safe-json.ts";
import { safe } from "../../core/safe-text.ts";
import { ToolError } from "../../core/tool-error.ts";
import { checkGates, type GateTable } from "../../provisioning/gates/check-gates.ts";
import type { Gate } from "../../provisioning/gates/gate.ts";
import { hideIn } from "../../provisioning/model/hide-secrets.ts";
import type { Settings } from "../../provisioning/model/settings.ts";
import { provisionExit, withExitCodes } from "./provision-exit.ts";
import { withProvisioning } from "./with-provisioning.ts";

export type GateOptions = ProvisionOptions & { readonly traffic?: string | undefined };

/** True when flags and configuration choose the profile that is only checked. Throws ToolError. */
export async function isCheckedOnly(options: ProvisionOptions): Promise<boolean> {
  return (await readAnswers(options)).profile === "hybrid-app";
}

/** Refuses a verb that would plan or change something with the profile that is only checked. Throws ToolError. */
export async function refuseCheckedOnly(options: ProvisionOptions): Promise<void> {
  if (!(await isCheckedOnly(options))) return;
  throw new ToolError(
    "checked-only",
    "--profile hybrid-app is only checked: this program plans and changes nothing of it.",
    {
      hint: "Microsoft's ConfigureExchangeHybridApplication.ps1 -FullyConfigureExchangeHybridApplication sets it up; `realmscope provision verify --profile hybrid-app` then checks it.",
    },
  );
}

/** Prints the table. Gives 0 when every gate is ok, 1 when one is missing or wrong, 4 when one could not be told. */
export function runGates(options: GateOptions): Promise<number> {
  return withExitCodes(async () => {
    const seen = options.traffic === undefined ? [] : await readBuilds(options.traffic);
    return withProvisioning(options, async (provisioning) => {
      const table = await checkGates(provisioning.ports, { given: provisioning.given, seen });
      return printTable(table, options, provisioning);
    });
  });
}

const exitCodes = {
  ok: provisionExit.done,
  failed: provisionExit.error,
  unverified: provisionExit.unverified,
} as const;

function printTable(table: GateTable, options: GateOptions, { settings, secrets }: Provisioning): number {
  const exitCode = exitCodes[table.verdict];
  const hide = (text: string): string => secrets.hide(text);
  if (options.json === true) {
    const { tenant, cloud } = settings;
    const head = { schema: "realmscope.gates/1", profile: settings.profile, tenant, cloud: cloud.name };
    process.stdout.write(`${safeJson(hideIn({ ...head, ...table, exitCode }, hide))}\n`);
  } else process.stdout.write(hide(options.quiet === true ? verdictLine(table) : renderGates(table, settings)));
  return exitCode;
}

/** The table as lines: state and title, then evidence and command below each. */
function renderGates(table: GateTable, settings: Settings): string {
  const { gates, rotation } = table;
  const { tenant, cloud, only } = settings;
  const where = [
    tenant === "" ? "" : `tenant ${tenant} (${cloud.name})`,
    only === null ? "" : `only the ${only} half`,
  ].filter((part) => part !== "");
  const lines = [
    ["Dedicated hybrid application", ...where].join(", "),
    "",
    ...gates.flatMap(renderGate),
    "",
    ...rotation.map((warning) => `certificate  ${warning.message}`),
  ];
  return `${lines.map((line) => `${safe(line)}\n`).join("")}${verdictLine(table)}`;
}

function verdictLine({ verdict }: GateTable): string {
  return `Verified: ${safe(verdict)}\n`;
}

const width = "cannot tell".length;

function renderGate({ state, title, evidence, command, isGuide }: Gate): readonly string[] {
  const indent = " ".repeat(width);
  return [
    `${state.padEnd(width)}  ${title}${isGuide ? " (does not count)" : ""}`,
    ...evidence.map((fact) => `${indent}    ${fact}`),
    ...(command === null ? [] : [`${indent}    ${state === "cannot tell" ? "look" : "mend"}: ${command}`]),
  ];
}
