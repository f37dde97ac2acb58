// The evidence of a handshake: ids of its first and its last transactions. A long handshake grows with each call, so the versions of
// a list share one array; a version ends where it was made.

export interface Evidence {
  readonly first: readonly string[];
  /** Shared between versions; this one ends at `end`. */
  readonly last: string[];
  readonly end: number;
}

const firstLimit = 50;
const lastLimit = 50;
/** Length of a shared array at which the next version begins a new one. */
const sharedLimit = 150;

export const noEvidence: Evidence = { first: [], last: [], end: 0 };

/** A new version with one more transaction; the given version does not change. */
export function withEvidence({ first, last, end }: Evidence, id: string): Evidence {
  if (first.length < firstLimit) return { first: [...first, id], last, end };
  // A later version may already have appended, and the empty list is shared by all.
  const isFree = end > 0 && end === last.length && end < sharedLimit;
  const shared = isFree ? last : last.slice(Math.max(0, end - lastLimit), end);
  shared.push(id);
  return { first, last: shared, end: shared.length };
}

/** Ids of the transactions in their order: the first 50 and the last 50. */
export function evidenceIds({ first, last, end }: Evidence): readonly string[] {
  return [...first, ...last.slice(Math.max(0, end - lastLimit), end)];
}
