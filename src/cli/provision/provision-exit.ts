// The exit codes of provisioning.md §5, a contract with scripts.

import { safe } from "../../core/safe-text.ts";
import { ToolError } from "../../core/tool-error.ts";
import { itemsOf, type Plan } from "../../provisioning/engine/plan.ts";
import type { RunResult } from "../../provisioning/engine/run.ts";
import type { Verification } from "../../provisioning/engine/verify.ts";
import { type Reason, type ReasonCode, Stop } from "../../provisioning/model/stop.ts";

export const provisionExit = {
  done: 0,
  error: 1,
  pending: 2,
  conflict: 3,
  unverified: 4,
  preflight: 5,
  interrupted: 130,
} as const;

/** Reasons that are known before anything was changed: the way is not free. */
const preflight: readonly ReasonCode[] = [
  "rbac-denied",
  "cmdlet-missing",
  "exchange-unreachable",
  "exchange-error",
  "shell-unusable",
  "graph-unauthorized",
  "graph-forbidden",
  "graph-unreachable",
  "graph-throttled",
  "graph-error",
  "token-unfit",
  "unknown-state",
  "certificate-unfit",
  "side-left-out",
  "locked",
  "step1-missing",
];

/** Something else is in the place, or the state has moved since the plan. */
const moved: readonly ReasonCode[] = ["conflict", "plan-stale", "state-moved", "taken-back"];

/** The code of a stop before the first change. */
function exitOfReason(code: ReasonCode): number {
  if (moved.includes(code)) return provisionExit.conflict;
  // Known before the first change: as a data folder that cannot be written is.
  if (code === "not-allowed" || code === "journal-unwritable") return provisionExit.pending;
  return preflight.includes(code) ? provisionExit.preflight : provisionExit.error;
}

/** 0 nothing to do, 2 changes pending, 3 conflict, 5 something could not be read or step 1 is missing. */
export function exitOfPlan(plan: Plan): number {
  const [blocker] = plan.blockers;
  if (blocker !== undefined) return exitOfReason(blocker.code);
  return itemsOf(plan).length === 0 ? provisionExit.done : provisionExit.pending;
}

/** A run that stopped on the way is an error, except for a conflict; one that finished is judged by its verification. */
export function exitOfRun(result: RunResult, verification: Verification | null): number {
  if (result.how === "interrupted") return provisionExit.interrupted;
  if (result.how === "stopped") {
    return result.reason !== null && moved.includes(result.reason.code) ? provisionExit.conflict : provisionExit.error;
  }
  if (result.unconfirmed.length > 0) return provisionExit.unverified;
  return verification === null ? provisionExit.done : exitOfVerification(verification);
}

export function exitOfVerification({ verdict }: Verification): number {
  if (verdict === "ok") return provisionExit.done;
  return verdict === "failed" ? provisionExit.error : provisionExit.unverified;
}

/** Runs a verb; a named stop and an unusable shell or a missing token become one line and their code. Everything else goes on to the caller. */
export async function withExits(run: () => Promise<number>): Promise<number> {
  try {
    return await run();
  } catch (error) {
    if (error instanceof Stop) {
      sayReason(error.reason);
      return exitOfReason(error.reason.code);
    }
    if (error instanceof ToolError && (error.code.startsWith("shell-") || error.code === "no-token")) {
      process.stderr.write(`realmscope: ${safe(error.message)} ${safe(error.hint)}\n`);
      return provisionExit.preflight;
    }
    throw error;
  }
}

/** One line: what it was, and what to do next. */
export function sayReason(reason: Reason): void {
  process.stderr.write(`realmscope: ${reason.code}: ${safe(reason.message)} ${safe(reason.hint)}\n`);
}
