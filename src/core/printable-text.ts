// Captured text on its way into a message: printable ASCII only, and short. Nothing else may stand in a sentence.

const longest = 120;

/** The text with everything outside printable ASCII as `?`, cut. Safe in a terminal, a log and a report; not in HTML. */
export function printable(text: string): string {
  const cut = text.length > longest ? `${text.slice(0, longest)}...` : text;
  return cut.replace(/[^\x20-\x7e]/g, "?");
}

/** ISO 8601 in UTC, or words where the number is no time that a calendar holds. */
export function isoTime(at: number): string {
  const time = new Date(at);
  return Number.isNaN(time.getTime()) ? "a time out of range" : time.toISOString();
}
