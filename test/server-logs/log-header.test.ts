// Headers in every form: the lists of columns and both orders are published with rows of 15.00, 15.01 and 15.02.
import { expect, test } from "vitest";
import { isHeaderLine, isNewerThan2013 } from "../../src/server-logs/log-header.ts";
import { headerOfLogStart, startLogText } from "../../src/server-logs/log-text.ts";
import {
  backEndRow,
  columnsOf,
  csvLine,
  type ExchangeLog,
  exchangeLog,
  headerLines,
  httpErrRow,
  httpProxyRow,
  iisRow,
  outboundRow,
  skypeId,
  w3cHeader,
  w3cLine,
  w3cLog,
} from "../support/log-lines.ts";
import { firstRow, readLog } from "./read-log.ts";

const rowOf = { "http-proxy": httpProxyRow, ews: backEndRow, autodiscover: backEndRow, "oauth-outbound": outboundRow };
const logs = ["http-proxy", "ews", "autodiscover", "oauth-outbound"] as const;
const versions = ["15.00.0516.032", "15.00.1497.036", "15.01.2375.007", "15.02.1544.025", "15.02.2562.017"];
const bareLines = ["first", "last", "none", "alone"] as const;
const allForms = logs.flatMap((log) =>
  versions.flatMap((version) => bareLines.map((bareLine) => [log, version, bareLine] as const)),
);

test.each(allForms)("%s of %s, bare line %s", (log, version, bareLine) => {
  const text = exchangeLog(log, [rowOf[log]()], { version, bareLine });
  const row = firstRow(text);
  expect(row.log).toBe(log);
  expect(row.endedAt).toBeGreaterThan(Date.UTC(2026, 10, 30, 8));
  if (log === "oauth-outbound") expect(row.isTokenGiven).toBe(true);
  else expect(row.caller?.applicationId).toBe(skypeId);
  expect(readLog(text)).toHaveLength(1);
  const header = headerOfLogStart(text);
  expect(header.log).toBe(log);
  expect(header.version).toBe(bareLine === "alone" ? "" : version);
});

test.each(logs)("%s with LF alone and without a byte order mark", (log) => {
  const text = exchangeLog(log, [rowOf[log](), rowOf[log]()], { lineEnd: "\n", hasMark: false });
  expect(readLog(text).map(({ kind }) => kind)).toEqual(["row", "row"]);
});

test("columns are bound by name: any order and other columns between them", () => {
  const columns = ["DateTime", "RequestId", "Added", ...[...columnsOf("http-proxy", "15.01")].reverse()].filter(
    (name, at, all) => all.indexOf(name) === at,
  );
  const row = firstRow(exchangeLog("http-proxy", [httpProxyRow()], { columns }));
  expect(row).toMatchObject({ host: "mail.contoso.com", status: 200, caller: { applicationId: skypeId } });
});

test("names of columns and values of truth in any letter case, a column without a name, ids without hyphens", () => {
  const columns = columnsOf("http-proxy", "15.00.0516.032").map((name) =>
    name === "BackEndCookie" ? "BackendCookie" : name.toUpperCase(),
  );
  const cells = Object.entries(
    httpProxyRow({ IsAuthenticated: "True", RequestId: "0F7D1C3E9A4B4C5D8E6F102030405060" }),
  ).map(([name, text]) => [name.toUpperCase(), text] as const);
  const row = firstRow(exchangeLog("http-proxy", [Object.fromEntries(cells)], { columns }));
  expect(columns).toContain("");
  expect(row).toMatchObject({
    signIn: "bearer",
    requestId: "0f7d1c3e-9a4b-4c5d-8e6f-102030405060",
    host: "",
    status: 200,
  });
});

test("a header in mid-file with other columns holds for the rows below it", () => {
  const old = exchangeLog("http-proxy", [httpProxyRow()], { version: "15.00.1497.036" });
  const newer = exchangeLog("http-proxy", [httpProxyRow({ HttpStatus: "503" })], { hasMark: false });
  const readings = readLog(old + newer);
  expect(readings).toMatchObject([
    { kind: "row", row: { status: 200, isFormUnproven: false } },
    { kind: "row", row: { status: 503, isFormUnproven: true } },
  ]);
});

