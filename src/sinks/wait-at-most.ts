import { setTimeout as wait } from "node:timers/promises";

/** Waits for the promise, at most `ms` milliseconds. */
export async function waitAtMost(ms: number, promise: Promise<void>): Promise<void> {
  const over = new AbortController();
  const limit = wait(ms, undefined, { signal: over.signal }).catch(() => undefined);
  await Promise.race([promise, limit]).finally(() => over.abort());
}
