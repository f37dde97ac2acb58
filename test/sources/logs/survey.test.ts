// Which logs folders hold, and how far they reach: real files.
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { surveyLogs } from "../../../src/sources/logs/survey/survey-logs.ts";
import { backEndRow, exchangeLog, httpProxyRow, iisRow, outboundRow, w3cLog } from "../../support/log-lines.ts";

let folder = "";
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "realmscope-survey-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function write(name: string, text: string): void {
  const path = join(folder, name);
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, text);
}

const at = (time: string): number => Date.parse(`2026-11-30T${time}Z`);

test("each log of each folder has its newest row, its hours and the missing ones", async () => {
  for (const hour of ["06", "07", "09"]) {
    const row = httpProxyRow({ DateTime: `2026-11-30T${hour}:30:00.000Z` });
    write(`HttpProxy/Ews/HttpProxy_20261130${hour}-1.LOG`, exchangeLog("http-proxy", [row]));
  }
  const later = httpProxyRow({ DateTime: "2026-11-30T09:45:00.000Z" });
  write("HttpProxy/Ews/HttpProxy_2026113009-2.LOG", exchangeLog("http-proxy", [later]));
  write("Ews/Ews_2026113009-1.LOG", exchangeLog("ews", [backEndRow({})]));
  const { logs, unreadable, isCut } = await surveyLogs([folder]);
  expect({ unreadable, isCut }).toEqual({ unreadable: [], isCut: false });
  expect(logs).toMatchObject([
    { log: "ews", files: 1, span: { missing: [] } },
    {
      log: "http-proxy",
      folder: join(folder, "HttpProxy", "Ews"),
      files: 4,
      newestAt: at("09:45:00.000"),
      span: { from: at("06:00"), until: at("10:00"), unitMs: 3_600_000, missing: [at("08:00")] },
      missingColumns: [],
    },
  ]);
});

test("a newest file without rows gives the newest row of the one before", async () => {
  write(
    "HttpProxy_2026113008-1.LOG",
    exchangeLog("http-proxy", [httpProxyRow({ DateTime: "2026-11-30T08:10:00.000Z" })]),
  );
  write("HttpProxy_2026113009-1.LOG", exchangeLog("http-proxy", []));
  const { logs } = await surveyLogs([folder]);
  expect(logs).toMatchObject([{ files: 2, newestAt: at("08:10:00.000") }]);
});

test("a torn last row is not the newest one", async () => {
  const text = exchangeLog("http-proxy", [
    httpProxyRow({ DateTime: "2026-11-30T08:10:00.000Z" }),
    httpProxyRow({ DateTime: "2026-11-30T08:20:00.000Z" }),
  ]);
  write("HttpProxy_2026113008-1.LOG", text.slice(0, -20));
  expect((await surveyLogs([folder])).logs).toMatchObject([{ newestAt: at("08:10:00.000") }]);
});

test("the logs of several processes in one folder are one log", async () => {
  const row = (time: string) => exchangeLog("oauth-outbound", [outboundRow({ "date-time": `2026-11-30T${time}Z` })]);
  write("w3wp_MSExchangeServicesAppPool_2026113008-1.LOG", row("08:10:00.000"));
  write("MSExchangeMailboxAssistants_2026113008-1.LOG", row("08:40:00.000"));
  expect((await surveyLogs([folder])).logs).toMatchObject([
    { log: "oauth-outbound", files: 2, newestAt: at("08:40:00.000") },
  ]);
});

test("an IIS log tells its days and its fields, with custom ones", async () => {
  write("u_ex261129.log", w3cLog("iis", [iisRow({ date: "2026-11-29" })]));
  write("u_ex261130.log", w3cLog("iis", [iisRow({})], ["X-Forwarded-For"]));
  const [log] = (await surveyLogs([folder])).logs;
  expect(log).toMatchObject({ log: "iis", newestAt: at("08:00:01"), span: { unitMs: 86_400_000, missing: [] } });
  expect(log?.columns).toContain("x-forwarded-for");
});

test("columns that judging needs and a header lacks are named", async () => {
  const columns = ["DateTime", "RequestId", "Protocol", "ProtocolAction", "HttpStatus"];
  write("HttpProxy_2026113008-1.LOG", exchangeLog("http-proxy", [httpProxyRow({})], { columns }));
  const [log] = (await surveyLogs([folder])).logs;
  expect(log?.missingColumns).toEqual(expect.arrayContaining(["AuthenticationType", "AuthenticatedUser"]));
});

test("traces of failed requests and logs of other kinds are found, other files are not", async () => {
  write(
    "W3SVC1/fr000001.xml",
    '<?xml version="1.0"?>\n<failedRequest url="https://mail.contoso.com/EWS/"></failedRequest>\n',
  );
  write(
    "W3SVC1/fr000002.xml",
    '<?xml version="1.0"?>\n<failedRequest url="https://mail.contoso.com/EWS/"></failedRequest>\n',
  );
  write(
    "RCA/RCA_2026113008-1.LOG",
    "#Software: Microsoft Exchange\r\n#Log-type: RCA Logs\r\n#Fields: date-time,session\r\n",
  );
  write("readme.txt", "Hello.\n");
  write("empty.log", "");
  const { logs, traces, foreign } = await surveyLogs([folder]);
  expect({ logs, traces, foreign }).toEqual({
    logs: [],
    traces: [{ folder: join(folder, "W3SVC1"), files: 2 }],
    foreign: ["RCA Logs"],
  });
});

test.skipIf(process.geteuid?.() === 0)("what cannot be read is named with the code of the error", async () => {
  write("HttpProxy_2026113008-1.LOG", exchangeLog("http-proxy", [httpProxyRow({})]));
  mkdirSync(join(folder, "closed"));
  chmodSync(join(folder, "HttpProxy_2026113008-1.LOG"), 0);
  chmodSync(join(folder, "closed"), 0);
  const { unreadable } = await surveyLogs([folder]);
  chmodSync(join(folder, "closed"), 0o755);
  expect(unreadable).toEqual([
    { path: join(folder, "HttpProxy_2026113008-1.LOG"), code: "EACCES" },
    { path: join(folder, "closed"), code: "EACCES" },
  ]);
});
