// What the order of time makes of events that are all at hand: their order, and the ids and times that the file left out.
import type { CaptureEvent } from "../../core/capture-event.ts";
import type { HttpTransaction } from "../../core/http-transaction.ts";
import { compareKeys, compareStarts, type TimeKey } from "./time-key.ts";

/** What is known of all events of a capture before any of them is given out. */
export interface Names {
  /** New ids of transactions that the file does not name, by their old ones. */
  readonly ids: ReadonlyMap<string, string>;
  /** The first and the last moment of the capture that the file says, epoch milliseconds; 0 where it says none. */
  readonly first: number;
  readonly last: number;
}

interface Placeable {
  readonly key: TimeKey;
  readonly isNumberedByPlace: boolean;
  readonly event: CaptureEvent;
}

/** The events in the order of time, with the ids that they have there. */
export function sortAndName<Item extends Placeable>(items: readonly Item[]): readonly Item[] {
  const names = assignNames(
    items.map(({ key, isNumberedByPlace, event }) => ({
      key,
      id: isNumberedByPlace && event.kind === "transaction" ? event.transaction.id : null,
    })),
  );
  return [...items].sort((one, other) => compareKeys(one.key, other.key)).map((item) => withAssignedNames(item, names));
}

/** Names the transactions that the file numbers by place in the order they began; `id` is null for all other events. */
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

/** Several captures that are judged together are numbered each by itself (`f2.t7`). */
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

/** The item with its event as it is called in the order of time. */
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
  // A connection that the file does not name is called by the number of its only request.
  const connectionOf = (name: string): string => name.replace(/t(?=\d+$)/, "e");
  const isOwn = transaction.connection === connectionOf(transaction.id);
  return { ...transaction, id, connection: isOwn ? connectionOf(id) : transaction.connection };
}

/** What has no time is taken to be of the moment where it stands. */
function timed(transaction: HttpTransaction, { start }: TimeKey, { first, last }: Names): HttpTransaction {
  if (Number.isFinite(start)) return transaction;
  return { ...transaction, startedAt: start < 0 ? first : last };
}

/**
 * The ids of requests that began in the same millisecond, in a file that goes by in order: those that they have when all of
 * the file is at hand. Asked for an item only when one that began later has come, or `end` was called.
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
