// The header of a log: which one it is, of which version of its writer, and its columns by name.
import type { LogKind } from "../core/log-row.ts";
import { type ColumnNames, columnNames } from "./columns.ts";

/** Logs whose rows are lines of text. */
export type TextLog = Exclude<LogKind, "windows-event" | "entra-sign-in">;

export interface LogHeader {
  /** Null for a log that this program does not read. */
  readonly log: TextLog | null;
  /** `#Log-type` or `#Software` as written, at most 80 characters; empty when the header has neither. */
  readonly name: string;
  /** `#Version`; of Exchange that of its build (`15.01.2375.007`). */
  readonly version: string;
  /** Empty until `#Fields` or the line of column names. */
  readonly columns: ColumnNames;
}

/** Before the first line of a header. */
export const noHeader: LogHeader = { log: null, name: "", version: "", columns: [] };

const logTypes: ReadonlyMap<string, TextLog> = new Map([
  ["httpproxy logs", "http-proxy"],
  ["ews logs", "ews"],
  ["autodiscover protocol logs", "autodiscover"],
  ["oauth outbound logs", "oauth-outbound"],
]);

/** True for a line that belongs to a header: a comment or the bare names of the columns. */
export function isHeaderLine(line: string): boolean {
  return line.startsWith("#") || isColumnLine(line);
}

/** True for the bare line of column names, which Exchange writes before or after the comments. */
function isColumnLine(line: string): boolean {
  return /^(?:"?[A-Za-z() -]{0,40}"?,){0,8}"?date-?time"?(?:,|$)/i.test(line);
}

/** The header after one more of its lines. A line of another kind changes nothing. */
export function readHeaderLine(header: LogHeader, line: string): LogHeader {
  if (isColumnLine(line)) return withColumns(header, csvNames(line));
  const [, field = "", value = ""] = /^#([A-Za-z-]{1,20}):[ \t]*(.*)$/.exec(line) ?? [];
  switch (field.toLowerCase()) {
    case "software":
      // A new block: what the one before said about the log does not hold for its rows.
      return { ...header, ...byName(value, softwareLog(value) ?? logOfColumns(header.columns)), version: "" };
    case "version":
      return { ...header, version: value.trim().slice(0, 40) };
    case "log-type":
      return { ...header, ...byName(value, logTypes.get(value.trim().toLowerCase()) ?? null) };
    case "fields":
      return withColumns(header, value.includes(",") ? csvNames(value) : value.trim().split(/\s+/));
    default:
      return header;
  }
}

/** True for a version of Exchange Server 2016 or later, false for 2013, null for a text that is not a version. */
export function isNewerThan2013(version: string): boolean | null {
  const minor = /^15\.0?(\d{1,2})\./.exec(version)?.[1];
  return minor === undefined ? null : Number(minor) > 0;
}

function byName(value: string, log: TextLog | null): Pick<LogHeader, "log" | "name"> {
  return { log, name: value.trim().slice(0, 80) };
}

/** IIS and HTTP.sys have no `#Log-type`. */
function softwareLog(software: string): TextLog | null {
  if (/Microsoft Internet Information Services/i.test(software)) return "iis";
  return /Microsoft HTTP API/i.test(software) ? "http-err" : null;
}

function csvNames(line: string): readonly string[] {
  return line
    .slice(0, 64 * 1024)
    .split(",")
    .map((name) => name.replace(/^\s*"|"\s*$/g, ""));
}

function withColumns(header: LogHeader, names: readonly string[]): LogHeader {
  const columns = columnNames(names);
  // Without `#Log-type` or `#Software` the columns tell the log.
  const isNamed = header.name !== "" && !/^Microsoft Exchange/i.test(header.name);
  return { ...header, columns, log: isNamed ? header.log : (logOfColumns(columns) ?? header.log) };
}

/** The log that has these columns, else null. */
function logOfColumns(columns: ColumnNames): TextLog | null {
  const has = (...names: readonly string[]): boolean => names.every((name) => columns.includes(name));
  const isProxy = ["protocolaction", "proxyaction", "urlstem", "backendstatus"].some((name) => has("datetime", name));
  if (isProxy) return "http-proxy";
  if (has("datetime", "redirecttype")) return "autodiscover";
  if (has("datetime", "soapaction")) return "ews";
  if (has("date-time", "operation", "token-result")) return "oauth-outbound";
  if (has("date", "time", "s-reason")) return "http-err";
  const isW3c = has("date", "time") && columns.some((name) => /^(?:cs|sc)[-(]/.test(name));
  return isW3c ? "iis" : null;
}
