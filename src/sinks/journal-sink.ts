import type { CaptureSink } from "./capture-sink.ts";
import { openJournal } from "./journal.ts";

/** A new journal of what is exported. */
export function openJournalSink(path: string, options: { readonly version: string }): CaptureSink {
  const journal = openJournal(path, { tool: options.version });
  return {
    write: (event) => journal.write(event),
    drain: () => Promise.resolve(),
    close: () => journal.close(),
  };
}
