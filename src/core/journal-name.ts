// Names of a rotated journal: the part being written keeps the name of the journal, older parts append a number.

/** The name of an older part: `capture.ndjson.000003`. */
export function segmentName(journal: string, number: number): string {
  return `${journal}.${String(number).padStart(6, "0")}`;
}

/** The number of an older part of this journal; null for any other name. */
export function segmentNumber(journal: string, name: string): number | null {
  if (!name.startsWith(`${journal}.`)) return null;
  const digits = name.slice(journal.length + 1);
  return /^\d{6,12}$/.test(digits) && Number(digits) > 0 ? Number(digits) : null;
}
