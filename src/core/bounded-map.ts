/** A least-recently-used map: a full map evicts the entry that was used longest ago. */
export interface BoundedMap<Key, Value> {
  /** Returns the value and marks it as used. */
  get(key: Key): Value | undefined;
  /** Stores the value; returns the evicted one, if any. */
  set(key: Key, value: Value): Value | undefined;
  delete(key: Key): void;
  /** Values, least recently used first. */
  values(): IterableIterator<Value>;
}

/** An entry in a ring. One link of the ring holds no entry: its `next` is the least recently used, its `previous` the most. */
interface Link<Key, Value> {
  readonly key: Key;
  value: Value;
  previous: Link<Key, Value>;
  next: Link<Key, Value>;
}

/** Creates an empty BoundedMap of at most `limit` entries. A read moves one link and never rebuilds the table. */
export function boundedMap<Key, Value>(limit: number): BoundedMap<Key, Value> {
  const links = new Map<Key, Link<Key, Value>>();
  const ring = emptyRing<Key, Value>();
  return {
    get(key) {
      const link = links.get(key);
      if (link === undefined) return undefined;
      use(link, ring);
      return link.value;
    },
    set(key, value) {
      const known = links.get(key);
      if (known !== undefined) {
        known.value = value;
        use(known, ring);
        return undefined;
      }
      const link: Link<Key, Value> = { key, value, previous: ring.previous, next: ring };
      links.set(key, link);
      putIn(link);
      if (links.size <= limit) return undefined;
      const oldest = ring.next;
      forget(oldest);
      links.delete(oldest.key);
      return oldest.value;
    },
    delete(key) {
      const link = links.get(key);
      if (link === undefined) return;
      forget(link);
      links.delete(key);
    },
    *values() {
      for (let link = ring.next; link !== ring; link = link.next) yield link.value;
    },
  };
}

function emptyRing<Key, Value>(): Link<Key, Value> {
  const ring: Partial<Link<Key, Value>> = {};
  ring.previous = ring as Link<Key, Value>;
  ring.next = ring as Link<Key, Value>;
  return ring as Link<Key, Value>;
}

function use<Key, Value>(link: Link<Key, Value>, ring: Link<Key, Value>): void {
  if (link.next === ring) return;
  takeOut(link);
  link.previous = ring.previous;
  link.next = ring;
  putIn(link);
}

function putIn<Key, Value>(link: Link<Key, Value>): void {
  link.previous.next = link;
  link.next.previous = link;
}

function takeOut<Key, Value>(link: Link<Key, Value>): void {
  link.previous.next = link.next;
  link.next.previous = link.previous;
}

/** Unlinks an entry from its neighbours, so that an evicted link in the old generation does not keep younger ones alive. */
function forget<Key, Value>(link: Link<Key, Value>): void {
  takeOut(link);
  link.previous = link;
  link.next = link;
}
