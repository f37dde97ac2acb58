// Keeps what the shell prints beside its answers (banners, warnings, host text) for the journal and its transcript: bounded,
// with secrets hidden. Nothing is decided by it.
import type { RunJournal } from "./run-journal.ts";

const mostLines = 200;
const longestLine = 400;
/** A longer line is dropped: cut anywhere, a token in it would not be recognised. */
const longestRead = 20_000;

export interface ShellNotes {
  /** Takes one line, as the shell printed it. */
  add(line: string): void;
  /** A journal that writes the lines since the last entry after each entry: beside the call that they belong to. */
  journalWithNotes(journal: RunJournal): RunJournal;
}

/** Keeps the first 200 lines. `hide` receives whole lines, joined, before each is cut to 400 characters. */
export function createShellNotes(hide: (text: string) => string): ShellNotes {
  let pending: string[] = [];
  let lines = 0;
  return {
    add(line) {
      if (line.trim() === "") return;
      lines += 1;
      if (lines <= mostLines) pending.push(line.length <= longestRead ? line : `(a line of ${line.length} characters)`);
      if (lines === mostLines + 1) pending.push(`(more than ${mostLines} lines; the others are left out)`);
    },
    journalWithNotes: (journal) => ({
      ...journal,
      write(entry) {
        journal.write(entry);
        if (pending.length === 0) return;
        // Joined: only then is a private key that was printed line by line recognised.
        const text = hide(pending.join("\n")).split("\n").map(shortened).join("\n");
        pending = [];
        journal.write({ kind: "note", text });
      },
    }),
  };
}

function shortened(line: string): string {
  return line.length <= longestLine ? line : `${line.slice(0, longestLine)}…`;
}
