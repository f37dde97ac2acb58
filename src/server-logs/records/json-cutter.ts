// Cuts the objects of a JSON text: one object, an array of them, one a line, or the array in a member of a whole answer
// (`{"value":[…]}`, `{"records":[…]}`).
import { LineCounter, type LogRecord, longestRecord, type RecordCutter } from "./record-cutter.ts";

/** Members of an answer whose array holds the records: Microsoft Graph and PowerShell, Azure Monitor, Log Analytics. */
const lists = /"(?:value|records|tables)"\s{0,64}:\s{0,64}$/i;
const longestName = 160;
/** A log is not nested deeper: such an object counts as too large. */
const deepest = 200;

const special = /["{}[\]]/g;
const inString = /["\\]/g;

/** Cuts objects by their brackets, without parsing them: a record may still not be JSON. */
export class JsonCutter implements RecordCutter {
  readonly #limit: number;
  readonly #lines = new LineCounter();
  #waiting = "";
  #at = 0;
  #start = -1;
  #line = 1;
  #isTooLong = false;
  #isInString = false;
  /** Open brackets, and how many of them are above the records. */
  #depth = 0;
  #outer = 0;

  constructor(limit = longestRecord) {
    this.#limit = limit;
  }

  *push(text: string): Generator<LogRecord> {
    this.#waiting += text;
    for (;;) {
      const pattern = this.#isInString ? inString : special;
      pattern.lastIndex = this.#at;
      const found = pattern.exec(this.#waiting);
      if (found === null) break;
      // A backslash at the end waits for what it escapes.
      if (found[0] === "\\" && found.index + 1 >= this.#waiting.length) {
        this.#at = found.index;
        this.#forget();
        return;
      }
      this.#at = found.index + (found[0] === "\\" ? 2 : 1);
      const record = this.#read(found[0], found.index);
      if (record !== null) yield record;
    }
    this.#at = this.#waiting.length;
    this.#forget();
  }

  *end(): Generator<LogRecord> {
    if (this.#start !== -1) yield { text: null, line: this.#line };
  }

  #read(mark: string, index: number): LogRecord | null {
    if (mark === '"') this.#isInString = !this.#isInString;
    if (mark === "{" || mark === "[") this.#open(mark, index);
    return mark === "}" || mark === "]" ? this.#close() : null;
  }

  #open(mark: string, index: number): void {
    this.#depth += 1;
    if (this.#depth > deepest) this.#isTooLong = true;
    if (mark === "[" && this.#isList(index)) {
      this.#outer = this.#depth;
      this.#start = -1;
      return;
    }
    if (mark !== "{" || this.#start !== -1 || this.#depth !== this.#outer + 1) return;
    this.#start = index;
    this.#line = this.#lines.lineAt(this.#waiting, index);
    this.#isTooLong = false;
  }

  /** Whether the bracket at this place opens the array of the records: an outermost one, or one in a member of the outermost object. */
  #isList(index: number): boolean {
    if (this.#depth === 1) return true;
    if (this.#depth !== 2 || this.#outer !== 0 || this.#start === -1) return false;
    return lists.test(this.#waiting.slice(Math.max(0, index - longestName), index));
  }

  #close(): LogRecord | null {
    this.#depth = Math.max(0, this.#depth - 1);
    if (this.#depth < this.#outer) this.#outer = 0;
    if (this.#start === -1 || this.#depth !== this.#outer) return null;
    const length = this.#at - this.#start;
    const text = this.#isTooLong || length > this.#limit ? null : this.#waiting.slice(this.#start, this.#at);
    this.#start = -1;
    return { text, line: this.#line };
  }

  #forget(): void {
    const isInside = this.#start !== -1;
    if (isInside && this.#waiting.length - this.#start > this.#limit) this.#isTooLong = true;
    // The name of a member may be cut from its bracket.
    const done = isInside && !this.#isTooLong ? this.#start : Math.max(0, this.#at - longestName);
    this.#lines.forget(this.#waiting, done);
    this.#waiting = this.#waiting.slice(done);
    this.#at -= done;
    if (isInside) this.#start = Math.max(0, this.#start - done);
  }
}
