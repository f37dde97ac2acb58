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
  readonly quiet?: true | undefined;
}

/** Lists the runs, or prints the transcript of one; with --quiet one line a run: its id and how it ended. */
export function runStatus(options: StatusOptions): number {
  if (options.run !== undefined) {
    printRun(findRun(options.run), options);
    return provisionExit.done;
  }
  const underWay = runUnderWay();
  const rows = listRunIds().map((id) => ({ id, ...summary(id, id === underWay) }));
  if (options.json === true) process.stdout.write(`${safeJson(rows)}\n`);
  else if (options.quiet === true) for (const { id, how } of rows) printEnd(id, how);
  else if (rows.length === 0) process.stdout.write("There is no run yet.\n");
  else
    for (const row of rows)
      process.stdout.write(
        `${safe(`${row.id}  ${row.how}  ${row.profile}  ${row.done} changes${row.undone > 0 ? `, ${row.undone} taken back` : ""}  ${row.reason}`.trimEnd())}\n`,
      );
  return provisionExit.done;
}

function printRun(id: string, options: StatusOptions): void {
  const entries = readRunJournal(journalPath(id));
  if (options.json === true) process.stdout.write(`${safeJson({ id, entries })}\n`);
  else if (options.quiet === true) printEnd(id, summaryOf(entries, id === runUnderWay()).how);
  else process.stdout.write(renderTranscript(id, entries));
}

function runUnderWay(): string | null {
  return lockedRun(lockPath(provisioningFolder()));
}

function printEnd(id: string, how: string): void {
  process.stdout.write(`${safe(`${id}  ${how}`)}\n`);
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
