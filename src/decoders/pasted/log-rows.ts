// Rows of server logs with their header, read by the readers of a whole log. A log shows who was signed in, how, and with which answer;
// a row is described even where judging leaves it out.
import type { LogRow } from "../../core/log-row.ts";
import type { Applications } from "../../core/principals.ts";
import { bindColumns, type Cells } from "../../server-logs/columns.ts";
import { csvCells } from "../../server-logs/csv-cells.ts";
import { isHeaderLine, type LogHeader, type TextLog } from "../../server-logs/log-header.ts";
import { startLogText } from "../../server-logs/log-text.ts";
import type { RowReading } from "../../server-logs/row-reader.ts";
import type { JsonObject } from "../json-text.ts";
import { type DecodedSubject, type DecodedValue, subjectOf, valueOfKind } from "./decoded-value.ts";
import { decodeHeaderlessRows } from "./headerless-rows.ts";
import { plainLogLines } from "./log-dress.ts";
import { decodeLoggedText, diagnosticsOf } from "./log-members.ts";
import { applicationWords, proofOf, refusalWords, signInWords } from "./log-row-words.ts";
import { signedInWords } from "./log-users.ts";

const mostRows = 20;

const logNames: Readonly<Record<TextLog, string>> = {
  "http-proxy": "Exchange HttpProxy",
  ews: "Exchange Ews",
  autodiscover: "Exchange Autodiscover",
  "oauth-outbound": "Exchange OAuthOutbound",
  iis: "IIS (W3C)",
  "http-err": "HTTPERR (HTTP.sys)",
};

