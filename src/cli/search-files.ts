// A filter over header fields and bodies of saved captures: they are read once more, so that nothing has to be held for it.
import type { CaptureEvent } from "../core/capture-event.ts";
import { type Analyzer, startAnalysis } from "../diagnosis/analyze.ts";
import { type Filter, readFilter } from "../filter/filter.ts";
import { filterSubject } from "../filter/subject.ts";
import { openCapture } from "../sources/open-capture.ts";
import type { Configuration } from "./configuration.ts";
import { renumber } from "./renumber.ts";

export interface Search {
  readonly files: readonly string[];
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
  const { files, configuration, realm } = search;
  const { applications } = configuration;
  const analyzer = startAnalysis(realm === null ? { applications } : { applications, realm });
  for (const [at, file] of files.entries()) {
    const prefix = files.length === 1 ? null : at + 1;
    const share = { before: at / files.length, part: 1 / files.length };
    await lookThroughOne({ file, prefix, analyzer, share }, looking);
  }
  if (!looking.stopping.aborted) looking.found([], 1);
}

interface One {
  readonly file: string;
  readonly prefix: number | null;
  readonly analyzer: Analyzer;
  /** What part of the whole search it is. */
  readonly share: { readonly before: number; readonly part: number };
}

async function lookThroughOne({ file, prefix, analyzer, share }: One, looking: Looking): Promise<void> {
  const capture = await openCapture(file);
  let ids: string[] = [];
  let seen = 0;
  for await (const event of capture.events) {
    if (looking.stopping.aborted) return;
    const id = fittingId(prefix === null ? event : renumber(event, prefix), analyzer, looking.filter);
    if (id !== null) ids.push(id);
    seen += 1;
    if (seen % toldEvery !== 0) continue;
    const { done, total } = capture.progress();
    const part = total === null ? 0 : done / Math.max(1, total);
    looking.found(ids, Math.min(0.99, share.before + share.part * part));
    ids = [];
  }
  looking.found(ids, Math.min(0.99, share.before + share.part));
}

/** Id of the row that an event makes, when it fits. */
function fittingId(event: CaptureEvent, analyzer: Analyzer, filter: Filter): string | null {
  const { row, facts, findings } = analyzer.accept(event);
  if (row === null || event.kind !== "transaction") return null;
  return filter.matches(filterSubject(row, facts, findings), event.transaction) ? row.id : null;
}
