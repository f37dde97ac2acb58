import type { LogFileReport, LogRow } from "../../src/core/log-row.ts";

/** A row of `HttpProxy\Ews` of Skype for Business Online's call for itself; `parts` replaces members. */
export function logRow(parts: Partial<LogRow> = {}): LogRow {
  return {
    id: "l1",
    log: "http-proxy",
    file: "HttpProxy/Ews/HttpProxy_2026113008-1.LOG",
    line: 7,
    side: "front-end",
    direction: "to-exchange",
    endedAt: Date.UTC(2026, 10, 30, 8, 15, 2, 250),
    startedAt: Date.UTC(2026, 10, 30, 8, 15, 2),
    server: "EX01",
    host: "mail.contoso.com",
    client: "198.51.100.7",
    method: "POST",
    path: "/EWS/Exchange.asmx",
    status: 200,
    backEndStatus: 200,
    userAgent: "SkypeForBusiness/1.0",
    requestId: "5f1ee0f5-62c2-4f33-8f3c-3a3ab5e8a111",
    clientRequestId: "9cdd8a20-4b0e-4b6c-9c7f-0c6a6d7f2a10",
    signIn: "bearer",
    caller: { applicationId: "00000004-0000-0ff1-ce00-000000000000", shownBy: "AuthenticatedUser" },
    actsAs: null,
    isPerson: false,
    realm: null,
    printedToken: null,
    operation: null,
    isTokenGiven: null,
    refusal: null,
    failure: "",
    isFormUnproven: false,
    ...parts,
  };
}

/** A report about the file of `logRow`. */
export function logFile(parts: Partial<LogFileReport> = {}): LogFileReport {
  return {
    file: "HttpProxy/Ews/HttpProxy_2026113008-1.LOG",
    log: "http-proxy",
    at: Date.UTC(2026, 10, 30, 9),
    server: "EX01",
    kept: 1,
    dropped: 12,
    unreadable: 1,
    firstAt: Date.UTC(2026, 10, 30, 8),
    lastAt: Date.UTC(2026, 10, 30, 8, 59, 59, 999),
    missingColumns: ["GenericInfo"],
    ...parts,
  };
}
