import { timeOfEvent } from "../../core/capture-event.ts";
import { ToolError } from "../../core/tool-error.ts";
import type { CaptureSink, SinkOptions } from "../formats/capture-sink.ts";
import { type Journal, openJournal } from "./journal.ts";

/** Exports a capture as a new journal. It takes its times from the capture, so that the same capture gives the same file. */
export function openJournalSink(path: string, options: SinkOptions): CaptureSink {
  let now = 0;
  let journal: Journal | null = null;
  const open = (): Journal => {
    journal ??= openJournal(path, { tool: options.version, isSanitised: options.isSanitised, now: () => now });
    return journal;
  };
  return {
    write(event) {
      if (event.kind === "transaction") now = event.transaction.startedAt + (event.transaction.durationMs ?? 0);
      else now = timeOfEvent(event) ?? now;
      open().write(event);
    },
    drain: () => journal?.hasRoom() ?? Promise.resolve(),
    async close() {
      const written = open();
      await written.close();
      // A live capture continues with what could be kept; an export can be repeated as a whole.
      const [problem] = written.problems();
      if (problem !== undefined) {
        throw new ToolError(
          "unwritable",
          `${JSON.stringify(path.replace(/\.partial$/, ""))} could not be written whole: ${problem}.`,
          {
            hint: "Nothing was kept; name a file on a disk with more room.",
          },
        );
      }
    },
  };
}
