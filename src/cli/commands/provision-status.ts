import { readRunJournal, type StampedEntry } from "../../provisioning/run-journal.ts";
import { renderTranscript } from "../../provisioning/transcript.ts";
import { safeJson } from "../../sinks/safe-json.ts";
import { safe } from "../../tui/safe-text.ts";
import { provisionExit } from "../provisioning/provision-exit.ts";
import { findRun, journalPath, runIds } from "../provisioning/run-folder.ts";

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
  const rows = runIds().map((id) => ({ id, ...summary(readRunJournal(journalPath(id))) }));
  if (options.json === true) process.stdout.write(`${safeJson(rows)}\n`);
  else if (rows.length === 0) process.stdout.write("There is no run yet.\n");
  else
    for (const row of rows)
      process.stdout.write(
        `${safe(`${row.id}  ${row.how}  ${row.profile}  ${row.done} changes  ${row.reason}`.trimEnd())}\n`,
      );
  return provisionExit.done;
}

function summary(entries: readonly StampedEntry[]) {
  const begin = entries.find((entry) => entry.kind === "begin");
  const last = entries.findLast(
    (entry) => entry.kind === "end" || entry.kind === "intent" || entry.kind === "undo-intent",
  );
  return {
    profile: begin?.kind === "begin" ? begin.plan.settings.profile : "",
    // An intent with no end after it: the program was killed.
    how: last?.kind === "end" ? last.how : "killed",
    reason: last?.kind === "end" && last.reason !== null ? last.reason.code : "",
    done: entries.filter((entry) => entry.kind === "receipt").length,
  };
}
