// Cuts the bytes of a Burp export into the elements <item>, however the chunks are cut. `</item>` inside a CDATA section
// does not end an item.

/** Longest item, in bytes. */
const itemLimit = 64 * 1024 * 1024;

const opened = Buffer.from("<item>");
const closed = Buffer.from("</item>");
const cdata = Buffer.from("<![CDATA[");
const cdataEnd = Buffer.from("]]>");

export class BurpItems {
  readonly #limit: number;
  #waiting: Buffer = Buffer.alloc(64 * 1024);
  #length = 0;
  /** Where the item begins, and where the search goes on, in the bytes that wait. */
  #start = 0;
  #at = 0;
  #where: "outside" | "item" | "cdata" = "outside";
  #isTooLong = false;

  constructor(limit = itemLimit) {
    this.#limit = limit;
  }

  /** True when the bytes so far end inside an item. */
  get isInside(): boolean {
    return this.#where !== "outside";
  }

  /** The content of each item that ends in these bytes, valid until the next call; null for one over the limit. */
  *push(chunk: Buffer): Generator<Buffer | null> {
    this.#append(chunk);
    const bytes = this.#waiting.subarray(0, this.#length);
    for (let before = this.#where; this.#step(bytes); before = this.#where) {
      if (before !== "item" || this.isInside) continue;
      yield this.#isTooLong ? null : bytes.subarray(this.#start, this.#at - closed.length);
    }
    this.#forget();
  }

  /** Moves behind the next mark that matters; false when there is none in the bytes. */
  #step(bytes: Buffer): boolean {
    if (this.#where === "item") {
      const mark = this.#nextMark(bytes);
      if (mark !== "none") this.#where = mark === "cdata" ? "cdata" : "outside";
      return mark !== "none";
    }
    if (!this.#find(bytes, this.#where === "cdata" ? cdataEnd : opened)) return false;
    if (this.#where === "outside") [this.#start, this.#isTooLong] = [this.#at, false];
    this.#where = "item";
    return true;
  }

  /** Moves behind the next mark of an item. */
  #nextMark(bytes: Buffer): "none" | "cdata" | "closed" {
    for (let mark = bytes.indexOf(60, this.#at); mark !== -1; mark = bytes.indexOf(60, mark + 1)) {
      const found = [cdata, closed].find((one) => beginsWith(bytes, mark, one));
      if (found === undefined) continue;
      const isCut = mark + found.length > bytes.length;
      // A mark that is cut waits for its rest.
      this.#at = isCut ? mark : mark + found.length;
      if (isCut) return "none";
      return found === cdata ? "cdata" : "closed";
    }
    this.#at = bytes.length;
    return "none";
  }

  /** Moves behind the mark; without it, to where its beginning may be. */
  #find(bytes: Buffer, mark: Buffer): boolean {
    const found = bytes.indexOf(mark, this.#at);
    this.#at = found === -1 ? Math.max(this.#at, bytes.length - mark.length + 1) : found + mark.length;
    return found !== -1;
  }

  /** Keeps no more than is needed: nothing outside an item, and nothing of one that is too long. */
  #forget(): void {
    if (this.isInside && this.#length - this.#start > this.#limit) this.#isTooLong = true;
    const done = this.isInside && !this.#isTooLong ? this.#start : this.#at;
    this.#waiting.copyWithin(0, done, this.#length);
    this.#length -= done;
    this.#at -= done;
    this.#start = 0;
  }

  #append(chunk: Buffer): void {
    const needed = this.#length + chunk.length;
    if (needed > this.#waiting.length) {
      // Doubled, so that many small chunks are copied a bounded number of times.
      const larger = Buffer.alloc(Math.max(needed, 2 * this.#waiting.length));
      this.#waiting.copy(larger, 0, 0, this.#length);
      this.#waiting = larger;
    }
    chunk.copy(this.#waiting, this.#length);
    this.#length = needed;
  }
}

/** Whether the mark, or as much of it as there are bytes, is at this offset. */
function beginsWith(bytes: Buffer, at: number, mark: Buffer): boolean {
  const found = bytes.subarray(at, at + mark.length);
  return mark.subarray(0, found.length).equals(found);
}
