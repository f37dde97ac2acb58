// What the shell prints beside its answers (banners, warnings, host text) goes into the run's journal, and so into its
// transcript: bounded, hidden where it is secret, and believed in nothing.
import type { RunJournal } from "./run-journal.ts";

const mostLines = 200;
const longestLine = 400;
/** Nothing of a longer one is kept: cut anywhere, a token in it would not be known as one. */
const longestRead = 20_000;

export interface ShellNotes {
  /** One line, as the shell printed it. */
  hear(line: string): void;
  /** The journal, with what was heard in between written behind each entry: beside the call that it belongs to. */
  kept(journal: RunJournal): RunJournal;
}

/** Lines beyond the first 200 are left out. `hide` sees lines whole and together, before each is cut to 400 characters. */
export function createShellNotes(hide: (text: string) => string): ShellNotes {
  let heard: string[] = [];
  let lines = 0;
  return {
    hear(line) {
      if (line.trim() === "") return;
      lines += 1;
      if (lines <= mostLines) heard.push(line.length <= longestRead ? line : `(a line of ${line.length} characters)`);
      if (lines === mostLines + 1) heard.push(`(more than ${mostLines} lines; the others are left out)`);
    },
    kept: (journal) => ({
      ...journal,
      write(entry) {
        journal.write(entry);
        if (heard.length === 0) return;
        // As one text: a private key that came line by line is seen as one only so.
        const text = hide(heard.join("\n")).split("\n").map(shortened).join("\n");
        heard = [];
        journal.write({ kind: "note", text });
      },
    }),
  };
}

function shortened(line: string): string {
  return line.length <= longestLine ? line : `${line.slice(0, longestLine)}…`;
}
