// Bytes of one log → rows and counts. Lines without a needle are counted and not decoded; only hits become text.
import type { LogFileReport, LogKind, LogRow } from "../../core/log-row.ts";
import { isHeaderLine } from "../../server-logs/log-header.ts";
import { type LogText, startLogText } from "../../server-logs/log-text.ts";
import type { RowPlace } from "../../server-logs/row-reader.ts";
import { ByteSearch, needlesOf } from "./byte-search.ts";
import { cellOf, serverOf, timeOfLine } from "./row-start.ts";

/** Bytes of a line; a longer one is skipped and counted as unreadable. */
const lineLimit = 1024 * 1024;

export interface ScanOptions {
  /** The file as it was given. */
  readonly file: string;
  /** Takes each row in the order of the file; its id is empty. False for a row that is not wanted, which counts as dropped. */
  onRow(row: LogRow): boolean;
}

/** Scans one log; give it all bytes in order. */
export class LogScanner {
  readonly #options: ScanOptions;
  readonly #counts = { kept: 0, dropped: 0, unreadable: 0 };
  readonly #missing = new Set<string>();
  #log: LogKind | null = null;
  #server = "";
  #firstAt: number | null = null;
  #lastAt: number | null = null;
  readonly #text: LogText = startLogText();
  #search: ByteSearch | null = null;
  /** The header changed: the next row is the first below it. */
  #isHeaderNew = true;
  #line = 0;
  #carry: Buffer[] = [];
  #carryLength = 0;

  constructor(options: ScanOptions) {
    this.#options = options;
  }

  /** Lines that have ended. */
  get lines(): number {
    return this.#line;
  }

