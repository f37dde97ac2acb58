import type { SourceSummary } from "../../core/capture-event.ts";
import { restartMarker } from "../../sources/time/read-in-time-order.ts";
import type { CaptureGroup, GroupReading } from "./capture-group.ts";
import { readGroup } from "./capture-group.ts";
import type { DecodedEvent } from "./judged-fields.ts";
import type { Reading } from "./read-ahead.ts";

/** Reads in this thread, one group after the other; the events are not decoded. */
export function startReadWithoutThreads(groups: readonly CaptureGroup[]): Reading {
  let reading: GroupReading<null> | null = null;
  return {
    async read(number, { accept, restart }) {
      const group = groups[number];
      if (group === undefined) throw new Error("there is no such group");
      reading = readGroup(group, { take: () => null });
      for await (const batch of reading.batches) {
        if (batch === restartMarker) restart();
        else for (const { event } of batch) await accept({ event, facts: null } satisfies DecodedEvent);
      }
      return reading.summaries() satisfies readonly SourceSummary[];
    },
    progress: () => reading?.progress() ?? { done: 0, total: null },
    stop: () => Promise.resolve(),
  };
}
