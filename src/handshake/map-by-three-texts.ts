import { recentMap } from "../core/recent-map.ts";

/** A RecentMap with keys of three texts: the first differs nearly always, the other two seldom. */
export interface MapByThreeTexts<Value> {
  get(key: string, second: string, third: string): Value | undefined;
  set(key: string, second: string, third: string, value: Value): void;
}

interface Entry<Value> {
  readonly second: string;
  readonly third: string;
  value: Value;
  readonly next: Entry<Value> | undefined;
}

/** A hostile capture may combine one first text with any number of others: the oldest are evicted. */
const chainLimit = 16;

/** Creates an empty MapByThreeTexts. Look-ups join no texts. */
export function mapByThreeTexts<Value>(limit: number): MapByThreeTexts<Value> {
  const entries = recentMap<string, Entry<Value>>(limit);
  return {
    get: (key, second, third) => find(entries.get(key), second, third)?.value,
    set(key, second, third, value) {
      const chain = entries.get(key);
      const known = find(chain, second, third);
      if (known !== undefined) known.value = value;
      else entries.set(key, { second, third, value, next: lengthOf(chain) < chainLimit ? chain : undefined });
    },
  };
}

function find<Value>(chain: Entry<Value> | undefined, second: string, third: string): Entry<Value> | undefined {
  let entry = chain;
  while (entry !== undefined && !(entry.second === second && entry.third === third)) entry = entry.next;
  return entry;
}

function lengthOf(chain: Entry<unknown> | undefined): number {
  let length = 0;
  for (let entry = chain; entry !== undefined; entry = entry.next) length += 1;
  return length;
}
