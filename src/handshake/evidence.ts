// The transactions that a handshake rests on: its first and its last ones. A long handshake grows with each of its calls, so
// the versions of one list share what they hold; a version never sees what was added after it.

export interface Evidence {
  readonly first: readonly string[];
  /** Shared; this version ends at `end`. */
  readonly last: string[];
  readonly end: number;
}

const firstLimit = 50;
const lastLimit = 50;
/** How long a shared list may become before the next version begins a new one. */
const sharedLimit = 150;

export const noEvidence: Evidence = { first: [], last: [], end: 0 };

/** The evidence with one transaction more; the given one stays as it is. */
export function withEvidence({ first, last, end }: Evidence, id: string): Evidence {
  if (first.length < firstLimit) return { first: [...first, id], last, end };
  // Another version may have gone on from here, and the empty list is everybody's.
  const isFree = end > 0 && end === last.length && end < sharedLimit;
  const shared = isFree ? last : last.slice(Math.max(0, end - lastLimit), end);
  shared.push(id);
  return { first, last: shared, end: shared.length };
}

/** Ids of the transactions in their order: the first 50 and the last 50. */
export function evidenceIds({ first, last, end }: Evidence): readonly string[] {
  return [...first, ...last.slice(Math.max(0, end - lastLimit), end)];
}
