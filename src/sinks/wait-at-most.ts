import { setTimeout as wait } from "node:timers/promises";

/** Waits for the promise, at most `ms` milliseconds. */
export async function waitAtMost(ms: number, promise: Promise<void>): Promise<void> {
  const over = new AbortController();
  // The only rejection is that of `over`, after the race is decided.
  const limit = wait(ms, undefined, { signal: over.signal }).catch(() => undefined);
  await Promise.race([promise, limit]).finally(() => over.abort());
}
