// Cuts records of CSV (RFC 4180): a line break inside quotes does not end a record. And the cells of one record.
import { LineCounter, type LogRecord, longestRecord, type RecordCutter } from "./record-cutter.ts";

const mark = /["\n]/g;
const mostCells = 512;

export class CsvCutter implements RecordCutter {
  readonly #limit: number;
  readonly #lines = new LineCounter();
  #waiting = "";
  #at = 0;
  #isQuoted = false;
  #isTooLong = false;
  #line = 1;

  constructor(limit = longestRecord) {
    this.#limit = limit;
  }

  *push(text: string): Generator<LogRecord> {
    this.#waiting += text;
    let start = 0;
    mark.lastIndex = this.#at;
    for (let found = mark.exec(this.#waiting); found !== null; found = mark.exec(this.#waiting)) {
      if (found[0] === '"') this.#isQuoted = !this.#isQuoted;
      else if (!this.#isQuoted) {
        yield* this.#record(start, found.index);
        start = found.index + 1;
        mark.lastIndex = start;
      }
    }
    this.#at = this.#waiting.length;
    this.#forget(start);
  }

  *end(): Generator<LogRecord> {
    if (this.#isQuoted) yield { text: null, line: this.#line };
    else yield* this.#record(0, this.#waiting.length);
    this.#waiting = "";
  }

  *#record(start: number, end: number): Generator<LogRecord> {
    const line = this.#isTooLong ? this.#line : this.#lines.lineAt(this.#waiting, start);
    const text = this.#waiting.slice(start, end).replace(/\r$/, "");
    if (this.#isTooLong || text.length > this.#limit) yield { text: null, line };
    else if (text !== "") yield { text, line };
    this.#isTooLong = false;
  }

  #forget(start: number): void {
    const isOver = this.#waiting.length - start > this.#limit;
    if (!this.#isTooLong) this.#line = this.#lines.lineAt(this.#waiting, start);
    if (isOver) this.#isTooLong = true;
    const done = this.#isTooLong ? this.#waiting.length : start;
    this.#lines.forget(this.#waiting, done);
    this.#waiting = this.#waiting.slice(done);
    this.#at -= done;
  }
}

/** The cells of a record, without their quotes: at most 512. A quote inside an unquoted cell is a character of it. */
export function csvCells(record: string, separator: string): readonly string[] {
  const cells: string[] = [];
  for (let at = 0; cells.length < mostCells; at += 1) {
    const isQuoted = record.charAt(at) === '"';
    const end = isQuoted ? closingQuote(record, at + 1) : record.indexOf(separator, at);
    const stop = end === -1 ? record.length : end;
    cells.push(isQuoted ? record.slice(at + 1, stop).replaceAll('""', '"') : record.slice(at, stop));
    at = isQuoted ? record.indexOf(separator, stop) : stop;
    if (at === -1 || at >= record.length) return cells;
  }
  return cells;
}

/** Index of the quote that ends a cell; -1 without one. */
function closingQuote(record: string, from: number): number {
  for (let at = record.indexOf('"', from); at !== -1; at = record.indexOf('"', at + 2))
    if (record.charAt(at + 1) !== '"') return at;
  return -1;
}

/** The character between the cells of a line of column names: a comma, or what `Export-Csv -UseCulture` writes instead. */
export function separatorOf(header: string): string {
  const bare = header.replace(/"[^"]{0,256}"/g, "");
  const count = (one: string): number => bare.split(one).length;
  return [",", ";", "\t"].reduce((best, one) => (count(one) > count(best) ? one : best));
}
