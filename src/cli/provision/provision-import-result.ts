import { readFileSync } from "node:fs";
import { safeJson } from "../../core/safe-json.ts";
import { safe } from "../../core/safe-text.ts";
import { ToolError } from "../../core/tool-error.ts";
import { createSecretFilter, hideIn } from "../../provisioning/model/hide-secrets.ts";
import { readScriptResult, type ScriptOutcome, type ScriptResult } from "../../provisioning/scripts/script-result.ts";
import { provisionExit } from "./provision-exit.ts";

/** Prints the results of runs of the written scripts. Gives the worst of their exit codes, as for a run of this program. */
export function runImportResult(paths: readonly string[], options: { readonly json?: true | undefined }): number {
  const results = paths.map((path) => readScriptResult(readText(path)));
  const code = Math.max(...results.map(exitOf));
  // The file comes from elsewhere, and its error texts come from servers.
  const { hide } = createSecretFilter();
  if (options.json === true) process.stdout.write(`${safeJson(hideIn({ exit: code, results }, hide))}\n`);
  else process.stdout.write(hide(results.map(renderResult).join("\n")));
  return code;
}

/** Worst first. What an undo leaves to its owner is not an error. */
function exitOf({ outcomes }: ScriptResult): number {
  const has = (...wanted: readonly string[]): boolean => outcomes.some((one) => wanted.includes(one.outcome));
  if (has("conflict")) return provisionExit.conflict;
  if (has("failed", "unknown", "not-run")) return provisionExit.error;
  if (has("unverified")) return provisionExit.unverified;
  return has("missing", "waits", "absent", "would-undo") ? provisionExit.pending : provisionExit.done;
}

function renderResult(result: ScriptResult): string {
  const head = `${result.side} half, run ${result.startedAt} on ${result.host} by ${result.actor}${result.isCheckOnly ? ", check only" : ""}`;
  const certificates = result.certificates.map((one) => `  ${one.use.padEnd(12)}certificate ${one.thumbprint}`);
  const next =
    result.certificates.length === 0
      ? []
      : ["  Next, where the cloud can be reached: realmscope provision apply --only cloud --bundle <this file>"];
  return `${[head, ...result.outcomes.flatMap(renderOutcome), ...certificates, ...next].map(safe).join("\n")}\n`;
}

function renderOutcome({ outcome, stepId, error }: ScriptOutcome): readonly string[] {
  const line = `  ${outcome.padEnd(12)}${stepId}`;
  return error === null ? [line] : [line, `              ${error.type}: ${error.message}`];
}

function readText(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch (cause) {
    throw new ToolError("unreadable-file", `${JSON.stringify(path)} cannot be read.`, {
      hint: "Check the path and its rights.",
      cause,
    });
  }
}
