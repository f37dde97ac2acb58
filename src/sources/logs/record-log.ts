// A log whose records may span lines (events of Windows, sign-ins of Entra) as a source of rows. Tools write the newest record first
// or last, so the rows are put into order before they are given out: they are few beside the other records of such a file.
import type { LogFileReport, LogRow } from "../../core/log-row.ts";
import type { LogRecord } from "../../server-logs/records/record-cutter.ts";
import { openRecordLog, type RecordLog } from "../../server-logs/records/record-log.ts";
import { recordMarkLength } from "../../server-logs/records/record-mark.ts";
import type { LogBytes } from "./log-bytes.ts";
import { isInScope, type LogEvent, type LogScope, type OpenedLog } from "./log-file.ts";

/** Rows that are put into order at once; a file with more is in order by parts only. */
const mostRows = 50_000;

/** Reads rows from the bytes of a log. */
export function readRecordLog(bytes: LogBytes, { path, scope }: { path: string; scope: LogScope }): OpenedLog {
  const reader = new RecordReader(path, scope);
  let isEnded = false;
  return {
    async next() {
      while (!isEnded && reader.rows.length < mostRows) {
        const chunk = await bytes.next();
        if (chunk === null) reader.end();
        else reader.push(chunk);
        isEnded = chunk === null;
      }
      const rows = reader.take();
      return rows.length === 0 && isEnded ? null : rows;
    },
    report: () => reader.report(),
    problems: () => reader.problems(),
    isCut: () => bytes.isCut(),
    done: () => bytes.done(),
    close: () => bytes.close(),
  };
}

class RecordReader {
  rows: LogRow[] = [];
  readonly #path: string;
  readonly #scope: LogScope;
  readonly #decoder = new TextDecoder();
  readonly #counts = { kept: 0, dropped: 0, unreadable: 0 };
  /** The first characters, until the log is opened by them. */
  #start = "";
  #log: RecordLog | null = null;
  #isForeign = false;
  #server = "";
  #firstAt: number | null = null;
  #lastAt: number | null = null;

  constructor(path: string, scope: LogScope) {
    this.#path = path;
    this.#scope = scope;
  }

  push(chunk: Buffer): void {
    this.#feed(this.#decoder.decode(chunk, { stream: true }), false);
  }

  end(): void {
    this.#feed(this.#decoder.decode(), true);
    for (const record of this.#log?.cutter.end() ?? []) this.#read(record);
  }

  /** The rows so far in the order of time; rows of one time stay in the order of the file. */
  take(): readonly LogEvent[] {
    const rows = this.rows.sort((one, other) => one.endedAt - other.endedAt);
    this.rows = [];
    return rows.map((row) => ({ kind: "log-row", row }));
  }

  report(): LogFileReport | null {
    if (this.#log === null) return null;
    return {
      file: this.#path,
      log: this.#log.log,
      at: this.#lastAt ?? 0,
      server: this.#server,
      ...this.#counts,
      firstAt: this.#firstAt,
      lastAt: this.#lastAt,
      missingColumns: this.#log.missingColumns,
    };
  }

  problems(): readonly string[] {
    if (this.#isForeign) return ["holds no records that can be read"];
    const local = this.#log?.localTimes ?? 0;
    return local === 0 ? [] : [`has ${local} times without a zone, which were read as UTC`];
  }

  #feed(text: string, isLast: boolean): void {
    if (this.#log === null && !this.#isForeign) {
      this.#start += text;
      if (this.#start.length < recordMarkLength && !isLast) return;
      this.#log = openRecordLog(this.#start);
      this.#isForeign = this.#log === null;
      const start = this.#start;
      this.#start = "";
      this.#cut(start);
    } else this.#cut(text);
  }

  #cut(text: string): void {
    for (const record of this.#log?.cutter.push(text) ?? []) this.#read(record);
  }

  #read(record: LogRecord): void {
    const readings = this.#log?.read(record, { id: "", file: this.#path, line: record.line }) ?? [];
    for (const reading of readings) {
      if (reading.kind === "row") this.#take(reading.row);
      else this.#counts[reading.kind] += 1;
    }
  }

  #take(row: LogRow): void {
    this.#server ||= row.server;
    this.#firstAt = Math.min(this.#firstAt ?? row.endedAt, row.endedAt);
    this.#lastAt = Math.max(this.#lastAt ?? row.endedAt, row.endedAt);
    if (!isInScope({ kind: "log-row", row }, this.#scope)) this.#counts.dropped += 1;
    else {
      this.#counts.kept += 1;
      this.rows.push(row);
    }
  }
}
