import type { ProvisionOptions } from "../../app/setup/answers.ts";
import { type Provisioning, warn } from "../../app/setup/open-provisioning.ts";
import { awaitHandshake, type WitnessedCallers } from "../../app/setup/traffic-witness.ts";
import { toolVersion } from "../../app/version.ts";
import { safeJson } from "../../core/safe-json.ts";
import { safe } from "../../core/safe-text.ts";
import { ToolError } from "../../core/tool-error.ts";
import { type Verification, verify } from "../../provisioning/engine/verify.ts";
import { hideIn } from "../../provisioning/model/hide-secrets.ts";
import { exitCodeOfVerification, provisionExit, withExitCodes } from "./provision-exit.ts";
import { isCheckedOnly, runGates } from "./provision-gates.ts";
import { renderVerdict, renderVerification } from "./provision-text.ts";
import { withProvisioning } from "./with-provisioning.ts";

export interface VerifyOptions extends ProvisionOptions {
  readonly traffic?: string | undefined;
  readonly wait: string;
}

/** Reads the settings back, and with --traffic waits for the handshake. Gives 0 verified, 1 failed, 4 not shown yet. */
export function runVerify(options: VerifyOptions): Promise<number> {
  return withExitCodes(async () => {
    if (await isCheckedOnly(options)) return runGates(options);
    const waitMs = readWait(options.wait);
    return withProvisioning(options, (provisioning) => verifyAndPrint(provisioning, options, waitMs));
  });
}

async function verifyAndPrint(provisioning: Provisioning, options: VerifyOptions, waitMs: number): Promise<number> {
  const { steps, ports, settings, secrets } = provisioning;
  const verification = await verify(steps, ports, { tool: toolVersion() });
  const hide = (text: string): string => secrets.hide(text);
  const { traffic } = options;
  const render = options.quiet === true ? renderVerdict : renderVerification;
  if (options.json !== true) process.stdout.write(hide(render(verification)));
  if (traffic !== undefined && options.json !== true && options.quiet !== true && waitMs > 0)
    warn(`Waiting up to ${waitMs / 1000} s for a confirmed handshake in ${JSON.stringify(traffic)}.`);
  const witnessed = traffic === undefined ? null : await awaitHandshake(traffic, settings, waitMs);
  if (witnessed !== null && options.json !== true) process.stdout.write(renderWitnessed(witnessed));
  const code = exitOf(verification, witnessed);
  if (options.json === true) {
    const document = { schema: "realmscope.verification/1", ...verification, traffic: witnessed, exitCode: code };
    process.stdout.write(`${safeJson(hideIn(document, hide))}\n`);
  }
  return code;
}

function readWait(text: string): number {
  if (/^\d{1,6}$/.test(text)) return Number(text) * 1000;
  throw new ToolError("bad-setting", `--wait ${JSON.stringify(text)} is not a number of seconds.`, {
    hint: "For example --wait 600.",
  });
}

/** Without a handshake in the traffic the result is unverified, even when all settings are right. */
function exitOf(verification: Verification, witnessed: WitnessedCallers | null): number {
  const code = exitCodeOfVerification(verification);
  if (code !== provisionExit.done || witnessed === null) return code;
  return witnessed.confirmed.length > 0 ? provisionExit.done : provisionExit.unverified;
}

/** What the traffic showed, as lines. */
function renderWitnessed({ confirmed, unseen }: WitnessedCallers): string {
  const lines = [
    ...confirmed.map(
      ({ appId, server, issuer }) =>
        `Traffic: ${appId} got through to ${server} with a token of ${issuer}: oauth-confirmed.`,
    ),
    ...(confirmed.length === 0 ? ["Traffic: no handshake of this profile was confirmed in time."] : []),
    ...(unseen.length === 0 ? [] : [`Traffic: not seen: ${unseen.join(", ")}.`]),
  ];
  return lines.map((line) => `${safe(line)}\n`).join("");
}
