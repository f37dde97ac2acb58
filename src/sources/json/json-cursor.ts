// Reads JSON in its bytes, without making anything of what nobody asks for. As strict as JSON.parse; at whatever it does not
// take (an error, an escape in a name, the end of the bytes) it stops, and the reader goes the careful way.

import { backslash, closeBrace, closeBracket, colon, comma, openBrace, openBracket, quote } from "./json-bytes.ts";

const minus = 45;

/** Thrown where reading must go the careful way; one for all, as nobody looks at where it came from. */
const unusual = new Error("the JSON is of a kind that is read carefully");

export function stop(): never {
  throw unusual;
}

/** True for what `stop` throws; anything else is a bug. */
export function isStop(error: unknown): boolean {
  return error === unusual;
}

const mostLevels = 32;

// Kinds of bytes inside a string
const plain = 0;
const escaping = 1;
const wide = 2;
const forbidden = 3;
const kinds = new Uint8Array(256).fill(plain);
kinds.fill(forbidden, 0, 32);
kinds.fill(wide, 128);
kinds[quote] = forbidden;
kinds[backslash] = escaping;

/**
 * A place in the bytes of a JSON text. Every method begins at a value's first byte and goes on after it and the blanks there.
 * None asks for a byte behind the last: the engine would throw away the code that it has optimised, once for each place.
 */
export class JsonCursor {
  bytes: Buffer = Buffer.alloc(0);
  at = 0;
  /** The string read last, between its quotes. */
  start = 0;
  end = 0;
  hasEscapes = false;
  /** All its characters are ASCII; not told of escapes by number. */
  isAscii = true;
  /** The same memory in words, and where the bytes begin in it. */
  #words: Int32Array = new Int32Array(0);
  #offset = 0;

  begin(bytes: Buffer, at: number): void {
    if (bytes.buffer !== this.#words.buffer)
      this.#words = new Int32Array(bytes.buffer, 0, bytes.buffer.byteLength >> 2);
    this.#offset = bytes.byteOffset;
    this.bytes = bytes;
    this.at = at;
  }

  /** The byte here; 0 at the end. */
  peek(): number {
    return byteAt(this.bytes, this.at);
  }

  isObject(): boolean {
    return this.peek() === openBrace;
  }

  isString(): boolean {
    return this.peek() === quote;
  }

  /** Goes into an object: true with the first member's name read, false when it has none. Then `nextMember`. */
  enterObject(): boolean {
    if (this.peek() !== openBrace) stop();
    this.#advance();
    if (this.peek() !== closeBrace) return this.#name();
    this.#advance();
    return false;
  }

  nextMember(): boolean {
    const byte = this.peek();
    if (byte !== comma && byte !== closeBrace) stop();
    // Blanks after the value as a whole are the next structure's.
    this.#advance();
    return byte === comma && this.#name();
  }

  /** Goes into a list: true when there is an item, the cursor at it. Then `nextItem`. */
  enterList(): boolean {
    if (this.peek() !== openBracket) stop();
    this.#advance();
    if (this.peek() !== closeBracket) return true;
    this.#advance();
    return false;
  }

  nextItem(): boolean {
    const byte = this.peek();
    if (byte !== comma && byte !== closeBracket) stop();
    this.#advance();
    return byte === comma;
  }

  #name(): true {
    this.string();
    if (this.hasEscapes || this.peek() !== colon) stop();
    this.#advance();
    return true;
  }

  /** Reads a string; what it says is in `start`, `end` and the marks. */
  string(): void {
    const { bytes } = this;
    const { length } = bytes;
    if (this.peek() !== quote) stop();
    this.start = this.at + 1;
    this.hasEscapes = false;
    this.isAscii = true;
    let at = this.#plainEnd(this.start);
    while (at < length && bytes[at] !== quote) at = this.#plainEnd(this.#odd(at) + 1);
    if (at >= length) stop();
    this.end = at;
    this.at = at;
    this.#advance();
  }

