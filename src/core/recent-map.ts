/**
 * A map that evicts in bulk: it holds at least the `limit` most recently used entries and less than twice as many. It does not
 * report evictions, costs half as much as a BoundedMap, and has no links between old and young entries to slow down garbage
 * collection.
 */
export interface RecentMap<Key, Value> {
  /** Returns the value and marks it as used. */
  get(key: Key): Value | undefined;
  set(key: Key, value: Value): void;
}

/** Creates an empty RecentMap. */
export function recentMap<Key, Value>(limit: number): RecentMap<Key, Value> {
  let recent = new Map<Key, Value>();
  let earlier = new Map<Key, Value>();
  const set = (key: Key, value: Value): void => {
    recent.set(key, value);
    if (recent.size < limit) return;
    earlier = recent;
    recent = new Map();
  };
  return {
    get(key) {
      const used = recent.get(key);
      if (used !== undefined) return used;
      const value = earlier.get(key);
      if (value !== undefined) set(key, value);
      return value;
    },
    set,
  };
}
