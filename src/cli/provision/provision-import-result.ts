import { readFileSync } from "node:fs";
import { safeJson } from "../../core/safe-json.ts";
import { safe } from "../../core/safe-text.ts";
import { ToolError } from "../../core/tool-error.ts";
import { createSecretFilter, hideIn } from "../../provisioning/model/hide-secrets.ts";
import { readScriptResult, type ScriptOutcome, type ScriptResult } from "../../provisioning/scripts/script-result.ts";
import { provisionExit } from "./provision-exit.ts";

/** Prints the results of runs of the written scripts. Gives the worst of their exit codes, as for a run of this program. */
export function runImportResult(
  paths: readonly string[],
  options: { readonly json?: true | undefined; readonly quiet?: true | undefined },
): number {
  const results = paths.map((path) => readScriptResult(readText(path)));
  const code = Math.max(...results.map(exitOf));
  // The file comes from elsewhere, and its error texts come from servers.
  const { hide } = createSecretFilter();
  if (options.json === true) process.stdout.write(`${safeJson(hideIn({ exit: code, results }, hide))}\n`);
  else if (options.quiet === true) process.stdout.write(hide(results.map(renderOutcomeLine).join("")));
  else process.stdout.write(hide(results.map(renderResult).join("\n")));
  return code;
}

/** Worst first. What an undo leaves to its owner is not an error. */
function exitOf(result: ScriptResult): number {
  const { side, outcomes } = result;
  if (side === "exchange-check" || side === "cloud-check") return exitOfGates(outcomes);
  const has = (...wanted: readonly string[]): boolean => outcomes.some((one) => wanted.includes(one.outcome));
  if (has("conflict")) return provisionExit.conflict;
  if (has("failed", "unknown", "not-run")) return provisionExit.error;
  if (has("unverified") || isUnended(result)) return provisionExit.unverified;
  return has("missing", "waits", "absent", "would-undo") ? provisionExit.pending : provisionExit.done;
}

/** As the script that checked them ended. */
function exitOfGates(outcomes: readonly ScriptOutcome[]): number {
  const states = outcomes.filter(({ isGuide }) => !isGuide).map(({ outcome }) => outcome);
  if (states.some((state) => state === "missing" || state === "wrong")) return provisionExit.error;
  return states.every((state) => state === "ok") ? provisionExit.done : provisionExit.unverified;
}

const outcomeNames: Readonly<Record<number, string>> = {
  [provisionExit.done]: "done",
  [provisionExit.error]: "failed",
  [provisionExit.pending]: "something is missing",
  [provisionExit.conflict]: "conflict",
  [provisionExit.unverified]: "unverified",
};

/** `exchange half, run 2026-…: failed`. */
function renderOutcomeLine(result: ScriptResult): string {
  const outcome = isUnended(result) ? "not ended" : (outcomeNames[exitOf(result)] ?? "unverified");
  return `${safe(`${result.side} half, run ${result.startedAt}: ${outcome}`)}\n`;
}

/** True when the script wrote this file and was then ended, or is still under way. */
function isUnended({ isRunning, outcomes }: ScriptResult): boolean {
  return isRunning || outcomes.some(({ outcome }) => outcome === "running");
}

/** What to do next, by how the run of the script ended. */
function nextStep(result: ScriptResult): readonly string[] {
  const { side, certificates, isCheckOnly } = result;
  const hasCertificates = certificates.length > 0;
  if (side === "exchange-check")
    return hasCertificates
      ? ["  Next, where the cloud can be reached: realmscope-cloud-check.ps1, beside this file"]
      : [];
  if (side === "cloud-check") return [];
  const script = `realmscope-${side}.ps1`;
  if (isUnended(result))
    return [
      `  Next: wait for the end of ${script}; when it was ended half-way, run it again: it looks first, and makes only what is missing`,
    ];
  switch (exitOf(result)) {
    case provisionExit.error:
      return [`  Next: mend what failed above, then run ${script} again: it makes only what is missing`];
    case provisionExit.conflict:
      return [`  Next: settle the conflict above with the owner of that object, then run ${script} again`];
    case provisionExit.unverified:
      return [`  Next: run ${script} -CheckOnly in some minutes; the effect above is not shown yet`];
    case provisionExit.pending:
      return [`  Next: run ${script}${isCheckOnly ? " without -CheckOnly" : " again"}; something above is missing`];
  }
  if (side === "exchange" && hasCertificates)
    return ["  Next, where the cloud can be reached: realmscope provision apply --only cloud --bundle <this file>"];
  return side === "cloud" ? ["  Next: realmscope provision verify, where both halves can be reached"] : [];
}

function renderResult(result: ScriptResult): string {
  const head = `${result.side} half, run ${result.startedAt} on ${result.host} by ${result.actor}${result.isCheckOnly ? ", check only" : ""}`;
  const certificates = result.certificates.map((one) => `  ${one.use.padEnd(12)}certificate ${one.thumbprint}`);
  return `${[head, ...result.outcomes.flatMap(renderOutcome), ...certificates, ...nextStep(result)].map(safe).join("\n")}\n`;
}

function renderOutcome({ outcome, stepId, error, evidence, command, isGuide }: ScriptOutcome): readonly string[] {
  const indent = " ".repeat(14);
  return [
    `  ${outcome.padEnd(12)}${stepId}${isGuide ? " (does not count)" : ""}`,
    ...(error === null ? [] : [`${indent}${error.type}: ${error.message}`]),
    ...(error === null ? evidence.map((fact) => `${indent}${fact}`) : []),
    ...(command === "" ? [] : [`${indent}${outcome === "cannot tell" ? "look" : "mend"}: ${command}`]),
  ];
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
