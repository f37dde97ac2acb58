/** What entries may be made of at one time, in characters: they may be hostile. */
const lengthLimit = 256 * 1024;

/** What was told to the other side, by what it was told from; the oldest is forgotten when there is too much. */
export class SentTexts<Key, Entry> {
  readonly #limit: number;
  readonly #known = new Map<Key, { readonly number: number; readonly length: number }>();
  #next = 0;
  #length = 0;
  /** What is new in this batch. */
  added: Entry[] = [];

  /** At most `limit` entries are kept after a batch. */
  constructor(limit: number) {
    this.#limit = limit;
  }

  numberOf(key: Key): number | undefined {
    return this.#known.get(key)?.number;
  }

  /** The number of a new entry that has about so many characters. */
  add(key: Key, entry: Entry, length: number): number {
    const number = this.#next;
    this.#next += 1;
    this.#known.set(key, { number, length });
    this.#length += length;
    this.added.push(entry);
    return number;
  }

  /** Begins a batch; gives how many of the oldest entries are forgotten. */
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

/** The other side of it. */
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
    if (entry === undefined) throw new Error(`nothing has the number ${number}`);
    return entry;
  }
}
