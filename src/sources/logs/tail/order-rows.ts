// Rows of several files in the order of time. A row is written when its call ends, and files are read one after the other, so each
// row waits a while for earlier ones.
import type { LogRow } from "../../../core/log-row.ts";

const waitMs = 5000;
/** So many rows wait at most: more come only when much is read at once. */
const waitingLimit = 20_000;

interface Waiting {
  readonly row: LogRow;
  readonly cameAt: number;
}

export class OrderedRows {
  #waiting: Waiting[] = [];

  add(rows: readonly LogRow[], now: number): void {
    for (const row of rows) this.#waiting.push({ row, cameAt: now });
  }

  get length(): number {
    return this.#waiting.length;
  }

  /** Removes and returns the rows that have waited long enough, and those that ended before them. */
  takeDue(now: number): readonly LogRow[] {
    const isTooMany = this.#waiting.length > waitingLimit;
    // Rows come in the order of `cameAt`.
    const due = isTooMany
      ? this.#waiting.length - waitingLimit / 2
      : this.#waiting.findIndex(({ cameAt }) => now - cameAt < waitMs);
    const count = due === -1 ? this.#waiting.length : due;
    if (count === 0) return [];
    let until = Number.NEGATIVE_INFINITY;
    for (let index = 0; index < count; index++) until = Math.max(until, this.#waiting[index]?.row.endedAt ?? until);
    const taken = this.#waiting.filter(({ row }) => row.endedAt <= until);
    this.#waiting = this.#waiting.filter(({ row }) => row.endedAt > until);
    return inOrder(taken);
  }

  /** Removes and returns all rows. */
  takeAll(): readonly LogRow[] {
    const taken = this.#waiting;
    this.#waiting = [];
    return inOrder(taken);
  }

  /** When the next row is due, epoch milliseconds; null without rows. */
  nextDue(): number | null {
    const [first] = this.#waiting;
    return first === undefined ? null : first.cameAt + waitMs;
  }
}

function inOrder(waiting: readonly Waiting[]): readonly LogRow[] {
  return waiting.map(({ row }) => row).sort((one, other) => one.endedAt - other.endedAt);
}
