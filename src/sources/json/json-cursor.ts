// Reads JSON from its bytes and skips values without allocating anything for them. As strict as JSON.parse. At anything
// else (an error, an escape in a name, the end of the bytes) it throws, and the caller falls back to the careful reader.
import { backslash, closeBrace, closeBracket, colon, comma, openBrace, openBracket, quote } from "./json-bytes.ts";

const minus = 45;

/** Thrown where the careful reader must take over. One shared object, because its stack is never used. */
const unusual = new Error("the JSON needs the careful reader");

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
 * A position in the bytes of a JSON text. Every method starts at the first byte of a value and ends after it and the
 * blanks that follow. None reads an index past the end: each such place would make the engine discard its optimised
 * code.
 */
export class JsonCursor {
  bytes: Buffer = Buffer.alloc(0);
  at = 0;
  /** The string read last, between its quotes. */
  start = 0;
  end = 0;
  hasEscapes = false;
  /** All its characters are ASCII; false as well with an escape by number (`\u`). */
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

  /** Enters an object: true with the first member's name read, false when it is empty. Continue with `nextMember`. */
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
    // Also skips the blanks after the object.
    this.#advance();
    return byte === comma && this.#name();
  }

  /** Enters a list: true with the cursor at the first item, false when it is empty. Continue with `nextItem`. */
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

  /** Reads a string into `start`, `end`, `hasEscapes` and `isAscii`. */
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
    // Byte by byte to the next aligned word, then word by word: most bytes of a capture pass here.
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

  /** Handles a byte inside a string that is not plain; returns the index of the last byte handled. */
  #odd(at: number): number {
    const kind = kinds[byteAt(this.bytes, at)];
    if (kind === escaping) return this.#escape(at + 1);
    if (kind !== wide) stop();
    this.isAscii = false;
    return at;
  }

  /** Index of the last byte of the escape whose letter is at this index. */
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

  /** The text of the string read last. */
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

  /** Skips a value of any kind. */
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

/** The text of a string with escapes between these indexes. */
export function unescaped(bytes: Buffer, start: number, end: number, isAscii: boolean): string {
  const quoted = isAscii ? bytes.toString("latin1", start - 1, end + 1) : bytes.toString("utf8", start - 1, end + 1);
  const text: unknown = JSON.parse(quoted);
  return typeof text === "string" ? text : stop();
}

/**
 * True only when each of four bytes is ASCII and not a control character, quote or backslash: the subtraction sets the
 * highest bit of a byte that is less than the constant.
 */
function isPlainWord(word: number): boolean {
  const controls = word - 0x20202020;
  const quotes = (word ^ 0x22222222) - 0x01010101;
  const slashes = (word ^ 0x5c5c5c5c) - 0x01010101;
  return ((controls | quotes | slashes | word) & 0x80808080) === 0;
}

/** The byte at an index; 0 past the end. */
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
