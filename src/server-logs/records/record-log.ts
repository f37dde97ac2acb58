// Recognises a log whose records may span lines - events of Windows, sign-ins of Entra - by its first characters, and reads its
// records.
import type { LogKind } from "../../core/log-row.ts";
import type { RowPlace, RowReading } from "../row-reader.ts";
import { CsvCutter, csvCells, separatorOf } from "./csv-cutter.ts";
import { eventRow } from "./event-row.ts";
import { JsonCutter } from "./json-cutter.ts";
import type { LogRecord, RecordCutter } from "./record-cutter.ts";
import { columnName, type RecordMark, recordMark, recordMarkLength } from "./record-mark.ts";
import { readRecordTime } from "./record-time.ts";
import { type Cells, cellsOf, readTable } from "./record-values.ts";
import { missingSignInColumns, readCsvSignIn, readJsonSignIn, type SignIn, signInOf } from "./sign-in.ts";
import { signInRow } from "./sign-in-row.ts";
import { missingEventColumns, readCsvEvent, readJsonEvent, readXmlEvent, type WindowsEvent } from "./windows-event.ts";
import { XmlCutter } from "./xml-cutter.ts";

/** Such a log, opened. Its records are read in the order in which the cutter gives them. */
export interface RecordLog {
  readonly log: LogKind;
  readonly cutter: RecordCutter;
  /** Columns that judging needs and the file lacks. */
  readonly missingColumns: readonly string[];
  /** Records so far whose time has no zone, and was read as UTC. */
  readonly localTimes: number;
  /** The readings of a record: one, but of a table all its rows, and of a line of column names none. */
  read(record: LogRecord, place: RowPlace): readonly RowReading[];
}

/** A whole answer of Log Analytics is one table; its interface gives out 64 MB at most. */
const longestTable = 64 * 1024 * 1024;

/** Opens a text by its first characters; null for any other text. */
export function openRecordLog(text: string): RecordLog | null {
  const start = text.slice(0, recordMarkLength).replace(/^\ufeff/, "");
  const mark = recordMark(start);
  if (mark === null) return null;
  const isEvents = mark.log === "windows-event";
  switch (mark.form) {
    case "xml":
      return open({
        log: mark.log,
        cutter: new XmlCutter("Event"),
        parse: (record) => [eventReading(readXmlEvent(record))],
      });
    case "json":
      return open({
        log: mark.log,
        cutter: new JsonCutter(),
        parse: (record) => [isEvents ? eventReading(readJsonEvent(record)) : signInReading(readJsonSignIn(record))],
      });
    case "table":
      return open({
        log: mark.log,
        cutter: new JsonCutter(longestTable),
        parse: (record) => readTable(record).map((row) => signInReading(signInOf(row))),
      });
    case "csv":
      return openCsv(start, mark.log);
  }
}

/** A record as it was read: what makes a row of it, null for a record that cannot be read. */
interface Parsed {
  readonly isLocal: boolean;
  row(place: RowPlace): RowReading;
}

function eventReading(event: WindowsEvent | null): Parsed | null {
  return event === null ? null : { isLocal: event.time?.isLocal ?? false, row: (place) => eventRow(event, place) };
}

function signInReading(signIn: SignIn | null): Parsed | null {
  return signIn === null ? null : { isLocal: signIn.time?.isLocal ?? false, row: (place) => signInRow(signIn, place) };
}

interface Opening {
  readonly log: LogKind;
  readonly cutter: RecordCutter;
  readonly missingColumns?: readonly string[];
  parse(record: string): readonly (Parsed | null)[];
}

function open({ log, cutter, missingColumns = [], parse }: Opening): RecordLog {
  let localTimes = 0;
  return {
    log,
    cutter,
    missingColumns,
    get localTimes() {
      return localTimes;
    },
    read({ text }, place) {
      if (text === null) return [{ kind: "unreadable" }];
      return parse(text).map((parsed) => {
        if (parsed === null) return { kind: "unreadable" };
        const reading = parsed.row(place);
        if (parsed.isLocal && reading.kind === "row") localTimes += 1;
        return reading;
      });
    },
  };
}

/** Windows PowerShell writes the name of the type above the names of the columns. */
function openCsv(start: string, log: RecordMark["log"]): RecordLog {
  const header =
    start
      .split("\n", 8)
      .find((line) => line.trim() !== "" && !isTypeLine(line))
      ?.replace(/\r$/, "") ?? "";
  const separator = separatorOf(header);
  const named = csvCells(header, separator).map(columnName);
  const isEvents = log === "windows-event";
  const isNamed = !isEvents || !missingEventColumns(new Map(named.map((name) => [name, ""]))).includes("ProviderName");
  const names = isNamed ? named : namesByCells(start, separator);
  const columns: Cells = new Map(names.map((name) => [name, ""]));
  return open({
    log,
    cutter: new CsvCutter(),
    missingColumns: isEvents ? missingEventColumns(columns) : missingSignInColumns(columns),
    parse(record) {
      const line = record.replace(/^\ufeff/, "");
      if (line === header || isTypeLine(line)) return [];
      const cells = cellsOf(record, names, separator);
      return [isEvents ? eventReading(readCsvEvent(cells)) : signInReading(readCsvSignIn(cells))];
    },
  });
}

/** Names for columns in another language, by the cells of the first event of Exchange: its source, its number, its time. */
function namesByCells(start: string, separator: string): readonly string[] {
  const cutter = new CsvCutter();
  for (const { text } of cutter.push(start)) {
    const cells = csvCells(text ?? "", separator);
    const source = cells.findIndex((cell) => /^MSExchange\b/i.test(cell));
    if (source === -1) continue;
    const number = cells.findIndex((cell, index) => index > source && /^\d{1,5}$/.test(cell));
    const time = cells.findIndex((cell) => readRecordTime(cell) !== null);
    return cells.map((_, index) => {
      if (index === source) return "source";
      if (index === number) return "eventid";
      if (index === time) return "timecreated";
      return index === cells.length - 1 ? "message" : "";
    });
  }
  return [];
}

function isTypeLine(line: string): boolean {
  return /^"?#TYPE\b/i.test(line);
}
