// Finds the elements of `log.entries` in the bytes of a HAR file as they come, so that no file is too long: JSON.parse on the
// whole of one stops at the longest string of the engine, and needs all of it in memory. What is between the elements is
// followed by depth and strings alone; each element goes to JSON.parse.

const quote = 34;
const backslash = 92;
const openBrace = 123;
const closeBrace = 125;
const openBracket = 91;
const closeBracket = 93;
const comma = 44;
const colon = 58;

export interface ScannedElement {
  /** The element's bytes, valid until the next call of `push`; null when it was longer than the limit. */
  readonly bytes: Buffer | null;
  /** Offset of its first byte in the input. */
  readonly offset: number;
}

/** Incremental scanner: the same elements however the bytes are cut. Never throws; what it follows need not be JSON. */
export class HarScanner {
  readonly #limit: number;
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
  /** Where the element's bytes begin in the chunk in hand; -1 outside an element. */
  #from = -1;
  #kept: Buffer[] = [];
  #keptLength = 0;
  /** True once `log.entries` has begun. */
  hasEntries = false;
  /** True once the outermost object has ended: what is missing then was never there. */
  isComplete = false;

  constructor(options: { readonly elementLimit: number }) {
    this.#limit = options.elementLimit;
  }

  /** Elements that end in these bytes, in order. */
  *push(chunk: Buffer): Generator<ScannedElement> {
    this.#from = this.#elementStart === -1 ? -1 : 0;
    for (let at = 0; at < chunk.length; at++) {
      if (this.#inString) {
        at = this.#endOfString(chunk, at);
        continue;
      }
      const element = this.#structure(chunk, at);
      if (element !== null) yield element;
    }
    this.#keepRest(chunk);
    this.#base += chunk.length;
  }

  #structure(chunk: Buffer, at: number): ScannedElement | null {
    const byte = chunk[at];
    switch (byte) {
      case quote:
        this.#beginString(at);
        return null;
      case openBrace:
      case openBracket:
        this.#open(byte, at);
        return null;
      case closeBrace:
      case closeBracket:
        return this.#close(chunk, at);
      case colon:
        this.#isValue = true;
        return null;
      case comma:
        this.#isValue = false;
        return null;
      default:
        return null;
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

  /** Index of the closing quote, or of the chunk's last byte when the string goes on. */
  #endOfString(chunk: Buffer, start: number): number {
    let at = start;
    if (this.#escaped) {
      this.#escaped = false;
      at += 1;
    }
    for (; at < chunk.length; at++) {
      const byte = chunk[at];
      if (byte === backslash) {
        if (at + 1 === chunk.length) this.#escaped = true;
        at += 1;
      } else if (byte === quote) {
        this.#inString = false;
        this.#endKey(chunk, start, at);
        return at;
      }
    }
    this.#endKey(chunk, start, chunk.length);
    return chunk.length - 1;
  }

  /** Collects the text of a key, which may be cut by a chunk's end. */
  #endKey(chunk: Buffer, start: number, end: number): void {
    if (this.#keyStart === -1) return;
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

  #close(chunk: Buffer, at: number): ScannedElement | null {
    this.#depth -= 1;
    this.#isValue = false;
    const isEnd = this.#from !== -1 && this.#isElementDepth();
    if (this.#isInEntries && this.#depth === this.#logDepth) this.#isInEntries = false;
    if (this.#depth === 1) this.#logDepth = 0;
    if (this.#depth === 0) this.isComplete = true;
    return isEnd ? this.#element(chunk.subarray(this.#from, at + 1)) : null;
  }

  #element(end: Buffer): ScannedElement {
    const offset = this.#elementStart;
    const length = this.#keptLength + end.length;
    const bytes = length > this.#limit ? null : this.#kept.length === 0 ? end : Buffer.concat([...this.#kept, end]);
    this.#kept = [];
    this.#keptLength = 0;
    this.#elementStart = -1;
    this.#from = -1;
    return { bytes, offset };
  }

  #keepRest(chunk: Buffer): void {
    if (this.#from === -1) return;
    const rest = chunk.subarray(this.#from);
    this.#keptLength += rest.length;
    // What is over the limit is counted and not kept.
    if (this.#keptLength <= this.#limit) this.#kept.push(Buffer.from(rest));
    else this.#kept = [];
  }
}

/** A key as JSON means it: `entries` may be written with escapes. */
function unescaped(raw: string): string {
  if (!raw.includes("\\")) return raw;
  try {
    const value: unknown = JSON.parse(`"${raw}"`);
    return typeof value === "string" ? value : "";
  } catch {
    return "";
  }
}
