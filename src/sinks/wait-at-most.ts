import { setTimeout as wait } from "node:timers/promises";

/** Waits for it, but no longer than so many milliseconds. */
export async function waitAtMost(ms: number, promise: Promise<void>): Promise<void> {
  const over = new AbortController();
  const limit = wait(ms, undefined, { signal: over.signal }).catch(() => undefined);
  await Promise.race([promise, limit]).finally(() => over.abort());
}
