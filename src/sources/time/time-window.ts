import { compareKeys, type TimeKey } from "./time-key.ts";

export interface Keyed {
  readonly key: TimeKey;
  /** The id of the transaction is its place in the file: it must be the place in time as well. */
  readonly isNumberedByPlace: boolean;
}

/** Capture time that an event waits for one that was written after it and ended before it, milliseconds. */
const slackMs = 2_000;
/** How many wait at most for that alone, and at most in all. */
const slackLimit = 64;
const limit = 4_096;

/**
 * Puts events of a file that is nearly in the order of time into that order while they go by. What overlaps waits until
 * nothing that ends sooner can come; no more than `limit` wait.
 */
export class TimeWindow<Item extends Keyed> {
  /** A binary heap, the earliest first. */
  readonly #heap: Item[] = [];
  #lastStart = Number.NEGATIVE_INFINITY;
  #lastNumbered = Number.NEGATIVE_INFINITY;
  #released: TimeKey | null = null;

  /** Takes one event; false when the file is not in order, and what was taken out before was wrong. */
  push(item: Item): boolean {
    const { key, isNumberedByPlace } = item;
    if (!Number.isFinite(key.start)) return false;
    if (this.#released !== null && compareKeys(key, this.#released) < 0) return false;
    if (isNumberedByPlace && key.start < this.#lastNumbered) return false;
    if (isNumberedByPlace) this.#lastNumbered = key.start;
    this.#lastStart = Math.max(this.#lastStart, key.start);
    this.#heap.push(item);
    rise(this.#heap, this.#heap.length - 1);
    return true;
  }

  /** The next event that can be taken out; null when it has to wait. */
  shift(): Item | null {
    const [first] = this.#heap;
    if (first === undefined) return null;
    const { end } = first.key;
    const size = this.#heap.length;
    const isOver = end < this.#lastStart - slackMs || (end < this.#lastStart && size > slackLimit) || size > limit;
    return isOver ? this.#take(first) : null;
  }

  /** Everything that waits, in order: no more will come. */
  *rest(): Generator<Item> {
    for (let first = this.#heap[0]; first !== undefined; first = this.#heap[0]) yield this.#take(first);
  }

  #take(first: Item): Item {
    const last = this.#heap.pop();
    if (last !== undefined && last !== first) {
      this.#heap[0] = last;
      sink(this.#heap);
    }
    this.#released = first.key;
    return first;
  }
}

function rise(heap: Keyed[], from: number): void {
  let at = from;
  while (at > 0) {
    const above = (at - 1) >> 1;
    if (!swapIfLess(heap, at, above)) return;
    at = above;
  }
}

function sink(heap: Keyed[]): void {
  let at = 0;
  for (;;) {
    const [left, right] = [2 * at + 1, 2 * at + 2];
    const least = right < heap.length && isLess(heap, right, left) ? right : left;
    if (least >= heap.length || !swapIfLess(heap, least, at)) return;
    at = least;
  }
}

function isLess(heap: readonly Keyed[], one: number, other: number): boolean {
  const [first, second] = [heap[one], heap[other]];
  return first !== undefined && second !== undefined && compareKeys(first.key, second.key) < 0;
}

function swapIfLess(heap: Keyed[], one: number, other: number): boolean {
  if (!isLess(heap, one, other)) return false;
  const [first, second] = [heap[one], heap[other]];
  if (first === undefined || second === undefined) return false;
  heap[one] = second;
  heap[other] = first;
  return true;
}
