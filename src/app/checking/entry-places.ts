import type { LoggedEntry } from "../../expectations/entry-log.ts";
import type { EntryPlace } from "../../sinks/ci/trace-report.ts";
import { linesOfEntries } from "../../sources/json/entry-lines.ts";

const mostPlaces = 1000;

export interface WantedPlaces {
  readonly wanted: ReadonlySet<string>;
  /** Number in its file of each transaction, in the order of time. */
  readonly ordinals: readonly number[];
}

/** Where entries stand in their file, with their neighbours in time. The file is read again only when some are wanted. */
export async function placesOf(
  path: string,
  entries: readonly LoggedEntry[],
  { wanted, ordinals: inFile }: WantedPlaces,
): Promise<readonly EntryPlace[]> {
  if (wanted.size === 0) return [];
  const transactions = entries.filter((entry) => entry.ordinal !== null);
  const found = transactions.filter(({ id }) => wanted.has(id)).slice(0, mostPlaces);
  const placeOf = (ordinal: number | null): number => inFile[ordinal ?? -1] ?? -1;
  const lines = await linesOfEntries(path, new Set(found.map(({ ordinal }) => placeOf(ordinal))));
  return found.map(({ id, ordinal, line }) => ({
    id,
    line: lines.get(placeOf(ordinal)) ?? null,
    text: line,
    around: {
      before: transactions[(ordinal ?? 0) - 1]?.line ?? null,
      after: transactions[(ordinal ?? 0) + 1]?.line ?? null,
    },
  }));
}
