import { provisioningFolder } from "../../app/data-folder.ts";
import { findRun, journalPath, listRunIds, lockPath } from "../../app/setup/run-folder.ts";
import { safeJson } from "../../core/safe-json.ts";
import { safe } from "../../core/safe-text.ts";
import { ToolError } from "../../core/tool-error.ts";
import { readRunJournal, type StampedEntry } from "../../provisioning/engine/run-journal.ts";
import { lockedRun } from "../../provisioning/engine/run-lock.ts";
import { renderTranscript } from "../../provisioning/engine/transcript.ts";
import { provisionExit } from "./provision-exit.ts";

export interface StatusOptions {
  readonly run?: string | undefined;
  readonly json?: true | undefined;
}

/** Lists the runs, or prints the transcript of one. */
export function runStatus(options: StatusOptions): number {
  if (options.run !== undefined) {
    const id = findRun(options.run);
    const entries = readRunJournal(journalPath(id));
    const output = options.json === true ? `${safeJson({ id, entries })}\n` : renderTranscript(id, entries);
    process.stdout.write(output);
    return provisionExit.done;
  }
  const underWay = lockedRun(lockPath(provisioningFolder()));
  const rows = listRunIds().map((id) => ({ id, ...summary(id, id === underWay) }));
  if (options.json === true) process.stdout.write(`${safeJson(rows)}\n`);
  else if (rows.length === 0) process.stdout.write("There is no run yet.\n");
  else
    for (const row of rows)
      process.stdout.write(
        `${safe(`${row.id}  ${row.how}  ${row.profile}  ${row.done} changes${row.undone > 0 ? `, ${row.undone} taken back` : ""}  ${row.reason}`.trimEnd())}\n`,
      );
  return provisionExit.done;
}

/** One row. An unreadable journal gets a row too and does not hide the other runs. */
function summary(id: string, isUnderWay: boolean) {
  try {
    return summaryOf(readRunJournal(journalPath(id)), isUnderWay);
  } catch (error) {
    if (!(error instanceof ToolError)) throw error;
    return { profile: "", how: "unreadable", reason: error.code, done: 0, undone: 0 };
  }
}

function summaryOf(entries: readonly StampedEntry[], isUnderWay: boolean) {
  const begin = entries.find((entry) => entry.kind === "begin");
  const last = entries.findLast(
    (entry) => entry.kind === "end" || entry.kind === "intent" || entry.kind === "undo-intent",
  );
  return {
    profile: begin?.kind === "begin" ? begin.plan.settings.profile : "",
    // An intent without an end means that the program was killed.
    how: isUnderWay ? "under way" : last?.kind === "end" ? howEnded(last.how, entries) : "killed",
    reason: !isUnderWay && last?.kind === "end" && last.reason !== null ? last.reason.code : "",
    done: entries.filter((entry) => entry.kind === "receipt").length,
    undone: entries.filter((entry) => entry.kind === "undo-receipt").length,
  };
}

/** A finished undo makes the run "taken back", not "finished". */
function howEnded(how: string, entries: readonly StampedEntry[]): string {
  const last = entries.findLast(({ kind }) => kind === "receipt" || kind === "undo-receipt" || kind === "undo-skipped");
  return how === "finished" && last !== undefined && last.kind !== "receipt" ? "taken back" : how;
}
