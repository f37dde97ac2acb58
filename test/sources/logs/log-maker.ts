// Makes log files of Exchange as its writer does (columns of 15.02, UTF-8 with BOM, CRLF), from cells by the name of their column.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { onTestFinished } from "vitest";
import type { CaptureEvent } from "../../../src/core/capture-event.ts";
import type { LogFileReport, LogRow } from "../../../src/core/log-row.ts";
import { kindOfFile } from "../../../src/sources/input/capture-kind.ts";
import { everyRow, type LogFile, type LogScope } from "../../../src/sources/logs/log-file.ts";
import { readLogs } from "../../../src/sources/logs/read-logs.ts";

const httpProxyColumns =
  "DateTime,RequestId,MajorVersion,MinorVersion,BuildVersion,RevisionVersion,ClientRequestId,Protocol,UrlHost,UrlStem,ProtocolAction,AuthenticationType,IsAuthenticated,AuthenticatedUser,Organization,AnchorMailbox,UserAgent,ClientIpAddress,ServerHostName,HttpStatus,BackEndStatus,ErrorCode,Method,ProxyAction,TargetServer,TargetServerVersion,RoutingType,RoutingHint,BackEndCookie,ServerLocatorHost,ServerLocatorLatency,RequestBytes,ResponseBytes,TotalRequestTime,UrlQuery,BackEndGenericInfo,GenericInfo,GenericErrors".split(
    ",",
  );

export type Cells = Readonly<Record<string, string>>;

export const skypeId = "00000004-0000-0ff1-ce00-000000000000";

/** A call of Skype for Business Online that Exchange accepted; minute and second of 08:00 UTC on 2026-11-30 are in `time`. */
export function acceptedCall(time: string, cells: Cells = {}): Cells {
  return {
    DateTime: `2026-11-30T${time}Z`,
    RequestId: "11111111-2222-4333-8444-555555555555",
    MajorVersion: "15",
    MinorVersion: "2",
    Protocol: "Ews",
    UrlHost: "mail.contoso.example",
    UrlStem: "/EWS/Exchange.asmx",
    AuthenticationType: "Bearer",
    IsAuthenticated: "true",
    AuthenticatedUser: `S2S~${skypeId}`,
    UserAgent: "SkypeSpaces/1a$*+",
    ClientIpAddress: "192.0.2.10",
    ServerHostName: "EX01",
    HttpStatus: "200",
    BackEndStatus: "200",
    Method: "POST",
    ...cells,
  };
}

/** A health check of Exchange's own. */
export function probe(time: string, cells: Cells = {}): Cells {
  return acceptedCall(time, {
    UserAgent: "AMProbe/Local/ClientAccess",
    AuthenticationType: "Negotiate",
    AuthenticatedUser: "HealthMailbox1a2b3c@contoso.example",
    ClientIpAddress: "127.0.0.1",
    ...cells,
  });
}

function csvCell(text: string): string {
  return /[",]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

export function rowLine(cells: Cells, columns: readonly string[] = httpProxyColumns): string {
  return columns.map((name) => csvCell(cells[name] ?? "")).join(",");
}

/** The header: the bare line of column names, then the comments. */
export function headerLines(columns: readonly string[] = httpProxyColumns, logType = "HttpProxy Logs"): string[] {
  return [
    columns.join(","),
    "#Software: Microsoft Exchange Server",
    "#Version: 15.02.1544.004",
    `#Log-type: ${logType}`,
    "#Date: 2026-11-30T08:00:00.000Z",
    `#Fields: ${columns.join(",")}`,
  ];
}

/** The text of a whole log. */
export function logText(rows: readonly Cells[], end = "\r\n"): string {
  return `\ufeff${[...headerLines(), ...rows.map((cells) => rowLine(cells))].map((line) => line + end).join("")}`;
}

/** Writes files below a new folder, and gives the folder. */
export function folderOf(files: Readonly<Record<string, string | Uint8Array>>): string {
  const folder = mkdtempSync(join(tmpdir(), "realmscope-logs-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  for (const [name, content] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), content);
  }
  return folder;
}

export interface ReadResult {
  readonly events: readonly CaptureEvent[];
  readonly rows: readonly LogRow[];
  readonly reports: readonly LogFileReport[];
  readonly problems: readonly string[];
  readonly isCut: boolean;
}

/** Reads files as one group of logs. */
export async function readFiles(paths: readonly string[], scope: Partial<LogScope> = {}): Promise<ReadResult> {
  const files = paths.map((path): LogFile => ({ path, format: kindOfFile(path) as LogFile["format"] }));
  const reading = readLogs(files, { ...everyRow, ...scope });
  const events: CaptureEvent[] = [];
  for await (const batch of reading.batches) events.push(...batch);
  const summaries = reading.summaries();
  return {
    events,
    rows: events.flatMap((event) => (event.kind === "log-row" ? [event.row] : [])),
    reports: events.flatMap((event) => (event.kind === "log-file" ? [event.report] : [])),
    problems: summaries.flatMap(({ problems }) => problems),
    isCut: summaries.some(({ truncated }) => truncated),
  };
}

/** Kept, dropped and unreadable of all files. */
export function sumOf(reports: readonly LogFileReport[]): readonly [number, number, number] {
  const sum = (of: (report: LogFileReport) => number): number => reports.reduce((all, one) => all + of(one), 0);
  return [sum(({ kept }) => kept), sum(({ dropped }) => dropped), sum(({ unreadable }) => unreadable)];
}
