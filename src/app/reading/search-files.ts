// A filter over header fields and bodies of saved captures reads them once more, so that nothing has to be held for it.
import type { CaptureEvent } from "../../core/capture-event.ts";
import type { Analyzer } from "../../diagnosis/analyze.ts";
import { startFileAnalysis } from "../../diagnosis/analyze-file.ts";
import { type Filter, readFilter } from "../../filter/filter.ts";
import { filterSubject } from "../../filter/subject.ts";
import { restartMarker } from "../../sources/time/read-in-time-order.ts";
import type { Configuration } from "../configuration.ts";
import { knownApplications } from "../hybrid-app.ts";
import { type CaptureGroup, judgingOptions, readGroup } from "./capture-group.ts";

export interface Search {
  readonly groups: readonly CaptureGroup[];
  /** Groups whose files are not in the order of time. */
  readonly unordered: ReadonlySet<CaptureGroup>;
  readonly text: string;
  readonly configuration: Configuration;
  readonly realm: string | null;
}

type Found = (ids: readonly string[], part: number) => void;

const reportEvery = 500;

/** Reports ids as they are found, with the part that is done (0 to 1). A text that is not a filter finds nothing. */
export function searchFiles(search: Search, found: Found): { stop(): void } {
  const read = readFilter(search.text, Date.now());
  const filter = read.ok ? read.filter : null;
  const stopping = new AbortController();
  if (filter === null) return { stop: () => undefined };
  // A file that was removed meanwhile ends the search; the ids that were found stay valid.
  searchGroups(search, { filter, stopping: stopping.signal, found }).catch(() => found([], 1));
  return { stop: () => stopping.abort() };
}

interface RunningSearch {
  readonly filter: Filter;
  readonly stopping: AbortSignal;
  readonly found: Found;
}

async function searchGroups(search: Search, running: RunningSearch): Promise<void> {
  const { groups } = search;
  for (const [at, group] of groups.entries()) {
    const share = { before: at / groups.length, part: 1 / groups.length };
    await searchGroup(search, { group, share }, running);
  }
  if (!running.stopping.aborted) running.found([], 1);
}

interface One {
  readonly group: CaptureGroup;
  /** The part of the whole search that the group is. */
  readonly share: { readonly before: number; readonly part: number };
}

async function searchGroup(search: Search, { group, share }: One, running: RunningSearch): Promise<void> {
  const { configuration, realm } = search;
  const options = {
    ...(realm === null ? {} : { realm }),
    ...knownApplications(configuration),
    ...judgingOptions(group),
  };
  const { batches, progress } = readGroup(group, { take: () => null, isUnordered: search.unordered.has(group) });
  const analyzer = startFileAnalysis(options);
  let seen = 0;
  for await (const batch of batches) {
    // In another order the ids name other rows. The screen begins again and repeats its search.
    if (batch === restartMarker || running.stopping.aborted) return;
    const ids = batch.flatMap(({ event }) => matchingId(event, analyzer, running.filter) ?? []);
    const reported = Math.floor(seen / reportEvery);
    seen += batch.length;
    if (ids.length === 0 && Math.floor(seen / reportEvery) === reported) continue;
    const { done, total } = progress();
    const part = total === null ? 0 : done / Math.max(1, total);
    running.found(ids, Math.min(0.99, share.before + share.part * part));
  }
  running.found([], Math.min(0.99, share.before + share.part));
}

/** The id of an event's row when the filter matches it; else null. */
function matchingId(event: CaptureEvent, analyzer: Analyzer, filter: Filter): string | null {
  const { row, facts, findings } = analyzer.accept(event);
  if (row === null || event.kind !== "transaction") return null;
  return filter.matches(filterSubject(row, facts, findings), event.transaction) ? row.id : null;
}
