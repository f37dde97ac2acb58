/** A Map that forgets its least recently used entry when it is full: memory stays bounded over any capture. */
export interface BoundedMap<Key, Value> {
  /** Gives the value and marks it as used. */
  get(key: Key): Value | undefined;
  /** Keeps the value; gives the one that was forgotten to make room, if any. */
  set(key: Key, value: Value): Value | undefined;
  delete(key: Key): void;
  values(): IterableIterator<Value>;
}

/** An empty BoundedMap of at most `limit` entries. */
export function boundedMap<Key, Value>(limit: number): BoundedMap<Key, Value> {
  const entries = new Map<Key, Value>();
  return {
    get(key) {
      const value = entries.get(key);
      if (value === undefined) return undefined;
      entries.delete(key);
      entries.set(key, value);
      return value;
    },
    set(key, value) {
      entries.delete(key);
      entries.set(key, value);
      if (entries.size <= limit) return undefined;
      const oldest = entries.entries().next();
      if (oldest.done === true) return undefined;
      entries.delete(oldest.value[0]);
      return oldest.value[1];
    },
    delete(key) {
      entries.delete(key);
    },
    values: () => entries.values(),
  };
}
