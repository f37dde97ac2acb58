// 1971-01-01. No capture is older, and what programs write for a time they do not know (0, 1970-01-01) is.
const earliest = 31_536_000_000;
/** The end of the year 9999: no text of ISO 8601 with four digits is later. */
const latest = 253_402_300_799_999;
/** A year: a longer value of a hostile or broken file is not a duration. */
const longestMs = 366 * 86_400_000;

/** True for a time that says when something happened (epoch milliseconds). */
export function isKnownTime(at: number): boolean {
  return at >= earliest && at <= latest - longestMs;
}

/** A time that a file says; 0 where it is later than any that can be written. */
export function possibleTime(at: number): number {
  return at <= latest ? at : 0;
}

/** The duration that a file says, milliseconds; null when no exchange can have it. */
export function knownDuration(milliseconds: number | null): number | null {
  return milliseconds !== null && milliseconds <= longestMs ? milliseconds : null;
}
