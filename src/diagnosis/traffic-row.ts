import { bodyBytes, type HttpTransaction, requestPath } from "../core/http-transaction.ts";
import type { LogRow } from "../core/log-row.ts";
import type { S2sToken, TransactionFacts } from "../decoders/facts.ts";
import { endpointOf } from "../decoders/messages/endpoint.ts";
import { tokenServiceOf } from "../decoders/tokens/token-service.ts";
import type { Correlation } from "../handshake/correlation.ts";
import { directionOf, routeOfEndpoint } from "../handshake/direction.ts";
import { hasPassword, isDelegateCheck, presentedToken } from "../handshake/role.ts";
import type { RowCorrelation } from "../handshake/rows/row-correlation.ts";
import { rowDiagnostics, tokenNote } from "../handshake/rows/row-notes.ts";
import { graphErrorWords, offeredSchemes } from "../handshake/step-notes.ts";
import type { TrafficRow } from "./analysis.ts";
import type { FindingReport } from "./catalogue/finding.ts";
import { type Severity, severities } from "./catalogue/finding-text.ts";
import { graphOperations } from "./catalogue/graph-permissions.ts";

/** One line of the traffic table. The path has no query and no fragment, as these can hold secrets, and no address of a look-up. */
export function trafficRow(
  transaction: HttpTransaction,
  facts: TransactionFacts,
  correlation: Correlation,
  context: { readonly host: string; readonly findings: readonly FindingReport[] },
): TrafficRow {
  const { request, response } = transaction;
  const token = presentedToken(facts);
  return {
    id: transaction.id,
    at: transaction.startedAt,
    client: transaction.client,
    method: request.method.slice(0, 32),
    scheme: transaction.scheme,
    host: context.host,
    path: requestPath(transaction)
      .replace(/[?#].*$/s, "")
      .replace(/(\/autodiscover\.json\/v1\.0\/)[^/]+/i, "$1<address>")
      .slice(0, 256),
    status: response?.status ?? null,
    auth: authWord(facts, correlation),
    detail: detailOf(facts, correlation),
    bytes: bodyBytes(transaction),
    durationMs: transaction.durationMs,
    handshakeId: correlation.handshake?.id ?? null,
    direction: correlation.handshake === null ? null : directionOf(correlation.handshake),
    route: routeOfEndpoint(facts.endpoint),
    tokenService: token === null ? null : tokenServiceOf(token),
    worst: worstOf(context.findings),
  };
}

/** The line of a row of a log, in the words of captured requests. The path is that of the row, without its query. */
export function logTrafficRow(
  row: LogRow,
  { reading, handshake, outcome, server }: RowCorrelation,
  findings: readonly FindingReport[],
): TrafficRow {
  const { id, log, file, line, client, method, path, status, startedAt, endedAt } = row;
  const at = startedAt ?? endedAt;
  const route = path === "" ? null : routeOfEndpoint(endpointOf(server, path));
  return {
    ...{ id, at, client, status },
    method: method.slice(0, 32),
    scheme: "https",
    host: server,
    path: path.replace(/[?#].*$/s, "").slice(0, 256),
    auth: signInWord(row, outcome),
    detail: rowWords(row, reading, outcome),
    bytes: 0,
    durationMs: startedAt === null ? null : Math.max(0, endedAt - startedAt),
    handshakeId: handshake?.id ?? null,
    direction: row.direction === "to-exchange" ? "inbound" : "outbound",
    route,
    tokenService: reading.token === null ? null : tokenServiceOf(reading.token),
    log: { kind: log, file, line },
    worst: worstOf(findings),
  };
}

function signInWord({ signIn }: LogRow, outcome: RowCorrelation["outcome"]): string {
  switch (signIn) {
    case "bearer":
      return outcome === "refused" ? "Bearer?" : "Bearer";
    case "bearer-unauthenticated":
      return "Bearer?";
    case "basic":
      return "BASIC";
    case "ntlm":
      return "NTLM";
    case "negotiate":
      return "Nego";
    case "none":
      return "anon";
    default:
      return "-";
  }
}

function rowWords(row: LogRow, reading: RowCorrelation["reading"], outcome: RowCorrelation["outcome"]): string {
  const answer = outcome === "refused" ? (rowDiagnostics(row)?.cause ?? "refused") : "";
  const failure = row.failure === "" ? "" : "failed after the sign-in";
  const parts = [roleWords(row, reading, outcome), reading.caller?.name ?? "", operationWords(row), answer, failure];
  return parts.filter((part) => part !== "").join(", ");
}

function roleWords(row: LogRow, { role, lane }: RowCorrelation["reading"], outcome: RowCorrelation["outcome"]): string {
  switch (role) {
    case "probe":
      return outcome === null ? "probe" : "";
    case "call":
      return lane === "user" ? "acts as user" : "";
    case "token":
      return tokenNote(row);
    case "person":
      return "a person";
    default:
      return "";
  }
}

function operationWords({ log, operation }: LogRow): string {
  if (operation === null) return "";
  if (log === "windows-event") return /^\d{1,5}$/.test(operation) ? `event ${operation}` : "";
  const isNamed = (log === "ews" || log === "autodiscover") && /^[A-Za-z]{1,64}$/.test(operation);
  return isNamed ? operation : "";
}

function authWord(facts: TransactionFacts, { role, outcome, conversation }: Correlation): string {
  const { authorization, ntlmSent } = facts;
  // A password is shown whatever other credentials the request has.
  if (hasPassword(facts)) return "BASIC";
  switch (authorization.scheme) {
    case "none":
      if (conversation.isSignedIn) return "NTLM";
      return role === "anonymous" || role === "discovery" ? "anon" : "-";
    case "bearer-probe":
      return "Bearer?";
    case "bearer":
      return outcome === "refused" || !authorization.token.ok ? "Bearer?" : "Bearer";
    case "basic":
      return "BASIC";
    case "ntlm":
      return "NTLM";
    case "negotiate":
      return ntlmSent?.isNtlm === true ? "NTLM" : "Nego";
    case "removed":
      return "removed";
    case "other":
      return authorization.name;
  }
}

function detailOf(facts: TransactionFacts, correlation: Correlation): string {
  const signedIn = correlation.conversation.isSignedIn ? "signed in before" : "";
  const parts = [tokenWords(facts), signedIn, requestWords(facts, correlation), answerWords(facts, correlation)];
  return parts.filter((part) => part !== "").join(", ");
}

function tokenWords({ authorization }: TransactionFacts): string {
  if (authorization.scheme === "bearer-probe") return "probe";
  if (authorization.scheme !== "bearer") return "";
  return authorization.token.ok ? kindWords(authorization.token.value) : "unreadable token";
}

function kindWords(token: S2sToken): string {
  if (token.tokenKind === "app-acts-as-user" || token.tokenKind === "app-asserted-user") return "acts as user";
  const alg = /^[A-Za-z0-9]{1,10}$/.test(token.alg) ? ` ${token.alg}` : "";
  return `${token.tokenKind}${alg}`;
}

function requestWords(facts: TransactionFacts, { role }: Correlation): string {
  if (role === "token-request")
    return facts.tokenRequest?.isPasswordGrant === true ? "password grant" : "asks for a token";
  if (facts.endpoint === "sts-metadata") return "token service's keys";
  if (role === "federation") return "WS-Security";
  if (facts.graph !== null) return facts.graph.family === "unknown" ? "" : graphOperations[facts.graph.family];
  if (role === "discovery") return "looks for EWS";
  const operation = facts.operation === null ? "" : facts.operation.name;
  return isDelegateCheck(facts) ? `${operation} delegate check`.trimStart() : operation;
}

function answerWords(facts: TransactionFacts, { outcome }: Correlation): string {
  if (facts.tokenAnswer !== null) return facts.tokenAnswer.isIssued ? "token issued" : "token refused";
  if (facts.diagnostics !== null) return facts.diagnostics.cause;
  const error = graphErrorWords(facts);
  if (error !== "") return outcome === "refused" ? `refused: ${error}` : error;
  if (outcome === "refused") return "refused";
  const offered = offeredSchemes(facts);
  return offered.length === 0 ? "" : `offers ${offered.join(", ")}`;
}

function worstOf(findings: readonly FindingReport[]): Severity | null {
  const worst = Math.max(-1, ...findings.map(({ severity }) => severities.indexOf(severity)));
  return severities[worst] ?? null;
}
