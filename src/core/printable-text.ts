// Captured text for a message: short and printable ASCII only.

const longest = 120;

/** The text, truncated, with `?` for everything outside printable ASCII. Safe in a terminal, a log and a report; not in HTML. */
export function printable(text: string): string {
  const cut = text.length > longest ? `${text.slice(0, longest)}...` : text;
  return cut.replace(/[^\x20-\x7e]/g, "?");
}

/** ISO 8601 in UTC, or "a time out of range". */
export function isoTime(at: number): string {
  const time = new Date(at);
  return Number.isNaN(time.getTime()) ? "a time out of range" : time.toISOString();
}
