// Rows of logs for tests of the middle, as the readers of server-logs/ make them.
import type { CaptureEvent } from "../../src/core/capture-event.ts";
import type { LogRow } from "../../src/core/log-row.ts";
import type { Analysis } from "../../src/diagnosis/analysis.ts";
import { type AnalysisOptions, startAnalysis } from "../../src/diagnosis/analyze.ts";

/** 2026-11-30T08:00:00Z */
export const start = Date.UTC(2026, 10, 30, 8);
export const skype = "00000004-0000-0ff1-ce00-000000000000";
export const teams = "cc15fd57-2c6c-4117-a88c-83b1d56b4bbe";
export const exchange = "00000002-0000-0ff1-ce00-000000000000";
export const contoso = "3ff1b8c5-0e76-4d72-9ee4-2f5c1a7d9e10";
export const fabrikam = "7a2b4c60-9d1e-4f3a-8b5c-6d7e8f901234";
const teamsAgent = "SkypeSpaces/1.0a$*+";
export const outlookAgent = "Microsoft Office/16.0 (Microsoft Outlook 16.0.17328; Pro)";

/** A row of HttpProxy for a call that was let in; `at` in milliseconds after `start`. */
export function proxyRow(changes: Partial<LogRow> & { readonly at?: number } = {}): LogRow {
  const { at = 0, ...row } = changes;
  return {
    id: "l0",
    log: "http-proxy",
    file: "HttpProxy_2026113008-1.LOG",
    line: 6,
    side: "front-end",
    direction: "to-exchange",
    endedAt: start + at,
    startedAt: start + at - 40,
    server: "EX01",
    host: "mail.contoso.com",
    client: "203.0.113.20",
    method: "POST",
    path: "/EWS/Exchange.asmx",
    status: 200,
    backEndStatus: 200,
    userAgent: teamsAgent,
    requestId: null,
    clientRequestId: null,
    signIn: "bearer",
    caller: null,
    actsAs: null,
    isPerson: false,
    realm: null,
    printedToken: null,
    operation: null,
    isTokenGiven: null,
    refusal: null,
    failure: "",
    isFormUnproven: false,
    ...row,
  };
}

/** A call of an application for itself, named by AuthenticatedUser. */
export function appRow(changes: Parameters<typeof proxyRow>[0] = {}): LogRow {
  return proxyRow({ caller: { applicationId: skype, shownBy: "AuthenticatedUser" }, ...changes });
}

/** The empty Bearer that opens a sign-in. */
export function probeRow(changes: Parameters<typeof proxyRow>[0] = {}): LogRow {
  return proxyRow({ signIn: "bearer-unauthenticated", status: 401, backEndStatus: null, ...changes });
}

/** A refused token with its cause. */
export function refusedRow(changes: Parameters<typeof proxyRow>[0] = {}): LogRow {
  const refusal = { code: null, category: "InvalidToken", text: "" };
  return probeRow({ refusal, ...changes });
}

/** The same call on the back end. */
export function backRow(changes: Parameters<typeof proxyRow>[0] = {}): LogRow {
  return proxyRow({
    log: "ews",
    side: "back-end",
    file: "Ews_2026113008-1.LOG",
    host: "",
    server: "EX02",
    operation: "GetFolder",
    backEndStatus: null,
    ...changes,
  });
}

/** What only rows of requests show. */
const notOfRequest: Partial<LogRow> = {
  client: "",
  method: "",
  path: "",
  status: null,
  backEndStatus: null,
  userAgent: "",
  signIn: "unknown",
};

/** A row of OAuthOutbound. */
export function outboundRow(changes: Parameters<typeof proxyRow>[0] = {}): LogRow {
  return proxyRow({
    log: "oauth-outbound",
    side: "token-service",
    direction: "to-cloud",
    server: "",
    host: "outlook.office365.com",
    ...notOfRequest,
    operation: "GetNewACSToken",
    isTokenGiven: true,
    ...changes,
  });
}

/** An event of `MSExchange OAuth`. */
export function eventRow(number: string, changes: Parameters<typeof proxyRow>[0] = {}): LogRow {
  return proxyRow({
    log: "windows-event",
    host: "",
    ...notOfRequest,
    operation: number,
    refusal: { code: Number(number), category: null, text: "" },
    ...changes,
  });
}

/** A service principal's sign-in at Entra. */
export function signInRow(changes: Parameters<typeof proxyRow>[0] = {}): LogRow {
  return proxyRow({
    log: "entra-sign-in",
    side: "token-service",
    direction: "to-cloud",
    server: "",
    host: "login.microsoftonline.com",
    ...notOfRequest,
    caller: { applicationId: exchange, shownBy: "sign-in log" },
    operation: exchange,
    isTokenGiven: true,
    ...changes,
  });
}

/** The rows as events, numbered in their order. */
export function rowEvents(rows: readonly LogRow[], first = 1): readonly CaptureEvent[] {
  return rows.map((row, index) => ({ kind: "log-row", row: { ...row, id: `l${first + index}` } }));
}

/** The analysis of events in their order. */
export function judgeEvents(events: readonly CaptureEvent[], options: AnalysisOptions = {}): Analysis {
  const analyzer = startAnalysis(options);
  for (const event of events) analyzer.accept(event);
  return analyzer.snapshot();
}

/** The analysis of rows alone. */
export function judgeRows(...rows: readonly LogRow[]): Analysis {
  return judgeEvents(rowEvents(rows));
}
