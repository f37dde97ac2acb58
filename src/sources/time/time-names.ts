// Sorts events by time, and assigns the ids and times that the file does not have.
import type { CaptureEvent } from "../../core/capture-event.ts";
import type { HttpTransaction } from "../../core/http-transaction.ts";
import { compareKeys, compareStarts, type TimeKey } from "./time-key.ts";

/** Ids and times to assign, computed from all events of a capture before the first is emitted. */
export interface Names {
  /** New ids of transactions without an id in the file, by their old ones. */
  readonly ids: ReadonlyMap<string, string>;
  /** The first and the last time in the file, epoch milliseconds; 0 when it has none. */
  readonly first: number;
  readonly last: number;
}

interface Placeable {
  readonly key: TimeKey;
  readonly isNumberedByPlace: boolean;
  readonly event: CaptureEvent;
}

/** The events in the order of time, with ids and times assigned. */
export function sortAndName<Item extends Placeable>(items: readonly Item[]): readonly Item[] {
  const names = assignNames(
    items.map(({ key, isNumberedByPlace, event }) => ({
      key,
      id: isNumberedByPlace && event.kind === "transaction" ? event.transaction.id : null,
    })),
  );
  return [...items].sort((one, other) => compareKeys(one.key, other.key)).map((item) => withAssignedNames(item, names));
}

/** Numbers the transactions without an id in the file in the order they began; `id` is null for all other events. */
export function assignNames(keys: readonly { readonly key: TimeKey; readonly id: string | null }[]): Names {
  const ids = new Map<string, string>();
  for (const unnamed of byFile(keys)) {
    const sorted = [...unnamed].sort((one, other) => compareStarts(one.key, other.key));
    for (const [index, { id }] of sorted.entries()) {
      const own = unnamed[index]?.id ?? id;
      if (own !== id) ids.set(id, own);
    }
  }
  let [first, last] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (const { key } of keys) {
    if (!Number.isFinite(key.start)) continue;
    first = Math.min(first, key.start);
    last = Math.max(last, key.end);
  }
  return Number.isFinite(first) ? { ids, first, last } : { ids, first: 0, last: 0 };
}

interface Unnamed {
  readonly key: TimeKey;
  readonly id: string;
}

/** Captures that are judged together are numbered separately (`f2.t7`). */
function byFile(keys: readonly { readonly key: TimeKey; readonly id: string | null }[]): Iterable<readonly Unnamed[]> {
  const files = new Map<string, Unnamed[]>();
  for (const { key, id } of keys) {
    if (id === null) continue;
    const file = id.slice(0, id.lastIndexOf(".") + 1);
    const known = files.get(file);
    if (known === undefined) files.set(file, [{ key, id }]);
    else known.push({ key, id });
  }
  return files.values();
}

/** The item, with the assigned id and time in its event. */
export function withAssignedNames<Item extends Placeable>(item: Item, names: Names): Item {
  const { event, key } = item;
  if (event.kind === "signature") {
    const id = names.ids.get(event.check.transactionId);
    return id === undefined ? item : { ...item, event: { ...event, check: { ...event.check, transactionId: id } } };
  }
  if (event.kind !== "transaction") return item;
  const transaction = timed(renamed(event.transaction, item, names), key, names);
  return transaction === event.transaction ? item : { ...item, event: { kind: "transaction", transaction } };
}

function renamed(transaction: HttpTransaction, { isNumberedByPlace }: Placeable, { ids }: Names): HttpTransaction {
  const id = isNumberedByPlace ? ids.get(transaction.id) : undefined;
  if (id === undefined) return transaction;
  // A connection without a name in the file has the number of its only request.
  const connectionOf = (name: string): string => name.replace(/t(?=\d+$)/, "e");
  const isOwn = transaction.connection === connectionOf(transaction.id);
  return { ...transaction, id, connection: isOwn ? connectionOf(id) : transaction.connection };
}

/** A transaction without a time gets the first or last time of the capture, by its position. */
function timed(transaction: HttpTransaction, { start }: TimeKey, { first, last }: Names): HttpTransaction {
  if (Number.isFinite(start)) return transaction;
  return { ...transaction, startedAt: start < 0 ? first : last };
}

/**
 * Assigns the ids of requests that began in the same millisecond while a file is read in order, equal to those of a
 * file that is sorted as a whole. `name` may be called for an item once a later one was added, or after `end`.
 */
export class TieNames<Item extends Placeable> {
  readonly #ids = new Map<string, string>();
  #group: Item[] = [];

  add(item: Item): void {
    const [first] = this.#group;
    if (first !== undefined && item.key.start > first.key.start) this.end();
    if (item.isNumberedByPlace) this.#group.push(item);
  }

  end(): void {
    const group = this.#group;
    this.#group = [];
    if (group.length < 2) return;
    const { ids } = assignNames(
      group.map(({ key, event }) => ({ key, id: event.kind === "transaction" ? event.transaction.id : null })),
    );
    for (const [old, id] of ids) this.#ids.set(old, id);
  }

  name(item: Item): Item {
    if (this.#ids.size === 0 || item.event.kind !== "transaction") return item;
    const { id } = item.event.transaction;
    const renamedItem = withAssignedNames(item, { ids: this.#ids, first: 0, last: 0 });
    this.#ids.delete(id);
    return renamedItem;
  }
}
