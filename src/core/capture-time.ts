// 1971-01-01. No capture is older, and what programs write for a time they do not know (0, 1970-01-01) is.
const earliest = 31_536_000_000;

/** True for a time that says when something happened (epoch milliseconds). */
export function isKnownTime(at: number): boolean {
  return at >= earliest && at <= 8.64e15;
}
