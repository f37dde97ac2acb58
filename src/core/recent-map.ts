/**
 * A Map that forgets in bulk what was not used lately: it holds at least the `limit` entries that were used last, and less
 * than twice as many. Where nobody asks what was forgotten, this costs half of what a BoundedMap does, and leaves no links
 * between old and young entries to whoever collects them.
 */
export interface RecentMap<Key, Value> {
  /** Gives the value and marks it as used. */
  get(key: Key): Value | undefined;
  set(key: Key, value: Value): void;
}

/** An empty RecentMap. */
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