  /** The kind of the log; `foreign` for a text that is not a known log; null until a line tells. */
  get log(): LogKind | "foreign" | null {
    if (this.#log !== null) return this.#log;
    const { log, columns } = this.#text.header;
    return columns.length === 0 ? (this.#counts.unreadable > 0 ? "foreign" : null) : (log ?? "foreign");
  }

  /** What the header calls the log; empty without a name. */
  get name(): string {
    return this.#text.header.name;
  }

  /** Takes the next bytes; they may be overwritten afterwards. */
  push(chunk: Buffer): void {
    let from = 0;
    if (this.#carryLength > 0) {
      const end = chunk.indexOf(10);
      if (end === -1) {
        this.#keep(chunk);
        return;
      }
      this.#endCarried(chunk.subarray(0, end + 1));
      from = end + 1;
    }
    const last = chunk.lastIndexOf(10);
    if (last >= from) this.#scan(chunk, from, last);
    this.#keep(chunk.subarray(Math.max(from, last + 1)));
  }

  /** Ends the file: a last line without a line end is torn, and counted as unreadable. */
  end(): void {
    if (this.#carryLength > 0) this.#counts.unreadable += 1;
    this.#carry = [];
    this.#carryLength = 0;
  }

  /** What was read since the last report. `at`: the time of the report, where no row has one. */
  takeReport(at: number): LogFileReport {
    const report: LogFileReport = {
      file: this.#options.file,
      log: this.#log ?? "http-proxy",
      at: this.#lastAt ?? at,
      server: this.#server,
      ...this.#counts,
      firstAt: this.#firstAt,
      lastAt: this.#lastAt,
      missingColumns: [...this.#missing],
    };
    Object.assign(this.#counts, { kept: 0, dropped: 0, unreadable: 0 });
    this.#firstAt = null;
    this.#lastAt = null;
    return report;
  }

  #keep(rest: Buffer): void {
    // Zero bytes before a line are what a crash leaves where a writer had reserved room.
    const from = this.#carryLength === 0 ? afterZeros(rest, 0) : 0;
    if (from >= rest.length) return;
    this.#carryLength += rest.length - from;
    if (this.#carryLength <= lineLimit) this.#carry.push(Buffer.from(rest.subarray(from)));
    else this.#carry = [];
  }

  #endCarried(last: Buffer): void {
    const isTooLong = this.#carryLength + last.length > lineLimit;
    const line = isTooLong ? null : Buffer.concat([...this.#carry, last]);
    this.#carry = [];
    this.#carryLength = 0;
    if (line !== null) {
      this.#scan(line, 0, line.length - 1);
      return;
    }
    this.#line += 1;
    this.#counts.unreadable += 1;
  }

  /** Takes the lines from `from` to the line end at `last`. */
  #scan(chunk: Buffer, from: number, last: number): void {
    this.#search?.begin(chunk, from);
    let lastRow = -1;
    for (let at = from; at <= last; ) {
      const end = chunk.indexOf(10, at);
      const start = afterMark(chunk, afterZeros(chunk, at));
      this.#line += 1;
      if (isRowStart(chunk, start) && end - start <= lineLimit) {
        this.#takeRow(chunk, start, end);
        lastRow = start;
      } else this.#takeOther(chunk, start, end);
      at = end + 1;
    }
    if (lastRow !== -1) this.#lastAt = timeOfLine(chunk, lastRow) ?? this.#lastAt;
  }

  #takeRow(chunk: Buffer, start: number, end: number): void {
    if (this.#isHeaderNew) this.#beginRows(chunk, start, end);
    if (this.#firstAt === null) this.#firstAt = timeOfLine(chunk, start);
    if (this.#search === null || this.#search.isBefore(end)) this.#read(chunk, start, end);
    else if (end - start < shortestRow) this.#counts.unreadable += 1;
    else this.#counts.dropped += 1;
  }

  #read(chunk: Buffer, start: number, end: number): void {
    const line = textOf(chunk, start, end);
    if (this.#text.reader?.isPlainlyDropped?.(line) === true) {
      this.#counts.dropped += 1;
      return;
    }
    const reading = this.#text.read(line, this.#place());
    if (reading.kind === "unreadable") this.#counts.unreadable += 1;
    else if (reading.kind === "row" && this.#options.onRow(reading.row)) this.#counts.kept += 1;
    else this.#counts.dropped += 1;
  }

  #place(): RowPlace {
    return { id: "", file: this.#options.file, line: this.#line };
  }

  /** A line that does not begin as a row does: a header, an empty line, or one that cannot be read. */
  #takeOther(chunk: Buffer, start: number, end: number): void {
    const length = end - start;
    if (length <= 0 || (length === 1 && chunk[start] === 13)) return;
    const line = length > longestHeader ? "" : textOf(chunk, start, end);
    if (!isHeaderLine(line)) {
      this.#counts.unreadable += 1;
      return;
    }
    this.#text.read(line, this.#place());
    this.#isHeaderNew = true;
  }

  #beginRows(chunk: Buffer, start: number, end: number): void {
    this.#isHeaderNew = false;
    const { header, reader } = this.#text;
    for (const name of reader?.missingColumns ?? []) this.#missing.add(name);
    const line = textOf(chunk, start, end);
    this.#server ||= serverOf(header.columns, line);
    this.#log = header.log ?? this.#log;
    const needles = reader === null ? null : needlesOf(reader.log, cellOf(header.columns, line, "protocol"));
    this.#search = needles === null ? null : new ByteSearch(needles);
    this.#search?.begin(chunk, start);
  }
}

/** A shorter row has no cells beside its time. */
const shortestRow = 24;
/** Column names of the longest header are 3 KB. */
const longestHeader = 64 * 1024;

function afterZeros(bytes: Buffer, from: number): number {
  let at = from;
  while (at < bytes.length && bytes[at] === 0) at += 1;
  return at;
}

/** Behind a byte order mark of UTF-8; files that were joined have one in their middle. */
function afterMark(bytes: Buffer, at: number): number {
  return bytes[at] === 0xef && bytes[at + 1] === 0xbb && bytes[at + 2] === 0xbf ? at + 3 : at;
}

/** A row begins with the digit of its time, perhaps in quotes. */
function isRowStart(bytes: Buffer, at: number): boolean {
  const first = bytes[at] === 0x22 ? bytes[at + 1] : bytes[at];
  return first !== undefined && first >= 0x30 && first <= 0x39;
}

function textOf(bytes: Buffer, start: number, end: number): string {
  return bytes.toString("utf8", start, end > start && bytes[end - 1] === 13 ? end - 1 : end);
}
