// Recognises a log whose records may span lines - events of Windows, sign-ins of Entra - by its first characters, and reads its
// records.
import type { LogKind } from "../../core/log-row.ts";
import type { RowPlace, RowReading } from "../row-reader.ts";
import { CsvCutter, csvCells, separatorOf } from "./csv-cutter.ts";
import { eventRow } from "./event-row.ts";
import { JsonCutter } from "./json-cutter.ts";
import type { LogRecord, RecordCutter } from "./record-cutter.ts";
import { columnName, type RecordMark, recordMark, recordMarkLength } from "./record-mark.ts";
import { type Cells, cellsOf } from "./record-values.ts";
import { missingSignInColumns, readCsvSignIn, readJsonSignIn, type SignIn } from "./sign-in.ts";
import { signInRow } from "./sign-in-row.ts";
import { missingEventColumns, readCsvEvent, readJsonEvent, readXmlEvent, type WindowsEvent } from "./windows-event.ts";
import { XmlCutter } from "./xml-cutter.ts";

/** Such a log, opened. Its records are read in the order in which the cutter gives them. */
export interface RecordLog {
  readonly log: LogKind;
  readonly cutter: RecordCutter;
  /** Columns that judging needs and the file lacks. */
  readonly missingColumns: readonly string[];
  /** The reading of a record; null for a line of column names. */
  read(record: LogRecord, place: RowPlace): RowReading | null;
}

/** Opens a text by its first characters; null for any other text. */
export function openRecordLog(text: string): RecordLog | null {
  const start = text.slice(0, recordMarkLength).replace(/^\ufeff/, "");
  const mark = recordMark(start);
  switch (mark?.form) {
    case "xml":
      return openEvents(new XmlCutter("Event"), readXmlEvent);
    case "json":
      return mark?.log === "windows-event"
        ? openEvents(new JsonCutter(), readJsonEvent)
        : openSignIns(new JsonCutter(), readJsonSignIn);
    case "csv":
      return openCsv(start, mark?.log ?? "windows-event");
    default:
      return null;
  }
}

function openEvents(cutter: RecordCutter, parse: (text: string) => WindowsEvent | null): RecordLog {
  const read = (text: string, place: RowPlace): RowReading => readingOf(parse(text), (event) => eventRow(event, place));
  return { log: "windows-event", cutter, missingColumns: [], read: whole(read) };
}

function openSignIns(cutter: RecordCutter, parse: (text: string) => SignIn | null): RecordLog {
  const read = (text: string, place: RowPlace): RowReading => readingOf(parse(text), (one) => signInRow(one, place));
  return { log: "entra-sign-in", cutter, missingColumns: [], read: whole(read) };
}

function readingOf<Value>(value: Value | null, row: (value: Value) => RowReading): RowReading {
  return value === null ? { kind: "unreadable" } : row(value);
}

function whole(read: (text: string, place: RowPlace) => RowReading): RecordLog["read"] {
  return ({ text }, place) => (text === null ? { kind: "unreadable" } : read(text, place));
}

/** Windows PowerShell writes the name of the type above the names of the columns. */
function openCsv(start: string, log: RecordMark["log"]): RecordLog {
  const header =
    start
      .split("\n", 8)
      .find((line) => line.trim() !== "" && !isTypeLine(line))
      ?.replace(/\r$/, "") ?? "";
  const separator = separatorOf(header);
  const names = csvCells(header, separator).map(columnName);
  const columns: Cells = new Map(names.map((name) => [name, ""]));
  const read = (text: string, place: RowPlace): RowReading => {
    const cells = cellsOf(text, names, separator);
    if (log === "windows-event") return readingOf(readCsvEvent(cells), (event) => eventRow(event, place));
    return readingOf(readCsvSignIn(cells), (signIn) => signInRow(signIn, place));
  };
  return {
    log,
    cutter: new CsvCutter(),
    missingColumns: log === "windows-event" ? missingEventColumns(columns) : missingSignInColumns(columns),
    read: (record, place) => {
      const line = record.text?.replace(/^\ufeff/, "") ?? "";
      return line === header || isTypeLine(line) ? null : whole(read)(record, place);
    },
  };
}

function isTypeLine(line: string): boolean {
  return /^"?#TYPE\b/i.test(line);
}