/** The rows of a pasted log as a value of kind `log-rows`; null when the text is none. */
export function decodeLogRows(text: string, applications: Applications | undefined): DecodedValue | null {
  const lines = plainLogLines(text).map((line) => line.replace(/^\s*(?=#)/, ""));
  const first = lines.findIndex((line) => isHeaderLine(line));
  const read = first === -1 ? null : readRows(lines.slice(first), applications);
  return read ?? decodeHeaderlessRows(lines, applications);
}

interface ShownRow {
  readonly value: JsonObject;
  readonly subject: DecodedSubject;
}

interface Collected {
  /** The first log whose columns are known. */
  log: TextLog | null;
  version: string;
  rows: number;
  unreadable: number;
  readonly missing: Set<string>;
  readonly shown: ShownRow[];
}

/** Rows below a header; null where no line is a header of a log that is read. */
function readRows(lines: readonly string[], applications: Applications | undefined): DecodedValue | null {
  const collected = collectRows(lines, applications);
  const { log, version, rows, unreadable, missing, shown } = collected;
  if (log === null) return null;
  const value = {
    log: logNames[log],
    version: log === "iis" || log === "http-err" ? "" : version,
    rows,
    shown: shown.map((one) => one.value),
    ...(unreadable === 0 ? {} : { unreadable: unreadableWords(unreadable) }),
    ...(missing.size === 0 || rows === 0 ? {} : { missingColumns: [...missing].join(", ") }),
    note: noteOf(log),
  };
  return valueOfKind("log-rows", value, { exchanges: shown.map(({ subject }) => subject) });
}

function collectRows(lines: readonly string[], applications: Applications | undefined): Collected {
  const text = startLogText();
  const collected: Collected = { log: null, version: "", rows: 0, unreadable: 0, missing: new Set(), shown: [] };
  for (const [index, line] of lines.entries()) {
    const reading = text.read(line, { id: `l${index + 1}`, file: "", line: index + 1 });
    const { header, reader } = text;
    if (reader === null && collected.log === null) continue;
    if (collected.log === null) Object.assign(collected, { log: header.log, version: header.version });
    if (reading.kind === "header") {
      collected.version = header.version;
      for (const name of reader?.missingColumns ?? []) collected.missing.add(name);
    } else addReading(collected, reading, { line, header, isLeftOut: reading.kind === "dropped", applications });
  }
  return collected;
}

function addReading(collected: Collected, reading: RowReading, place: Place): void {
  if (reading.kind === "unreadable") {
    collected.unreadable += 1;
    return;
  }
  collected.rows += 1;
  if (reading.row !== undefined && collected.shown.length < mostRows)
    collected.shown.push(shownRow(reading.row, place));
}

function unreadableWords(count: number): string {
  const lines = count === 1 ? "1 line" : `${count} lines`;
  return `${lines}: torn, or with other cells than the header above has columns`;
}

function noteOf(log: TextLog): string {
  const signature = "a log shows no signature";
  if (log === "iis" || log === "http-err")
    return `${signature}, and this one no scheme either: it shows who was signed in and the status. The HttpProxy log of the same time shows more.`;
  if (log === "oauth-outbound")
    return `${signature}, and this one not what the other side answered to the call: it shows whether Exchange holds a token.`;
  return `${signature}: it shows who was signed in and the status. Capture the call (realmscope watch, a HAR or a SAZ) for what the token held.`;
}

interface Place {
  readonly line: string;
  readonly header: LogHeader;
  readonly isLeftOut: boolean;
  readonly applications: Applications | undefined;
}

const leftOut =
  "when a whole log is judged: a probe, a hop between servers, a person's sign-in, or a call that tells nothing of services";

function shownRow(row: LogRow, { line, header, isLeftOut, applications }: Place): ShownRow {
  const cell = cellsOf(line, header);
  const token = row.printedToken === null ? null : decodeLoggedText(row.printedToken, applications);
  const unproven = row.isFormUnproven ? "as far as the log's known form goes: it is known from Exchange 2013" : "";
  const value: JsonObject = {
    time: timeText(cell),
    method: row.method,
    path: row.path.slice(0, 200),
    host: row.host,
    status: row.status === null ? "" : String(row.status),
    backEndStatus: row.backEndStatus === null ? "" : String(row.backEndStatus),
    signedIn: signedInWords(cell("authenticateduser") || userName(cell("cs-username")), applications),
    by: cell("authenticationtype").slice(0, 40),
    signIn: row.log === "oauth-outbound" ? "" : signInWords[row.signIn],
    program: row.userAgent.slice(0, 120),
    caller: callerWords(row, applications),
    actsAs: actsAsWords(row),
    realm: row.realm ?? "",
    operation: row.operation ?? "",
    refusal: refusalWords(row),
    failure: row.failure,
    token: row.printedToken === null ? "" : tokenWords(row.printedToken),
    ...proofOf(row, applications),
    form: unproven,
    leftOut: isLeftOut ? leftOut : "",
  };
  return { value, subject: subjectOfRow(row, token) };
}

function cellsOf(line: string, { log, columns }: LogHeader): Cells {
  const cells = log === "iis" || log === "http-err" ? line.trimEnd().split(" ") : (csvCells(line) ?? []);
  return bindColumns(columns)(cells);
}

function timeText(cell: Cells): string {
  const time = cell("datetime") || cell("date-time") || cell("time");
  return `${cell("date")} ${time}`.trim().slice(0, 40);
}

function userName(cell: string): string {
  return cell === "-" ? "" : cell.replaceAll("+", " ");
}

function callerWords({ caller }: LogRow, applications: Applications | undefined): string {
  return caller === null ? "" : `${applicationWords(caller.applicationId, applications)}, from ${caller.shownBy}`;
}

function actsAsWords({ actsAs }: LogRow): string {
  if (actsAs === null) return "";
  const names = actsAs.keys.length === 0 ? "" : ` by ${actsAs.keys.join(", ")}`;
  const { isVerified } = actsAs;
  return `a user${names}${isVerified === null ? "" : isVerified ? ", verified" : ", not verified"}`;
}

function tokenWords(token: string): string {
  return token.startsWith("{") ? "printed, without its signature" : "raw: this row holds a whole token";
}

/** A refusal and a token of a row are judged like pasted ones. */
function subjectOfRow(row: LogRow, token: DecodedValue | null): DecodedSubject {
  const { log, refusal, isTokenGiven } = row;
  const tokens = token?.subject.tokens ?? [];
  const isPrinted = tokens.length > 0;
  if (log !== "oauth-outbound") {
    const diagnostics = log === "iis" || refusal === null ? null : diagnosticsOf(refusal.code, refusal.text);
    return subjectOf({ diagnostics, tokens, isPrinted });
  }
  if (isTokenGiven !== false || refusal === null || refusal.code === null) return subjectOf({ tokens, isPrinted });
  const errorCode = `AADSTS${refusal.code}`;
  const tokenAnswer = { isIssued: false, tokenType: "", expiresInSeconds: null, error: "", errorCode };
  return subjectOf({ tokens, isPrinted, tokenAnswer });
}
