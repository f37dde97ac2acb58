// How long to wait before a request is sent again.

/** How long to wait before attempt `attempt` + 1 (the first attempt is 1). `jitter` is between 0 and 1. */
export function backoffMs(attempt: number, jitter: number): number {
  return Math.min(1000 * 2 ** (attempt - 1), 16_000) * (0.75 + jitter / 2);
}

/** `Retry-After` in milliseconds from now: seconds or an HTTP date (RFC 9110 §10.2.3); null when missing or unreadable. */
export function retryAfterMs(header: string | null, now: number): number | null {
  if (header === null) return null;
  const text = header.trim();
  if (/^\d{1,9}$/.test(text)) return Number(text) * 1000;
  const at = /^[A-Z][a-z]{2},/.test(text) ? Date.parse(text) : Number.NaN;
  return Number.isNaN(at) ? null : Math.max(0, at - now);
}