test("a row with the cells of another header is unreadable", () => {
  const row = csvLine(columnsOf("http-proxy", "15.00"), httpProxyRow());
  const header = headerLines("http-proxy").join("\r\n");
  expect(readLog(`${header}\r\n${row}\r\n`)).toEqual([{ kind: "unreadable" }]);
});

test("rows without a header, and rows of a log that is not read, are unreadable", () => {
  const row = csvLine(columnsOf("http-proxy", "15.01"), httpProxyRow());
  expect(readLog(`${row}\n`)).toEqual([{ kind: "unreadable" }]);
  const foreign = headerLines("http-proxy").join("\n").replace("HttpProxy Logs", "MAPI Mailbox Client Access Logs");
  expect(readLog(`${foreign}\n${row}\n`)).toEqual([{ kind: "unreadable" }]);
  expect(headerOfLogStart(foreign)).toMatchObject({ log: null, name: "MAPI Mailbox Client Access Logs" });
});

test("a log that is not read ends the reader of the one before it", () => {
  const log = startLogText();
  const place = { id: "l1", file: "", line: 1 };
  for (const line of headerLines("http-proxy")) log.read(line, place);
  expect(log.reader?.log).toBe("http-proxy");
  log.read("#Log-type: Message Tracking Log", place);
  expect(log.reader).toBeNull();
});

test("what judging lacks is named as the header would name it", () => {
  const columns = columnsOf("http-proxy", "15.01").filter((name) => name !== "GenericInfo" && name !== "UserAgent");
  const log = startLogText();
  for (const line of headerLines("http-proxy", { columns })) log.read(line, { id: "l1", file: "", line: 1 });
  expect(log.reader?.missingColumns).toEqual(["UserAgent", "GenericInfo"]);
});

test("the header of IIS is repeated after a restart, with other fields", () => {
  const first = w3cLog("iis", [iisRow()]);
  const custom = ["X-Forwarded-For"];
  const second = w3cLog("iis", [iisRow({ "X-Forwarded-For": "203.0.113.9,+10.0.0.1" })], custom);
  expect(readLog(first + second)).toMatchObject([
    { kind: "row", row: { client: "52.112.0.20" } },
    { kind: "row", row: { client: "203.0.113.9" } },
  ]);
});

test.each(["iis", "http-err"] as const)("%s is known by its software, and by its fields alone", (log) => {
  const row = w3cLine(log, log === "iis" ? iisRow() : httpErrRow());
  const [, , , fields = ""] = w3cHeader(log);
  expect(headerOfLogStart(w3cHeader(log).join("\r\n")).log).toBe(log);
  expect(firstRow(`${fields}\r\n${row}\r\n`).log).toBe(log);
});

test.each([
  ['{"log":{}}', false],
  ["PK\u0003\u0004", false],
  ["", false],
  ["2026-11-30T08:00:00.000Z,DateTime,RequestId", false],
  ["DateTime,RequestId,MajorVersion", true],
  ["date-time,seq-number,process-id", true],
  ["#Date: 2026-11-30", true],
])("%j as a line of a header: %s", (line, expected) => {
  expect(isHeaderLine(line)).toBe(expected);
  if (!expected) expect(headerOfLogStart(line)).toMatchObject({ log: null, columns: [] });
});

test.each([
  ["15.00.1497.036", false],
  ["15.0.516.32", false],
  ["15.01.2375.007", true],
  ["15.02.2562.017", true],
  ["", null],
  ["1.0", null],
])("version %j is 2016 or later: %s", (version, expected) => {
  expect(isNewerThan2013(version)).toBe(expected);
});

test("a header without a version leaves it to the row", () => {
  const of = (log: ExchangeLog, cells: Readonly<Record<string, string>>): boolean =>
    firstRow(exchangeLog(log, [rowOf[log](cells)], { bareLine: "alone" })).isFormUnproven;
  expect(of("http-proxy", { MajorVersion: "15", MinorVersion: "0" })).toBe(false);
  expect(of("http-proxy", { MajorVersion: "15", MinorVersion: "2" })).toBe(true);
  expect(of("oauth-outbound", {})).toBe(false);
  expect(of("oauth-outbound", { "build-number": "" })).toBe(true);
});
