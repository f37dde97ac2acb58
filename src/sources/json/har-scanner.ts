// Finds the elements of `log.entries` in the bytes of a HAR file as they arrive, so that a file may be of any length:
// JSON.parse of a whole file is limited by the engine's longest string and needs all of it in memory. Between the
// elements only depth and strings are tracked; each element is passed to JSON.parse.
import { backslash, closeBrace, closeBracket, colon, comma, openBrace, openBracket, quote } from "./json-bytes.ts";
import type { LeanEntry } from "./lean-entry.ts";

export interface ScannedElement {
  /** The bytes of the element, valid until the next call of `push`; null when longer than the limit. */
  readonly bytes: Buffer | null;
  /** Offset of its first byte in the input. */
  readonly offset: number;
  /** Levels of objects and lists inside it. */
  readonly depth: number;
  /** The entry when the lean reader accepted it; `bytes` is then null. */
  readonly lean: LeanEntry | null;
}

/** Reads an element that is whole in the chunk at this index; null leaves it to the scanner. */
type Take = (chunk: Buffer, at: number) => LeanEntry | null;

/**
 * Incremental scanner: finds the same elements however the bytes are cut. Never throws, also when the bytes are not
 * JSON.
 */
export class HarScanner {
  readonly #limit: number;
  readonly #take: Take;
  #depth = 0;
  #inString = false;
  #escaped = false;
  #base = 0;
  #keyStart = -1;
  #key = "";
  #isValue = false;
  #logDepth = 0;
  #isInEntries = false;
  #elementStart = -1;
  #deepest = 0;
  /** Where the bytes of the element begin in the current chunk; -1 outside an element. */
  #from = -1;
  #kept: Buffer[] = [];
  #keptLength = 0;
  /** True once `log.entries` has begun. */
  hasEntries = false;
  /** True once the outermost object has ended: the file is not cut. */
  isComplete = false;

  constructor(options: { readonly elementLimit: number; readonly take?: Take }) {
    this.#limit = options.elementLimit;
    this.#take = options.take ?? (() => null);
  }

  /** Elements that end in these bytes, in order. */
  *push(chunk: Buffer): Generator<ScannedElement> {
    this.#from = this.#elementStart === -1 ? -1 : 0;
    for (let at = 0; at < chunk.length; at++) {
      if (this.#elementStart !== -1) {
        // Inside an element only its end is searched for: nearly all bytes of a file pass here.
        at = this.#endOfElement(chunk, at);
        if (at === chunk.length) break;
        yield this.#closeElement(chunk, at);
        continue;
      }
      if (this.#inString) {
        at = this.#endOfString(chunk, at);
        continue;
      }
      const taken = chunk[at] === openBrace && this.#isElementDepth() ? this.#take(chunk, at) : null;
      if (taken === null) {
        this.#structure(chunk, at);
        continue;
      }
      yield { bytes: null, offset: this.#base + at, depth: 0, lean: taken };
      this.#isValue = false;
      at = taken.end - 1;
    }
    this.#keepRest(chunk);
    this.#base += chunk.length;
  }

  #structure(chunk: Buffer, at: number): void {
    const byte = chunk[at];
    switch (byte) {
      case quote:
        this.#beginString(at);
        break;
      case openBrace:
      case openBracket:
        this.#open(byte, at);
        break;
      case closeBrace:
      case closeBracket:
        this.#close();
        break;
      case colon:
        this.#isValue = true;
        break;
      case comma:
        this.#isValue = false;
        break;
    }
  }

