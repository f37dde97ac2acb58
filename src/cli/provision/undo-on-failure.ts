import { warn } from "../../app/setup/open-provisioning.ts";
import type { Run, RunResult } from "../../provisioning/engine/run.ts";
import { openIntents } from "../../provisioning/engine/run-journal.ts";
import { planUndo, undoRun } from "../../provisioning/engine/undo-run.ts";
import type { Reason } from "../../provisioning/model/stop.ts";

/** A run that was taken back cannot be gone on with: what its reason advises is done by a new one. */
function anew(reason: Reason): Reason {
  return { ...reason, hint: reason.hint.replaceAll("`realmscope provision resume`", "`realmscope provision apply`") };
}

/**
 * Takes back what a run that stopped had changed. Not when the effect of its last change is unknown: what may be there
 * has no receipt, so `resume` must look first. Gives the result of the run; it stays a failure.
 */
export async function undoStopped(result: RunResult, run: Run): Promise<RunResult> {
  if (result.how !== "stopped") return result;
  const entries = run.journal.entries();
  if (openIntents(entries).length > 0) {
    warn("Nothing is taken back: it is unknown whether the last change was made. `realmscope provision resume` looks.");
    return result;
  }
  const undone = await undoRun(planUndo(entries, run.steps), run);
  if (undone.reason === null) warn("What the run had changed was taken back, but for what is told as skipped.");
  else warn(`Taking back stopped (${undone.reason.code}): ${undone.reason.message} ${undone.reason.hint}`);
  return undone.done.length === 0 || result.reason === null ? result : { ...result, reason: anew(result.reason) };
}
