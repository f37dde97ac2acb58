// Rows of IIS and HTTP.sys: field lists of Microsoft's pages about W3C logging and HTTP API error logging.
import { expect, test } from "vitest";
import type { LogRow } from "../../src/core/log-row.ts";
import {
  agents,
  httpErrRow,
  iisRow,
  type LogCells,
  skypeId,
  w3cHeader,
  w3cLine,
  w3cLog,
} from "../support/log-lines.ts";
import { firstRow, readLog } from "./read-log.ts";

const iis = (cells: LogCells = {}, custom: readonly string[] = []): LogRow =>
  firstRow(w3cLog("iis", [iisRow(cells)], custom));
const httpErr = (cells: LogCells = {}): LogRow => firstRow(w3cLog("http-err", [httpErrRow(cells)]));

test("a row of the front end: blanks for plus signs, the id of the HttpProxy row, no sign-in", () => {
  expect(iis()).toMatchObject({
    log: "iis",
    side: "front-end",
    direction: "to-exchange",
    endedAt: Date.UTC(2026, 10, 30, 8, 0, 1),
    startedAt: Date.UTC(2026, 10, 30, 8, 0, 0, 750),
    method: "POST",
    path: "/EWS/Exchange.asmx",
    status: 200,
    client: "52.112.0.20",
    requestId: "0f7d1c3e-9a4b-4c5d-8e6f-102030405060",
    signIn: "unknown",
    caller: null,
    refusal: null,
    isFormUnproven: false,
  });
  expect(iis().userAgent).toContain("MicrosoftNinja/1.0 Teams/1.0 (ExchangeServicesClient/1.0.0.0) SkypeSpaces/1.0a");
  expect(iis({ "cs(User-Agent)": agents.freeBusy, "cs-method": "" })).toMatchObject({
    userAgent: agents.freeBusy,
    method: "",
  });
});

test("a row of the back end has its own id", () => {
  const row = iis({ "s-port": "444", "cs-uri-query": "&ActID=11111111-2222-4333-8444-555555555555" });
  expect(row).toMatchObject({ side: "back-end", requestId: "11111111-2222-4333-8444-555555555555" });
});

test("the id that Exchange appends counts, not one that the client sent", () => {
  const own = "0f7d1c3e-9a4b-4c5d-8e6f-102030405060";
  const query = `cafeReqId=99999999-2222-4333-8444-555555555555&Email=anna@contoso.com&cafeReqId=${own};&encoding=;`;
  expect(iis({ "cs-uri-query": query }).requestId).toBe(own);
  for (const none of ["", "&cafeReqId=none;", `xcafeReqId=${own}`, `&cafeReqId=${own}0`])
    expect(iis({ "cs-uri-query": none }).requestId).toBeNull();
});

test.each(["X-Forwarded-For", "x-forwarded-for", "OriginalIP"])("the client of the custom column %s", (name) => {
  expect(iis({ [name]: "203.0.113.9,+10.0.0.1" }, [name]).client).toBe("203.0.113.9");
  expect(iis({ [name]: "" }, [name]).client).toBe("52.112.0.20");
});

test.each([
  ["401", "1", "2148074254", "401.1 2148074254"],
  ["401", "2", "5", "401.2 5"],
  ["401", "1", "1326", "401.1 1326"],
  ["503", "", "", "503"],
])("status %s, sub-status %j and the number of Windows %j", (status, substatus, windows, text) => {
  const row = iis({ "sc-status": status, "sc-substatus": substatus, "sc-win32-status": windows });
  expect(row.status).toBe(Number(status));
  const code = substatus === "" ? null : Number(substatus);
  expect(row.refusal).toEqual({ code, category: text.split(" ")[0], text });
});

test("a user name is shown by its shape alone", () => {
  expect(iis({ "cs-username": `S2S~${skypeId}` })).toMatchObject({
    caller: { applicationId: skypeId },
    signIn: "unknown",
    isFormUnproven: true,
  });
  expect(iis({ "cs-username": "actas1(smtp:anna@contoso.com)" }).actsAs).toEqual({ keys: ["smtp"], isVerified: null });
  const person = iis({ "cs-username": "CONTOSO\\anna", "cs(Referer)": "https://mail.contoso.com/?anna" });
  expect(person).toMatchObject({ isPerson: true, caller: null });
  expect(JSON.stringify(person)).not.toContain("anna");
});

test("a row with more or fewer fields than its header, or without a time, is unreadable", () => {
  const header = w3cHeader("iis").join("\n");
  const line = w3cLine("iis", iisRow());
  expect(
    readLog(
      `${header}\n${line} -\n${line.slice(0, line.lastIndexOf(" "))}\n- - ${line.split(" ").slice(2).join(" ")}\n`,
    ),
  ).toEqual([{ kind: "unreadable" }, { kind: "unreadable" }, { kind: "unreadable" }]);
});

test.each(["AppOffline", "Connection_Dropped", "BadRequest", "QueueFull"])("HTTP.sys: reason %s", (reason) => {
  expect(httpErr({ "s-reason": reason, "cs-uri": "/EWS/Exchange.asmx?a=anna" })).toMatchObject({
    log: "http-err",
    side: "front-end",
    client: "52.112.0.20",
    path: "/EWS/Exchange.asmx",
    status: 503,
    signIn: "unknown",
    refusal: { code: null, category: reason, text: reason },
  });
});

test("HTTP.sys without a status or a word as reason", () => {
  expect(httpErr({ "sc-status": "", "s-reason": "<b>" })).toMatchObject({ status: null, refusal: null });
});
