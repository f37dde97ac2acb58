// Recognises a log whose records may span lines - events of Windows, sign-ins of Entra - by its first characters, and reads its
// records.
import type { LogKind } from "../../core/log-row.ts";
import type { RowPlace, RowReading } from "../row-reader.ts";
import { CsvCutter, csvCells, separatorOf } from "./csv-cutter.ts";
import { eventRow } from "./event-row.ts";
import { JsonCutter } from "./json-cutter.ts";
import type { LogRecord, RecordCutter } from "./record-cutter.ts";
import { type Cells, cellsOf, columnName } from "./record-values.ts";
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

/** How much of a text is looked at. */
const startLength = 64 * 1024;

/** Opens a text by its first characters, 64 Ki at most; null for any other text. */
export function openRecordLog(text: string): RecordLog | null {
  const start = text.slice(0, startLength).replace(/^\ufeff/, "");
  const first = /^\s{0,4096}(\S)/.exec(start)?.[1] ?? "";
  if (first === "<") return isEventXml(start) ? openEvents(new XmlCutter("Event"), readXmlEvent) : null;
  if (first === "{" || first === "[") return openJson(start);
  return openCsv(start);
}

const eventXml =
  /<Event\s[^>]{0,200}\bxmlns\s?=\s?["']http:\/\/schemas\.microsoft\.com\/win\/2004\/08\/events\/event["']/;

/** A failed-request trace holds events, too: it is another format. */
function isEventXml(start: string): boolean {
  return eventXml.test(start) && !/<failedRequest\s/.test(start);
}

function openJson(start: string): RecordLog | null {
  const has = (name: string): boolean => new RegExp(`"${name}"\\s{0,8}:`, "i").test(start);
  const isEvent = (has("ProviderName") && has("Id")) || (has("Source") && (has("EventID") || has("InstanceId")));
  if (isEvent && (has("TimeCreated") || has("TimeGenerated"))) return openEvents(new JsonCutter(), readJsonEvent);
  const isSignIn = has("AppId") && (has("CreatedDateTime") || has("TimeGenerated") || has("time"));
  const isOfPrincipal =
    /ServicePrincipalSignInLogs/i.test(start) ||
    has("ServicePrincipalName") ||
    has("ServicePrincipalId") ||
    has("SignInEventTypes");
  return isSignIn && isOfPrincipal ? openSignIns(new JsonCutter(), readJsonSignIn) : null;
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

/** CSV is known by the names of its columns; Windows PowerShell writes the name of the type above them. */
function openCsv(start: string): RecordLog | null {
  const header =
    start
      .split("\n", 2)
      .find((line) => line.trim() !== "" && !/^"?#TYPE\b/i.test(line))
      ?.replace(/\r$/, "") ?? "";
  if (header === "" || header.length > 8192) return null;
  const separator = separatorOf(header);
  const names = csvCells(header, separator).map(columnName);
  const columns: Cells = new Map(names.map((name) => [name, ""]));
  const kind = kindOfCsv(columns);
  if (kind === null) return null;
  const read = (text: string, place: RowPlace): RowReading => {
    const cells = cellsOf(text, names, separator);
    if (kind === "windows-event") return readingOf(readCsvEvent(cells), (event) => eventRow(event, place));
    return readingOf(readCsvSignIn(cells), (signIn) => signInRow(signIn, place));
  };
  return {
    log: kind,
    cutter: new CsvCutter(),
    missingColumns: kind === "windows-event" ? missingEventColumns(columns) : missingSignInColumns(columns),
    read: (record, place) =>
      record.text !== null && isHeader(record.text, header) ? null : whole(read)(record, place),
  };
}

function isHeader(text: string, header: string): boolean {
  return text.replace(/^\ufeff/, "") === header || /^"?#TYPE\b/i.test(text);
}

function kindOfCsv(columns: Cells): LogKind | null {
  const has = (...names: readonly string[]): boolean => names.some((name) => columns.has(name));
  const isEvent =
    has("id", "eventid", "eventcode", "event", "instanceid") && has("providername", "source", "sourcename");
  if (isEvent && has("message", "description", "leveldisplayname", "entrytype", "taskcategory")) return "windows-event";
  const isSignIn = has("appid", "applicationid") && has("signinerrorcode", "resulttype", "status", "errorcode");
  return isSignIn && has("serviceprincipalid", "serviceprincipalname", "serviceprincipalcredentialthumbprint")
    ? "entra-sign-in"
    : null;
}
