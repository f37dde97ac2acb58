// Filters over header fields and bodies, for screens: what is in memory is gone through in slices, then what comes is
// looked at as it comes.
import { setImmediate } from "node:timers/promises";
import { readFilter } from "../../filter/filter.ts";
import type { RecentTransaction, RecentTransactions } from "./recent-transactions.ts";

export interface ContentSearch {
  stop(): void;
  /** Looks at one that has just come. */
  accept(recent: RecentTransaction): void;
}

const sliceMs = 8;

/** Tells ids as they are found. A text that is no filter finds nothing: the screen has told that already. */
export function startContentSearch(
  text: string,
  recent: RecentTransactions,
  found: (ids: readonly string[], part: number) => void,
): ContentSearch {
  const read = readFilter(text, Date.now());
  const filter = read.ok ? read.filter : null;
  let isStopped = filter === null;
  void (async () => {
    let ids: string[] = [];
    let done = 0;
    let began = performance.now();
    const total = recent.size;
    for (const { subject, transaction } of [...recent.all()]) {
      if (isStopped) return;
      if (filter?.matches(subject, transaction) === true) ids.push(transaction.id);
      done += 1;
      // The traffic comes first: it gets its turn between two slices.
      if (performance.now() - began > sliceMs) {
        found(ids, Math.min(0.99, done / total));
        ids = [];
        await setImmediate();
        began = performance.now();
      }
    }
    found(ids, 1);
  })();
  return {
    stop() {
      isStopped = true;
    },
    accept({ subject, transaction }) {
      if (!isStopped && filter?.matches(subject, transaction) === true) found([transaction.id], 1);
    },
  };
}
