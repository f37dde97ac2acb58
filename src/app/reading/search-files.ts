// A filter over header fields and bodies of saved captures: they are read once more, so that nothing has to be held for it.
import type { CaptureEvent } from "../../core/capture-event.ts";
import type { Analyzer } from "../../diagnosis/analyze.ts";
import { startFileAnalysis } from "../../diagnosis/analyze-file.ts";
import { type Filter, readFilter } from "../../filter/filter.ts";
import { filterSubject } from "../../filter/subject.ts";
import { restartMarker } from "../../sources/time/read-in-time-order.ts";
import type { Configuration } from "../configuration.ts";
import { type CaptureGroup, judgingOptions, readGroup } from "./capture-group.ts";

export interface Search {
  readonly groups: readonly CaptureGroup[];
  /** Those of them that were found not to be in the order of time. */
  readonly unordered: ReadonlySet<CaptureGroup>;
  readonly text: string;
  readonly configuration: Configuration;
  readonly realm: string | null;
}

type Found = (ids: readonly string[], part: number) => void;

const toldEvery = 500;

/** Tells ids as they are found, and how far it is. A text that is no filter finds nothing. */
export function searchFiles(search: Search, found: Found): { stop(): void } {
  const read = readFilter(search.text, Date.now());
  const filter = read.ok ? read.filter : null;
  const stopping = new AbortController();
  if (filter === null) return { stop: () => undefined };
  // A file that went away meanwhile: what was found stands, and the search is over.
  lookThrough(search, { filter, stopping: stopping.signal, found }).catch(() => found([], 1));
  return { stop: () => stopping.abort() };
}

interface Looking {
  readonly filter: Filter;
  readonly stopping: AbortSignal;
  readonly found: Found;
}

async function lookThrough(search: Search, looking: Looking): Promise<void> {
  const { groups } = search;
  for (const [at, group] of groups.entries()) {
    const share = { before: at / groups.length, part: 1 / groups.length };
    await lookThroughOne(search, { group, share }, looking);
  }
  if (!looking.stopping.aborted) looking.found([], 1);
}

interface One {
  readonly group: CaptureGroup;
  /** What part of the whole search it is. */
  readonly share: { readonly before: number; readonly part: number };
}

async function lookThroughOne(search: Search, { group, share }: One, looking: Looking): Promise<void> {
  const { configuration, realm } = search;
  const { applications } = configuration;
  const options = { ...(realm === null ? {} : { realm }), applications, ...judgingOptions(group) };
  const { batches, progress } = readGroup(group, { take: () => null, isUnordered: search.unordered.has(group) });
  const analyzer = startFileAnalysis(options);
  let seen = 0;
  for await (const batch of batches) {
    // Ids of the wrong order name other rows. The screen is about to begin again, and asks again.
    if (batch === restartMarker || looking.stopping.aborted) return;
    const ids = batch.flatMap(({ event }) => fittingId(event, analyzer, looking.filter) ?? []);
    const told = Math.floor(seen / toldEvery);
    seen += batch.length;
    if (ids.length === 0 && Math.floor(seen / toldEvery) === told) continue;
    const { done, total } = progress();
    const part = total === null ? 0 : done / Math.max(1, total);
    looking.found(ids, Math.min(0.99, share.before + share.part * part));
  }
  looking.found([], Math.min(0.99, share.before + share.part));
}

/** Id of the row that an event makes, when it fits. */
function fittingId(event: CaptureEvent, analyzer: Analyzer, filter: Filter): string | null {
  const { row, facts, findings } = analyzer.accept(event);
  if (row === null || event.kind !== "transaction") return null;
  return filter.matches(filterSubject(row, facts, findings), event.transaction) ? row.id : null;
}
