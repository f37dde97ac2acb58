// Events of `MSExchange OAuth` and `MSExchange Availability`, and sign-ins of service principals, that a person pastes: in any form that
// `replay` reads, and events as text.
import type { LogRow } from "../../core/log-row.ts";
import { codeOfOAuthCategory } from "../../core/oauth-categories.ts";
import { type Applications, parsePrincipal } from "../../core/principals.ts";
import { eventRow } from "../../server-logs/records/event-row.ts";
import type { LogRecord } from "../../server-logs/records/record-cutter.ts";
import { openRecordLog, type RecordLog } from "../../server-logs/records/record-log.ts";
import { readTextEvents } from "../../server-logs/records/text-event.ts";
import type { S2sToken } from "../facts.ts";
import type { JsonObject } from "../json-text.ts";
import { diagnosticsOf } from "../messages/diagnostics.ts";
import { decodeToken } from "../tokens/s2s-token.ts";
import type { ConnectivityTest } from "./connectivity-test.ts";
import { type DecodedSubject, type DecodedValue, valueOfKind } from "./decoded-value.ts";
import { tokenJson } from "./value-json.ts";

const mostShown = 20;

/** The rows of a pasted log of records (XML, JSON, CSV) as a value of kind `log-rows`; null for any other text. */
export function decodeRecords(text: string, applications: Applications | undefined): DecodedValue | null {
  const opened = openRecordLog(text);
  return opened === null ? null : valueOfRows(rowsOf(opened, text), opened.log === "entra-sign-in", applications);
}

/** The same of events as text, in any language. */
export function decodeTextEvents(text: string, applications: Applications | undefined): DecodedValue | null {
  const rows = rowsOfText(text);
  return rows.length === 0 ? null : valueOfRows(rows, false, applications);
}

function valueOfRows(rows: readonly LogRow[], isSignIn: boolean, applications: Applications | undefined): DecodedValue {
  const tokens = rows.map((row) => tokenOf(row, applications));
  const shown = rows
    .slice(0, mostShown)
    .map((row, index) => (isSignIn ? signInJson(row, applications) : eventJson(row, tokens[index] ?? null)));
  const log = isSignIn
    ? "sign-ins of service principals (Entra)"
    : "events of Windows (MSExchange OAuth, Availability)";
  return valueOfKind(
    "log-rows",
    { log, rows: rows.length, shown, note: noteOf(isSignIn, tokens) },
    subjectOf(rows, tokens),
  );
}

function rowsOf(opened: RecordLog, text: string): readonly LogRow[] {
  const rows: LogRow[] = [];
  const read = (records: Iterable<LogRecord>): void => {
    for (const record of records) {
      for (const reading of opened.read(record, { id: "", file: "", line: record.line }))
        if (reading.kind === "row") rows.push(reading.row);
    }
  };
  read(opened.cutter.push(text));
  read(opened.cutter.end());
  return rows;
}

function rowsOfText(text: string): readonly LogRow[] {
  return readTextEvents(text).flatMap((event) => {
    // The time only orders rows; a text may have none that can be read.
    const reading = eventRow({ ...event, time: event.time ?? noTime }, { id: "", file: "", line: 1 });
    return reading.kind === "row" ? [reading.row] : [];
  });
}

const noTime = { at: 0, isLocal: true } as const;

function tokenOf({ printedToken }: LogRow, applications: Applications | undefined): S2sToken | null {
  const token = printedToken === null ? null : decodeToken(printedToken, applications);
  return token?.ok === true ? token.value : null;
}

/** What each event says, in words of this program. */
const meanings: Readonly<Record<string, string>> = {
  "2001": "the OAuth configuration of the server could not be loaded",
  "2002": "a partner application has no certificates",
  "2003": "an auth server has no certificates",
  "2004": "the signing certificate was not found, or has no private key",
  "2005": "the private key of the signing certificate cannot be read",
  "2006": "a token was refused",
  "2007": "the metadata of an auth server or a partner could not be read",
  "2008": "the metadata has new certificates",
  "2009": "more than one auth server has an authorization endpoint",
  "4002": "a request to another organisation failed",
};

function eventJson(row: LogRow, token: S2sToken | null): JsonObject {
  const { code, category } = row.refusal ?? { code: null, category: null };
  const isCause = row.operation === "2006" && code !== null && code !== 2006;
  return {
    time: row.endedAt === 0 ? "" : new Date(row.endedAt).toISOString(),
    event: Number(row.operation),
    meaning: meanings[row.operation ?? ""] ?? "",
    ...(isCause ? { code } : {}),
    ...(category === null ? {} : { category }),
    ...(row.clientRequestId === null ? {} : { clientRequestId: row.clientRequestId }),
    ...(row.certificate === undefined ? {} : { certificate: row.certificate }),
    ...(row.host === "" ? {} : { host: row.host.slice(0, 255), status: row.status }),
    ...(token === null ? {} : { token: tokenJson(token) }),
  };
}

function signInJson(row: LogRow, applications: Applications | undefined): JsonObject {
  const caller = parsePrincipal(row.caller?.applicationId ?? "", applications);
  const resource = parsePrincipal(row.operation ?? "", applications);
  return {
    time: new Date(row.endedAt).toISOString(),
    application: caller.id,
    applicationName: caller.name,
    resource: resource.id,
    resourceName: resource.name,
    tenant: row.realm,
    token: row.isTokenGiven === null ? "not shown" : row.isTokenGiven ? "given" : "refused",
    ...(row.refusal === null ? {} : { code: `AADSTS${row.refusal.code ?? 0}` }),
    ...(row.certificate === undefined ? {} : { certificate: row.certificate }),
  };
}

function noteOf(isSignIn: boolean, tokens: readonly (S2sToken | null)[]): string {
  if (isSignIn) return "a sign-in shows what the token service did, not what Exchange did with the token.";
  return tokens.some((token) => token !== null)
    ? "event 2006 holds the refused token as it was sent: do not send this file as it is."
    : "an event holds the cause of a failure, not the call: capture the call (realmscope watch), or read the HttpProxy logs of the server (realmscope replay).";
}

/** What is judged: the token and the cause of the last refused token, and a missing certificate. */
function subjectOf(rows: readonly LogRow[], tokens: readonly (S2sToken | null)[]): Partial<DecodedSubject> {
  const refused = rows.findLast(({ operation }) => operation === "2006");
  const { code = null, category = null, text = "" } = refused?.refusal ?? {};
  // The name of an exception is not a cause; its words may be one.
  const cause = codeOfOAuthCategory(category ?? "") === null ? "" : (category ?? "");
  const number = code === null || code === 2006 ? "" : String(code);
  const diagnostics = refused === undefined ? null : diagnosticsOf(number, cause, text);
  const isCertificateMissing = rows.some(({ operation }) => operation === "2004" || operation === "2005");
  const given = tokens.filter((token) => token !== null);
  return {
    tokens: given.slice(-1),
    diagnostics,
    test: isCertificateMissing ? certificateMissing : null,
  };
}

const certificateMissing: ConnectivityTest = {
  cmdlet: "MSExchange OAuth",
  result: "failed",
  server: "",
  status: 0,
  webProxy: "",
  isBeforeServer: false,
  isCertificateMissing: true,
  logId: "",
};
