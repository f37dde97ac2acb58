/** A Map that forgets its least recently used entry when it is full: memory stays bounded over any capture. */
export interface BoundedMap<Key, Value> {
  /** Gives the value and marks it as used. */
  get(key: Key): Value | undefined;
  /** Keeps the value; gives the one that was forgotten to make room, if any. */
  set(key: Key, value: Value): Value | undefined;
  delete(key: Key): void;
  /** The one that was used longest ago first. */
  values(): IterableIterator<Value>;
}

/** In a ring through one link that holds no entry: its `next` was used longest ago, its `previous` last. */
interface Link<Key, Value> {
  readonly key: Key;
  value: Value;
  previous: Link<Key, Value>;
  next: Link<Key, Value>;
}

/** An empty BoundedMap of at most `limit` entries. A read moves one link and never rebuilds the table. */
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

/** Points nowhere afterwards: a forgotten link that has grown old would keep its younger neighbours from being collected. */
function forget<Key, Value>(link: Link<Key, Value>): void {
  takeOut(link);
  link.previous = link;
  link.next = link;
}
