// Reads small values from the bytes of JSON, as exporters write them.

import { InternedTexts } from "./interned-texts.ts";
import { JsonCursor, stop } from "./json-cursor.ts";

/** Reads values at a cursor; a value of another type is left to the careful reader. */
export class LeanValues {
  readonly cursor = new JsonCursor();
  readonly #texts = new InternedTexts();

  /** A short text; empty for null. */
  text(): string {
    const cursor = this.cursor;
    if (!cursor.isString()) return this.nothing() ?? "";
    cursor.string();
    if (cursor.hasEscapes || !cursor.isAscii) return cursor.text();
    return this.#texts.read(cursor.bytes, cursor.start, cursor.end);
  }

  /** Null for a negative number and for null, which exporters write for "unknown". */
  size(): number | null {
    const cursor = this.cursor;
    if (cursor.peek() === 110) return this.nothing();
    const value = cursor.number();
    return Number.isFinite(value) && value >= 0 ? value : null;
  }

  nothing(): null {
    return this.cursor.literal() === null ? null : stop();
  }
}