  /** Index of the first byte from here on that is not plain; the length when there is none. */
  #plainEnd(from: number): number {
    const { bytes } = this;
    const { length } = bytes;
    let at = from;
    // To the next word, then word by word: most bytes of a capture pass here.
    for (const aligned = at + (-(at + this.#offset) & 3); at < aligned; at++) {
      if (at >= length || kinds[bytes[at] ?? 0] !== plain) return at;
    }
    const words = this.#words;
    const first = (at + this.#offset) >> 2;
    const last = (length + this.#offset) >> 2;
    let word = first;
    while (word < last && isPlainWord(words[word] ?? 0)) word++;
    at += (word - first) << 2;
    while (at < length && kinds[bytes[at] ?? 0] === plain) at++;
    return at;
  }

  /** Notes what stands here inside a string and is not plain; index of its last byte. */
  #odd(at: number): number {
    const kind = kinds[byteAt(this.bytes, at)];
    if (kind === escaping) return this.#escape(at + 1);
    if (kind !== wide) stop();
    this.isAscii = false;
    return at;
  }

  /** Index of the last byte of the escape whose letter is here. */
  #escape(at: number): number {
    this.hasEscapes = true;
    switch (byteAt(this.bytes, at)) {
      case quote:
      case backslash:
      case 47: // / b f n r t
      case 98:
      case 102:
      case 110:
      case 114:
      case 116:
        return at;
      case 117: // u
        this.isAscii = false;
        for (let digit = at + 1; digit < at + 5; digit++) if (!isHex(byteAt(this.bytes, digit))) stop();
        return at + 4;
      default:
        return stop();
    }
  }

  /** What the string read last says. */
  text(): string {
    if (this.hasEscapes) return unescaped(this.bytes, this.start, this.end, this.isAscii);
    const { bytes, start, end } = this;
    return this.isAscii ? bytes.toString("latin1", start, end) : bytes.toString("utf8", start, end);
  }

  number(): number {
    const { bytes } = this;
    const from = this.at;
    let at = from;
    if (byteAt(bytes, at) === minus) at++;
    const first = at;
    let value = 0;
    for (let digit = digitAt(bytes, at); digit >= 0; digit = digitAt(bytes, ++at)) value = value * 10 + digit;
    const next = byteAt(bytes, at);
    const isWhole = next !== 46 && next !== 69 && next !== 101 && at - first <= 15;
    if (at === first || (byteAt(bytes, first) === 48 && at - first > 1)) stop();
    if (isWhole) {
      this.at = at;
      this.#skipBlanks();
      return first === from ? value : -value;
    }
    return this.#longNumber(from);
  }

  #longNumber(from: number): number {
    let at = from;
    while (isNumberPart(byteAt(this.bytes, at))) at++;
    const text = this.bytes.toString("latin1", from, at);
    if (!/^-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?$/.test(text)) stop();
    this.at = at;
    this.#skipBlanks();
    return Number(text);
  }

  /** Reads `true`, `false` or `null`. */
  literal(): boolean | null {
    const byte = this.peek();
    const word = byte === 116 ? "true" : byte === 102 ? "false" : "null";
    for (let index = 0; index < word.length; index++) {
      if (byteAt(this.bytes, this.at + index) !== word.charCodeAt(index)) stop();
    }
    this.at += word.length;
    this.#skipBlanks();
    return byte === 116 ? true : byte === 102 ? false : null;
  }

  /** Reads a value of any kind and makes nothing of it. */
  skip(level = 0): void {
    if (level > mostLevels) stop();
    switch (this.peek()) {
      case quote:
        this.string();
        break;
      case openBrace:
        for (let more = this.enterObject(); more; more = this.nextMember()) this.skip(level + 1);
        break;
      case openBracket:
        for (let more = this.enterList(); more; more = this.nextItem()) this.skip(level + 1);
        break;
      case 116: // true, false, null
      case 102:
      case 110:
        this.literal();
        break;
      default:
        this.number();
    }
  }

  #advance(): void {
    this.at += 1;
    this.#skipBlanks();
  }

  #skipBlanks(): void {
    const { bytes } = this;
    let at = this.at;
    while (isBlank(byteAt(bytes, at))) at++;
    this.at = at;
  }
}

/** What a string between these places says. */
export function unescaped(bytes: Buffer, start: number, end: number, isAscii: boolean): string {
  const quoted = isAscii ? bytes.toString("latin1", start - 1, end + 1) : bytes.toString("utf8", start - 1, end + 1);
  const text: unknown = JSON.parse(quoted);
  return typeof text === "string" ? text : stop();
}

/**
 * True only when none of four bytes is a control character, a quote, a backslash or no ASCII: subtracting leaves the highest
 * bit of a byte set where it was less.
 */
function isPlainWord(word: number): boolean {
  const controls = word - 0x20202020;
  const quotes = (word ^ 0x22222222) - 0x01010101;
  const slashes = (word ^ 0x5c5c5c5c) - 0x01010101;
  return ((controls | quotes | slashes | word) & 0x80808080) === 0;
}

/** The byte there; 0 behind the last. */
function byteAt(bytes: Buffer, at: number): number {
  return at < bytes.length ? (bytes[at] ?? 0) : 0;
}

function isBlank(byte: number): boolean {
  return byte === 32 || byte === 10 || byte === 13 || byte === 9;
}

function digitAt(bytes: Buffer, at: number): number {
  const byte = byteAt(bytes, at);
  return byte >= 48 && byte <= 57 ? byte - 48 : -1;
}

function isNumberPart(byte: number): boolean {
  return (byte >= 48 && byte <= 57) || byte === minus || byte === 43 || byte === 46 || byte === 69 || byte === 101;
}

function isHex(byte: number): boolean {
  return (byte >= 48 && byte <= 57) || (byte >= 65 && byte <= 70) || (byte >= 97 && byte <= 102);
}