  #isElementDepth(): boolean {
    return this.#isInEntries && this.#depth === this.#logDepth + 1;
  }

  #beginString(at: number): void {
    this.#inString = true;
    if (!this.#isValue && this.#depth <= 2 && !this.#isInEntries) {
      this.#key = "";
      this.#keyStart = at + 1;
    }
  }

  /** Index of the closing quote, or of the chunk's last byte when the string continues. */
  #endOfString(chunk: Buffer, start: number): number {
    const from = this.#escaped ? start + 1 : start;
    const end = closingQuote(chunk, from);
    this.#inString = end >= chunk.length;
    // One past the length: the last byte is a backslash that escapes the next chunk's first.
    this.#escaped = end > chunk.length;
    if (this.#keyStart !== -1) this.#endKey(chunk, start, Math.min(end, chunk.length));
    return Math.min(end, chunk.length - 1);
  }

  /** Collects the text of a key, which the end of a chunk may cut. */
  #endKey(chunk: Buffer, start: number, end: number): void {
    if (this.#key.length < 64) this.#key += chunk.toString("latin1", start, Math.min(end, start + 64));
    if (!this.#inString) this.#keyStart = -1;
  }

  #open(byte: number, at: number): void {
    if (byte === openBrace && this.#isElementDepth()) {
      this.#elementStart = this.#base + at;
      this.#from = at;
    }
    if (!this.#isInEntries && (this.#depth === 1 || this.#depth === 2)) this.#openOnPath(byte);
    this.#depth += 1;
    this.#isValue = false;
  }

  #openOnPath(byte: number): void {
    const key = unescaped(this.#key);
    if (byte === openBrace && this.#depth === 1 && key === "log") this.#logDepth = 2;
    if (byte === openBracket && this.#depth === this.#logDepth && key === "entries") {
      this.#isInEntries = true;
      this.hasEntries = true;
    }
  }

  #close(): void {
    this.#depth -= 1;
    this.#isValue = false;
    if (this.#isInEntries && this.#depth === this.#logDepth) this.#isInEntries = false;
    if (this.#depth === 1) this.#logDepth = 0;
    if (this.#depth === 0) this.isComplete = true;
  }

  /** Index of the byte that ends the element, or the chunk's length when it continues. */
  #endOfElement(chunk: Buffer, start: number): number {
    const outside = this.#logDepth + 1;
    let depth = this.#depth;
    for (let at = start; at < chunk.length; at++) {
      if (this.#inString) {
        at = this.#endOfString(chunk, at);
        continue;
      }
      const byte = chunk[at];
      if (byte === quote) {
        at = this.#endOfString(chunk, at + 1);
      } else if (byte === openBrace || byte === openBracket) {
        depth += 1;
        this.#deepest = Math.max(this.#deepest, depth);
      } else if (byte === closeBrace || byte === closeBracket) {
        depth -= 1;
        if (depth === outside) {
          this.#depth = depth;
          return at;
        }
      }
    }
    this.#depth = depth;
    return chunk.length;
  }

  #closeElement(chunk: Buffer, at: number): ScannedElement {
    this.#isValue = false;
    return this.#element(chunk.subarray(this.#from, at + 1));
  }

  #element(end: Buffer): ScannedElement {
    const offset = this.#elementStart;
    const length = this.#keptLength + end.length;
    const bytes = length > this.#limit ? null : this.#kept.length === 0 ? end : Buffer.concat([...this.#kept, end]);
    this.#kept = [];
    this.#keptLength = 0;
    this.#elementStart = -1;
    this.#from = -1;
    const depth = this.#deepest - this.#logDepth - 1;
    this.#deepest = 0;
    return { bytes, offset, depth, lean: null };
  }

  #keepRest(chunk: Buffer): void {
    if (this.#from === -1) return;
    const rest = chunk.subarray(this.#from);
    this.#keptLength += rest.length;
    // Bytes over the limit are counted and not kept.
    if (this.#keptLength <= this.#limit) this.#kept.push(Buffer.from(rest));
    else this.#kept = [];
  }
}

/** Bytes of a string that are checked one by one before `indexOf` for the next quote pays off. */
const shortString = 48;

/**
 * Index of the next quote that no backslash escapes; the length, or one more after a last backslash, when there is
 * none.
 */
function closingQuote(chunk: Buffer, start: number): number {
  let at = start;
  for (;;) {
    const stop = Math.min(at + shortString, chunk.length);
    for (; at < stop; at++) {
      const byte = chunk[at];
      if (byte === quote) return at;
      if (byte === backslash) at += 1;
    }
    if (at >= chunk.length) return at;
    const next = chunk.indexOf(quote, at);
    const end = next === -1 ? chunk.length : next;
    const slashes = backslashesBefore(chunk, end, at);
    if (slashes % 2 === 0) return end;
    at = end + 1;
  }
}

function backslashesBefore(chunk: Buffer, end: number, start: number): number {
  let at = end;
  while (at > start && chunk[at - 1] === backslash) at--;
  return end - at;
}

/** The key without escapes: `entries` may be written with them. */
function unescaped(raw: string): string {
  if (!raw.includes("\\")) return raw;
  try {
    const value: unknown = JSON.parse(`"${raw}"`);
    return typeof value === "string" ? value : "";
  } catch {
    return "";
  }
}
