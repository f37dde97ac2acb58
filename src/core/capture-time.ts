// 1971-01-01: later than what programs write for an unknown time (0, 1970-01-01), earlier than any capture.
const earliest = 31_536_000_000;
/** The end of the year 9999, the last one of four digits in ISO 8601. */
const latest = 253_402_300_799_999;
/** A year. A longer duration comes from a hostile or broken file. */
const longestMs = 366 * 86_400_000;

/** True for a plausible time of an event (epoch milliseconds). */
export function isKnownTime(at: number): boolean {
  return at >= earliest && at <= latest - longestMs;
}

/** The time of a file (epoch milliseconds), or 0 when it is after the year 9999. */
export function timeOrUnknown(at: number): number {
  return at <= latest ? at : 0;
}

/** The duration of a file (milliseconds), or null when it is longer than a year. */
export function durationOrUnknown(milliseconds: number | null): number | null {
  return milliseconds !== null && milliseconds <= longestMs ? milliseconds : null;
}
