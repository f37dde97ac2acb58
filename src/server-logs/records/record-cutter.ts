// The port of the cutters: a log whose records may span lines (events, sign-ins) becomes one text a record.

/** One record of a log: an XML element, a JSON object, or a record of CSV with its line breaks. */
export interface LogRecord {
  /** Null for a record over the limit, or one that the end of the file cuts. */
  readonly text: string | null;
  /** Line of its first character, from 1. */
  readonly line: number;
}

/** Cuts text that comes in pieces of any length. Pure; never throws; holds one record at most. */
export interface RecordCutter {
  /** The records that end in this piece. */
  push(text: string): Generator<LogRecord>;
  /** The record that the end of the text ends or cuts. */
  end(): Generator<LogRecord>;
}

/** Longest record, in characters: an event holds 32 Ki characters a parameter, a sign-in some thousand. */
export const longestRecord = 1024 * 1024;

/** Numbers of lines by offset, for offsets that never fall, in text whose beginning is forgotten. */
export class LineCounter {
  #line = 1;
  #counted = 0;

  /** Line of an offset of `text`, from 1. */
  lineAt(text: string, offset: number): number {
    for (let at = text.indexOf("\n", this.#counted); at !== -1 && at < offset; at = text.indexOf("\n", at + 1)) {
      this.#line += 1;
      this.#counted = at + 1;
    }
    this.#counted = Math.max(this.#counted, offset);
    return this.#line;
  }

  /** The first characters of the text are removed; they are counted. */
  forget(text: string, length: number): void {
    this.lineAt(text, length);
    this.#counted -= length;
  }
}
