// Cuts the elements of one name out of XML text. A tag inside a comment or a CDATA section neither begins nor ends an element, so
// that no text of a client can do so.
import { LineCounter, type LogRecord, longestRecord, type RecordCutter } from "./record-cutter.ts";

/** Longest mark, with blanks in an end tag: a `<` with fewer characters behind it waits for them. */
const longestMark = 96;
const skippedParts = [
  { begin: "<![CDATA[", end: "]]>" },
  { begin: "<!--", end: "-->" },
] as const;

/** Cuts `<name …>…</name>`. Elements of that name are not nested; what is between them is skipped. */
export class XmlCutter implements RecordCutter {
  readonly #opened: RegExp;
  readonly #closed: RegExp;
  readonly #limit: number;
  readonly #lines = new LineCounter();
  #waiting = "";
  /** Where the element begins (-1 outside), and where the search continues, in the buffered text. */
  #start = -1;
  #at = 0;
  #line = 1;
  #isTooLong = false;
  /** Mark that ends the comment or CDATA section of the place; null outside of them. */
  #skipEnd: string | null = null;

  constructor(name: string, limit = longestRecord) {
    this.#opened = new RegExp(`<${name}(?=[\\s>])`, "y");
    this.#closed = new RegExp(`</${name}\\s{0,32}>`, "y");
    this.#limit = limit;
  }

  *push(text: string): Generator<LogRecord> {
    this.#waiting += text;
    yield* this.#cut(longestMark);
    this.#forget();
  }

  *end(): Generator<LogRecord> {
    yield* this.#cut(0);
    if (this.#start !== -1) yield { text: null, line: this.#line };
  }

  /** `margin`: the last characters that may be the beginning of a mark. */
  *#cut(margin: number): Generator<LogRecord> {
    const text = this.#waiting;
    for (;;) {
      const mark = this.#skipEnd ?? "<";
      const found = text.indexOf(mark, this.#at);
      if (found === -1) {
        this.#at = Math.max(this.#at, text.length - mark.length + 1);
        return;
      }
      this.#at = found;
      if (this.#skipEnd !== null) {
        this.#at += mark.length;
        this.#skipEnd = null;
        continue;
      }
      if (found + margin > text.length) return;
      const record = this.#readMark(text);
      if (record !== null) yield record;
    }
  }

  /** Moves behind the mark at the place; the record that it ends, else null. */
  #readMark(text: string): LogRecord | null {
    const part = skippedParts.find(({ begin }) => text.startsWith(begin, this.#at));
    if (part !== undefined) {
      this.#at += part.begin.length;
      this.#skipEnd = part.end;
      return null;
    }
    const pattern = this.#start === -1 ? this.#opened : this.#closed;
    pattern.lastIndex = this.#at;
    const [tag] = pattern.exec(text) ?? [];
    if (tag === undefined) {
      this.#at += 1;
      return null;
    }
    if (this.#start === -1) {
      this.#start = this.#at;
      this.#line = this.#lines.lineAt(text, this.#at);
      this.#isTooLong = false;
      this.#at += tag.length;
      return null;
    }
    this.#at += tag.length;
    const record = this.#isTooLong || this.#at - this.#start > this.#limit ? null : text.slice(this.#start, this.#at);
    this.#start = -1;
    return { text: record, line: this.#line };
  }

  /** Keeps no more than is needed: nothing between elements, and nothing of one that is too long. */
  #forget(): void {
    const isInside = this.#start !== -1;
    if (isInside && this.#waiting.length - this.#start > this.#limit) this.#isTooLong = true;
    const done = isInside && !this.#isTooLong ? this.#start : Math.min(this.#at, this.#waiting.length);
    this.#lines.forget(this.#waiting, done);
    this.#waiting = this.#waiting.slice(done);
    this.#at -= done;
    if (isInside) this.#start = 0;
  }
}
