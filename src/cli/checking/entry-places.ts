import type { LoggedEntry } from "../../expectations/entry-log.ts";
import type { EntryPlace } from "../../sinks/ci/trace-report.ts";
import { linesOfEntries } from "../../sources/entry-lines.ts";

const mostPlaces = 1000;

/** Where entries stand in their file, with their neighbours. The file is read again only when some are wanted. */
export async function placesOf(
  path: string,
  entries: readonly LoggedEntry[],
  wanted: ReadonlySet<string>,
): Promise<readonly EntryPlace[]> {
  if (wanted.size === 0) return [];
  const transactions = entries.filter((entry) => entry.ordinal !== null);
  const found = transactions.filter(({ id }) => wanted.has(id)).slice(0, mostPlaces);
  const ordinals = new Set(found.flatMap(({ ordinal }) => ordinal ?? []));
  const lines = await linesOfEntries(path, ordinals);
  return found.map(({ id, ordinal, line }) => ({
    id,
    line: lines.get(ordinal ?? -1) ?? null,
    text: line,
    around: {
      before: transactions[(ordinal ?? 0) - 1]?.line ?? null,
      after: transactions[(ordinal ?? 0) + 1]?.line ?? null,
    },
  }));
}
