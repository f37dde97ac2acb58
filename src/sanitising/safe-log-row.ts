// Rows of server logs. Anyone on the internet writes their User-Agent and path, so a member is kept where its form is known and
// removed elsewhere.
import type { LogFileReport, LogRow } from "../core/log-row.ts";
import { onlyPublicWords } from "./public-words.ts";
import type { Pseudonymise } from "./redaction.ts";
import { safeAddressOf, safeId } from "./safe-identity.ts";
import { safeAuthority } from "./safe-url.ts";

/** A safe copy of a row. Idempotent. */
export function safeLogRow(row: LogRow, pseudonymise: Pseudonymise): LogRow {
  const { refusal } = row;
  return {
    ...row,
    file: "",
    server: row.server === "" ? "" : safeAuthority(row.server, pseudonymise),
    host: row.host === "" ? "" : safeAuthority(row.host, pseudonymise),
    client: safeAddressOf(row.client),
    method: onlyPublicWords(row.method),
    path: onlyPublicWords(row.path),
    userAgent: onlyPublicWords(row.userAgent),
    requestId: row.requestId === null ? null : safeId(row.requestId, pseudonymise),
    clientRequestId: row.clientRequestId === null ? null : safeId(row.clientRequestId, pseudonymise),
    printedToken: null,
    operation: row.operation === null ? null : onlyPublicWords(row.operation),
    refusal: refusal === null ? null : { ...refusal, text: onlyPublicWords(refusal.text) },
    failure: onlyPublicWords(row.failure),
  };
}

/** A safe copy of a report about a log file. Idempotent. */
export function safeLogFile(report: LogFileReport, pseudonymise: Pseudonymise): LogFileReport {
  return { ...report, file: "", server: report.server === "" ? "" : safeAuthority(report.server, pseudonymise) };
}
