// The transactions that a screen may request: unsanitised, in memory only, bounded in number and bytes.
import type { HttpTransaction } from "../../core/http-transaction.ts";
import type { FilterSubject } from "../../filter/subject.ts";

export interface RecentTransaction {
  readonly subject: FilterSubject;
  readonly transaction: HttpTransaction;
}

export interface RecentLimit {
  readonly count: number;
  readonly bytes: number;
}

export interface RecentTransactions {
  /** Adds one, and removes the oldest beyond the limit. */
  add(recent: RecentTransaction, limit: RecentLimit): void;
  get(id: string): HttpTransaction | null;
  /** The oldest first. */
  all(): Iterable<RecentTransaction>;
  readonly size: number;
}

/** About the bytes of a transaction without its bodies. */
const overhead = 4096;

export function startRecentTransactions(): RecentTransactions {
  const kept = new Map<string, RecentTransaction>();
  let bytes = 0;
  return {
    add(recent, limit) {
      kept.set(recent.transaction.id, recent);
      bytes += weightOf(recent.transaction);
      while (kept.size > limit.count || bytes > limit.bytes) {
        const [oldest] = kept;
        if (oldest === undefined) return;
        kept.delete(oldest[0]);
        bytes -= weightOf(oldest[1].transaction);
      }
    },
    get: (id) => kept.get(id)?.transaction ?? null,
    all: () => kept.values(),
    get size() {
      return kept.size;
    },
  };
}

function weightOf({ request, response }: HttpTransaction): number {
  return overhead + request.body.bytes.length + (response?.body.bytes.length ?? 0);
}
