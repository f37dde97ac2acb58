// The exit codes of `provision`, a contract with scripts (docs/provisioning.md).

import { safe } from "../../core/safe-text.ts";
import { ToolError } from "../../core/tool-error.ts";
import { itemsOf, type Plan } from "../../provisioning/engine/plan.ts";
import type { RunResult } from "../../provisioning/engine/run.ts";
import type { Verification } from "../../provisioning/engine/verify.ts";
import { type Reason, type ReasonCode, Stop } from "../../provisioning/model/stop.ts";

/** 2 changes are pending, 4 applied but not verified yet, 5 something could not be read or step 1 is missing. */
export const provisionExit = {
  done: 0,
  error: 1,
  pending: 2,
  conflict: 3,
  unverified: 4,
  preflight: 5,
  interrupted: 130,
} as const;

/** Reasons found before the first change. */
const preflight: readonly ReasonCode[] = [
  "rbac-denied",
  "cmdlet-missing",
  "parameter-missing",
  "exchange-unreachable",
  "exchange-error",
  "shell-unusable",
  "graph-unauthorized",
  "graph-forbidden",
  "graph-unreachable",
  "graph-throttled",
  "graph-error",
  "graph-policy",
  "token-unfit",
  "unknown-state",
  "certificate-unfit",
  "side-left-out",
  "locked",
  "step1-missing",
];

/** The place is taken by something else, or the state has changed since the plan. */
const moved: readonly ReasonCode[] = ["conflict", "plan-stale", "state-moved", "taken-back"];

/** The exit code of a stop before the first change. */
function exitCodeOfReason(code: ReasonCode): number {
  if (moved.includes(code)) return provisionExit.conflict;
  // Found before the first change, as a data folder that cannot be written.
  if (code === "not-allowed" || code === "journal-unwritable") return provisionExit.pending;
  return preflight.includes(code) ? provisionExit.preflight : provisionExit.error;
}

/** 0 nothing to do, 2 changes pending, 3 conflict, 5 something could not be read or step 1 is missing. */
export function exitCodeOfPlan(plan: Plan): number {
  const [blocker] = plan.blockers;
  if (blocker !== undefined) return exitCodeOfReason(blocker.code);
  return itemsOf(plan).length === 0 ? provisionExit.done : provisionExit.pending;
}

/** A stopped run is an error or a conflict; a finished one is judged by its verification. */
export function exitCodeOfRun(result: RunResult, verification: Verification | null): number {
  if (result.how === "interrupted") return provisionExit.interrupted;
  if (result.how === "stopped") {
    return result.reason !== null && moved.includes(result.reason.code) ? provisionExit.conflict : provisionExit.error;
  }
  if (result.unconfirmed.length > 0) return provisionExit.unverified;
  return verification === null ? provisionExit.done : exitCodeOfVerification(verification);
}

/** 0 verified, 1 failed, 4 not verified yet. */
export function exitCodeOfVerification({ verdict }: Verification): number {
  if (verdict === "ok") return provisionExit.done;
  return verdict === "failed" ? provisionExit.error : provisionExit.unverified;
}

/** Runs a verb. A Stop, an unusable shell and a missing token become one line and their exit code; other errors are rethrown. */
export async function withExitCodes(run: () => Promise<number>): Promise<number> {
  try {
    return await run();
  } catch (error) {
    if (error instanceof Stop) {
      printReason(error.reason);
      return exitCodeOfReason(error.reason.code);
    }
    if (error instanceof ToolError && (error.code.startsWith("shell-") || error.code === "no-token")) {
      process.stderr.write(`realmscope: ${safe(error.message)} ${safe(error.hint)}\n`);
      return provisionExit.preflight;
    }
    throw error;
  }
}

/** Prints one line: what happened and what to do next. */
export function printReason(reason: Reason): void {
  process.stderr.write(`realmscope: ${reason.code}: ${safe(reason.message)} ${safe(reason.hint)}\n`);
}
