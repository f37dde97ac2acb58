// Filters over header fields and bodies, for screens: transactions in memory are searched in slices, later ones as they come.
import { setImmediate } from "node:timers/promises";
import { readFilter } from "../../filter/filter.ts";
import type { RecentTransaction, RecentTransactions } from "./recent-transactions.ts";

export interface ContentSearch {
  stop(): void;
  /** Searches one new transaction. */
  accept(recent: RecentTransaction): void;
}

const sliceMs = 8;

/** Reports ids as they are found, with the part that is done (0 to 1). A text that is not a filter finds nothing; the screen reports that itself. */
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
      // Traffic is handled between two slices.
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
