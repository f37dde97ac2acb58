// Log files of a given time for tests and for captures/logs: the column lists of the lab's writer, any value in any column.
import { ewsColumns } from "../../../src/lab/logs/back-end-logs.ts";
import { httpProxyColumns } from "../../../src/lab/logs/http-proxy-log.ts";
import { cellsOf, csvLine, headerBlock, logTime } from "../../../src/lab/logs/log-text.ts";
import { oauthOutboundColumns } from "../../../src/lab/logs/oauth-outbound-log.ts";

/** Column → value; columns that are left out are empty. */
export type Row = Readonly<Record<string, string>>;

/** A file: its path below the folder, and its text. */
export type LogText = readonly [path: string, text: string];

/** The first row of every folder. */
export const startAt = Date.parse("2026-11-30T08:15:00.000Z");

/** A time after the first row. */
export const after = (seconds: number): string => logTime(startAt + seconds * 1000);

const versions = { "2013": "15.00.1497.048", "2019": "15.02.1544.025", SE: "15.02.2562.041" } as const;

export type Version = keyof typeof versions;

interface LogKind {
  readonly logType: string;
  readonly columns: readonly string[];
  readonly version: Version;
}

function logText({ logType, columns, version }: LogKind, rows: readonly Row[]): string {
  const header = { version: versions[version], logType, columns, areNamesLast: version !== "2013" };
  return `${headerBlock(header, startAt, true)}${rows.map((row) => `${csvLine(cellsOf(columns, row))}\r\n`).join("")}`;
}

/** `Logging/HttpProxy/Ews`, of the hour of the first row. */
export function httpProxyFile(version: Version, rows: readonly Row[], protocol = "Ews"): LogText {
  const columns = httpProxyColumns({ isOf2013: version === "2013" });
  const [major = "", minor = "", build = "", revision = ""] = versions[version]
    .split(".")
    .map((part) => String(Number(part)));
  const common = { MajorVersion: major, MinorVersion: minor, BuildVersion: build, RevisionVersion: revision };
  const filled = rows.map((row, index) => ({ ...common, ...frontEndRow(index, protocol), ...row }));
  return [
    `Logging/HttpProxy/${protocol}/HttpProxy_2026113008-1.LOG`,
    logText({ logType: "HttpProxy Logs", columns, version }, filled),
  ];
}

function frontEndRow(index: number, protocol: string): Row {
  return {
    DateTime: after(index),
    RequestId: rowId(index),
    Protocol: protocol,
    UrlHost: "mail.contoso.example",
    UrlStem: protocol === "Ews" ? "/EWS/Exchange.asmx" : "/autodiscover/autodiscover.svc",
    IsAuthenticated: "false",
    UserAgent: cloudAgent,
    ClientIpAddress: "52.114.75.10",
    ServerHostName: "EX01",
    Method: "POST",
    TotalRequestTime: "31",
  };
}

/** `Logging/Ews`, of the hour of the first row. */
export function ewsFile(version: Version, rows: readonly Row[]): LogText {
  const columns = ewsColumns({ isOf2013: version === "2013" });
  const filled = rows.map((row, index) => ({
    ...{ DateTime: after(index), RequestId: rowId(index), UserAgent: cloudAgent, ClientIpAddress: "52.114.75.10" },
    ...{ ServerHostName: "EX02", FrontEndServer: "EX01.contoso.example", HttpStatus: "200", IsAuthenticated: "true" },
    ...row,
  }));
  return ["Logging/Ews/Ews_2026113008-1.LOG", logText({ logType: "EWS Logs", columns, version }, filled)];
}

/** `Logging/OAuthOutbound`, of the hour of the first row. */
export function oauthOutboundFile(version: Version, rows: readonly Row[]): LogText {
  const filled = rows.map((row, index) => ({
    ...{
      "date-time": after(index),
      "seq-number": String(index),
      "process-id": "4711",
      "build-number": versions[version],
    },
    ...row,
  }));
  return [
    "Logging/OAuthOutbound/w3wp_MSExchangeServicesAppPool_2026113008-1.LOG",
    logText({ logType: "OAuth Outbound Logs", columns: oauthOutboundColumns, version }, filled),
  ];
}

const w3cFields =
  "date time s-ip cs-method cs-uri-stem cs-uri-query s-port cs-username c-ip cs(User-Agent) cs(Referer) sc-status sc-substatus sc-win32-status time-taken";

/** `inetpub/logs/LogFiles/W3SVC1`: rows as IIS writes them. */
export function iisFile(rows: readonly string[]): LogText {
  const header = [
    "#Software: Microsoft Internet Information Services 10.0",
    "#Version: 1.0",
    "#Date: 2026-11-30 08:15:00",
  ];
  const lines = [...header, `#Fields: ${w3cFields}`, ...rows];
  return ["inetpub/logs/LogFiles/W3SVC1/u_ex261130.log", lines.map((line) => `${line}\r\n`).join("")];
}

const httpErrFields =
  "date time c-ip c-port s-ip s-port cs-version cs-method cs-uri sc-status s-siteid s-reason s-queuename";

/** `HTTPERR`: rows as http.sys writes them. */
export function httpErrFile(rows: readonly string[]): LogText {
  const header = ["#Software: Microsoft HTTP API 2.0", "#Version: 1.0", "#Date: 2026-11-30 08:15:00"];
  const lines = [...header, `#Fields: ${httpErrFields}`, ...rows];
  return ["Windows/System32/LogFiles/HTTPERR/httperr1.log", lines.map((line) => `${line}\r\n`).join("")];
}

/** The same id in the front end's and the back end's row of one call. */
export function rowId(index: number): string {
  return `5c0f3a52-0000-4000-8000-${String(index + 1).padStart(12, "0")}`;
}

const cloudAgent = "SkypeSpaces/1.0a$*+";

/** Members of GenericInfo in their order. */
export function info(...pairs: readonly (readonly [string, string])[]): string {
  return pairs.map(([name, value]) => `${name}=${value};`).join("");
}
