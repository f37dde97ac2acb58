// Sorts events that are nearly in order while they pass.
import { compareKeys, type TimeKey } from "./time-key.ts";

export interface Keyed {
  readonly key: TimeKey;
  /** The id of the transaction is its number in the file, which must be its number in time as well. */
  readonly isNumberedByPlace: boolean;
}

/** Capture time that an event is held for one that was written later and ended earlier, milliseconds. */
const slackMs = 2_000;
/** Events held for that reason at most, and in total at most. */
const slackLimit = 64;
const limit = 4_096;

/**
 * Puts the events of a file that is nearly in the order of time into that order while they pass. Overlapping events are
 * held until none that ends earlier can follow; at most `limit` are held.
 */
export class TimeWindow<Item extends Keyed> {
  /** A binary heap, the earliest first. */
  readonly #heap: Item[] = [];
  #lastStart = Number.NEGATIVE_INFINITY;
  #lastNumbered = Number.NEGATIVE_INFINITY;
  #released: TimeKey | null = null;

  /** Adds an event; false when the file is not in order, so that earlier results of `shift` were wrong. */
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

  /** Removes the next event; null while it must be held. */
  shift(): Item | null {
    const [first] = this.#heap;
    if (first === undefined) return null;
    const { end } = first.key;
    const size = this.#heap.length;
    const isOver = end < this.#lastStart - slackMs || (end < this.#lastStart && size > slackLimit) || size > limit;
    return isOver ? this.#take(first) : null;
  }

  /** Removes all held events in order, after the last `push`. */
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
