// What recurs crosses between threads once and is a number in a table on both sides afterwards.

/** Bound on the characters of all entries: captured text may be hostile. */
const lengthLimit = 256 * 1024;

/** The sender's table: entry numbers by what the entries were made from. The oldest are dropped beyond the bounds. */
export class SentTexts<Key, Entry> {
  readonly #limit: number;
  readonly #known = new Map<Key, { readonly number: number; readonly length: number }>();
  #next = 0;
  #length = 0;
  /** New entries of this batch. */
  added: Entry[] = [];

  /** At most `limit` entries are kept after a batch. */
  constructor(limit: number) {
    this.#limit = limit;
  }

  numberOf(key: Key): number | undefined {
    return this.#known.get(key)?.number;
  }

  /** Adds an entry of about `length` characters and returns its number. */
  add(key: Key, entry: Entry, length: number): number {
    const number = this.#next;
    this.#next += 1;
    this.#known.set(key, { number, length });
    this.#length += length;
    this.added.push(entry);
    return number;
  }

  /** Begins a batch; returns how many of the oldest entries are dropped. */
  begin(): number {
    this.added = [];
    let dropped = 0;
    for (const [key, { length }] of this.#known) {
      if (this.#known.size <= this.#limit && this.#length <= lengthLimit) break;
      this.#known.delete(key);
      this.#length -= length;
      dropped += 1;
    }
    return dropped;
  }
}

/** The receiver's table of the same entries. */
export class ReceivedTexts<Entry> {
  readonly #entries: Entry[] = [];
  #first = 0;

  drop(count: number): void {
    this.#entries.splice(0, count);
    this.#first += count;
  }

  add(entry: Entry): void {
    this.#entries.push(entry);
  }

  entry(number: number): Entry {
    const entry = this.#entries[number - this.#first];
    if (entry === undefined) throw new Error(`no entry has the number ${number}`);
    return entry;
  }
}
