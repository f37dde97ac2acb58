// Rows of server logs. Anyone on the internet writes their User-Agent and path, so a member is kept where its form is known and
// replaced elsewhere. Hosts, clients, ids and programs follow the rules of captured traffic.
import type { LogFileReport, LogRow } from "../core/log-row.ts";
import { isGuid, realmKindOf } from "../core/principals.ts";
import { isKnownColumn, isKnownName, onlyKnownNames } from "./known-names.ts";
import { withoutPeople } from "./people.ts";
import { isPlainName } from "./plain-words.ts";
import { isSid, type Pseudonymise, redactedWord } from "./redaction.ts";
import { startRemembering } from "./remembered-value.ts";
import { safeAddressOf, safeId, safeMethod } from "./safe-identity.ts";
import { safeLogFileName } from "./safe-log-file-name.ts";
import { safePrintedToken } from "./safe-printed-token.ts";
import { safeProducts } from "./safe-programs.ts";
import { safeAuthority, safeUrl } from "./safe-url.ts";

// Rows repeat these.
const fileNames = startRemembering();
const hosts = startRemembering();
const paths = startRemembering();
const tokenServicePaths = startRemembering();
const agents = startRemembering();
const tokens = startRemembering();

/** A safe copy of a row, its members in a fixed order, so that a second run gives the same bytes. Idempotent. */
export function safeLogRow(row: LogRow, pseudonymise: Pseudonymise): LogRow {
  const { caller, actsAs, realm } = row;
  // One literal: an object of so many members that is put together by spreading is slow to make and to read.
  const safe: LogRow = {
    id: safeId(row.id, pseudonymise),
    log: row.log,
    file: fileNames(row.file, pseudonymise, () => safeLogFileName(row.file, pseudonymise)),
    line: row.line,
    side: row.side,
    direction: row.direction,
    endedAt: row.endedAt,
    startedAt: row.startedAt,
    server: safeHost(row.server, pseudonymise),
    host: safeHost(row.host, pseudonymise),
    client: safeAddressOf(row.client),
    method: safeMethod(row.method, pseudonymise),
    path: safePath(row, pseudonymise),
    status: row.status,
    backEndStatus: row.backEndStatus,
    userAgent: safeAgent(row.userAgent, pseudonymise),
    requestId: safeRequestId(row.requestId, pseudonymise),
    clientRequestId: safeRequestId(row.clientRequestId, pseudonymise),
    signIn: row.signIn,
    caller: caller === null ? null : safeCaller(caller, pseudonymise),
    actsAs: actsAs === null ? null : { keys: actsAs.keys.map(safeActingKey), isVerified: actsAs.isVerified },
    isPerson: row.isPerson,
    realm: realm === null ? null : safeRealm(realm, pseudonymise),
    printedToken: row.printedToken === null ? null : safeToken(row.printedToken, pseudonymise),
    operation: row.operation === null ? null : safeOperation(row.operation, row.log),
    isTokenGiven: row.isTokenGiven,
    refusal: safeRefusal(row.refusal),
    failure: onlyKnownNames(row.failure),
    isFormUnproven: row.isFormUnproven,
  };
  const { certificate } = row;
  return certificate === undefined ? safe : { ...safe, certificate: safeThumbprint(certificate, pseudonymise) };
}

function safeToken(printed: string, pseudonymise: Pseudonymise): string {
  return tokens(printed, pseudonymise, () => safePrintedToken(printed, pseudonymise));
}

/** A safe copy of a report about a log file. Idempotent. */
export function safeLogFile(report: LogFileReport, pseudonymise: Pseudonymise): LogFileReport {
  const { log, at, kept, dropped, unreadable, firstAt, lastAt } = report;
  return {
    file: safeLogFileName(report.file, pseudonymise),
    ...{ log, at },
    server: safeHost(report.server, pseudonymise),
    ...{ kept, dropped, unreadable, firstAt, lastAt },
    missingColumns: report.missingColumns.map((name) => (isKnownColumn(name) ? name : "other")),
  };
}

/** Empty stays empty. A SID, a GUID and a token look like the name of a machine. */
function safeHost(text: string, pseudonymise: Pseudonymise): string {
  return text === "" ? "" : hosts(text, pseudonymise, () => makeSafeHost(text, pseudonymise));
}

function makeSafeHost(text: string, pseudonymise: Pseudonymise): string {
  const host = safeAuthority(withoutPeople(text, pseudonymise), pseudonymise);
  const name = host.replace(/:\d{1,5}$/, "");
  const isName = isPlainName(name) && !isSid(name) && !guidInText.test(name) && !tokenStart.test(name);
  return isName || safeAddressOf(host) !== "" ? host : redactedWord(text, pseudonymise);
}

const tokenStart = /^e[yw][A-Za-z0-9_-]{8,}\./;
const guidInText = /[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}/i;
const plainSegment = /^[\w.~$()'@!*+-]{0,128}$/;

/**
 * The path without its query, its segments plain names. A GUID in a call to Exchange names a mailbox; in the path of a token service
 * it names the tenant and stays, as in captured traffic.
 */
function safePath({ path, side }: Pick<LogRow, "path" | "side">, pseudonymise: Pseudonymise): string {
  const isOfTokenService = side === "token-service";
  const remember = isOfTokenService ? tokenServicePaths : paths;
  return remember(path, pseudonymise, () => makeSafePath(path, isOfTokenService, pseudonymise));
}

function makeSafePath(path: string, isOfTokenService: boolean, pseudonymise: Pseudonymise): string {
  const isKept = (segment: string): boolean =>
    plainSegment.test(segment) && isPlainName(segment) && (isOfTokenService || !guidInText.test(segment));
  return safeUrl(path.replace(/[?#].*$/s, ""), pseudonymise)
    .split("/")
    .map((segment) => (isKept(segment) ? segment : redactedWord(segment, pseudonymise)))
    .join("/");
}

const agentWord = /[^\s();,]+/g;
// RFC 9110 §10.1.5: a product with its version. Exchange puts several words between slashes.
const product = /^[A-Za-z][\w.+-]{0,60}(?:\/[\w.$*+-]{1,60}){1,4}$/;
// Words of the comments and names that mail programs and browsers send
const agentWords =
  /^(?:android|app|apple|arm|arm64|client|cloud|cpu|darwin|desktop|edge|enu|firefox|gecko|intel|ios|ipad|iphone|khtml|lifecycle|like|linux|lync|mac|macintosh|microsoft|mobile|mozilla|msie|msoffice|nt|office|os|outlook|pro|safari|skype|sfb|teams|trident|tablet|win32|win64|windows|wow64|x|x64|x86|x86_64|[a-z]{2}-[a-z]{2})$/i;
// Not an IPv4 address
const version = /^(?!\d{1,3}(?:\.\d{1,3}){3}$)(?:rv:|v)?\d{1,5}(?:[._]\d{1,6}){0,5}$/i;

/** Products with their versions, and known words. */
function safeAgent(agent: string, pseudonymise: Pseudonymise): string {
  return agents(agent, pseudonymise, () => {
    const known = safeProducts(agent, pseudonymise).replace(/<redacted[^<>]{0,40}>/g, "***");
    return known.replace(agentWord, (word) => (isAgentWord(word) ? word : "***"));
  });
}

function isAgentWord(word: string): boolean {
  if (product.test(word)) return !guidInText.test(word);
  return agentWords.test(word) || version.test(word) || isKnownName(word) || /^redacted-[a-z2-7]{4}$|^\*+$/.test(word);
}

const requestId = /^(?:\{[0-9a-f-]{36}\}|[0-9a-f-]{36})(?::\d{1,10})?$/i;

/** Ids only join rows and requests; what does not look like one may be anything. */
function safeRequestId(id: string | null, pseudonymise: Pseudonymise): string | null {
  if (id === null || requestId.test(id)) return id;
  const safe = withoutPeople(id, pseudonymise);
  return safe.length <= 64 && !isSid(safe) && isPlainName(safe) ? safe : redactedWord(id, pseudonymise);
}

const actingKeys: ReadonlySet<string> = new Set([
  ...["sid", "netid", "upn", "smtp", "sip", "liveid", "oid", "dn", "puid", "nameid", "other"],
]);

function safeCaller(caller: NonNullable<LogRow["caller"]>, pseudonymise: Pseudonymise): LogRow["caller"] {
  const { applicationId: id, shownBy } = caller;
  return { applicationId: isGuid(id) ? id : redactedWord(id, pseudonymise), shownBy };
}

function safeActingKey(key: string): string {
  return actingKeys.has(key) ? key : "other";
}

/** A tenant id or a domain stays, as in tokens. */
function safeRealm(realm: string, pseudonymise: Pseudonymise): string {
  const kind = realmKindOf(realm);
  const isKept = kind === "domain" ? isPlainName(realm) && !tokenStart.test(realm) : kind !== "other";
  return isKept ? realm : redactedWord(realm, pseudonymise);
}

/** A sign-in log has the application id of the called resource here. */
function safeOperation(operation: string, log: LogRow["log"]): string {
  return log === "entra-sign-in" && isGuid(operation) ? operation : safeName(operation);
}

/** The thumbprint of a certificate is public. */
function safeThumbprint(text: string, pseudonymise: Pseudonymise): string {
  return /^[0-9a-f]{40}(?:[0-9a-f]{24})?$/i.test(text) ? text : redactedWord(text, pseudonymise);
}

/** A known name, or the number of an event. */
function safeName(name: string): string {
  return isKnownName(name) || /^\d{1,7}$/.test(name) ? name : "***";
}

function safeRefusal(refusal: LogRow["refusal"]): LogRow["refusal"] {
  if (refusal === null) return null;
  const { code, category, text } = refusal;
  return { code, category: category === null ? null : safeName(category), text: onlyKnownNames(text) };
}

const plainCell = /^(?:[\d.:TZ+-]{1,40}|true|false)$/i;
const cellKinds = {
  host: "urlhost serverhostname frontendserver targetserver cs-host s-computername",
  address: "clientipaddress c-ip s-ip originalip x-forwarded-for",
  path: "urlstem cs-uri-stem cs-uri target",
  agent: "useragent user-agent cs(user-agent)",
  id: "requestid clientrequestid client-request-id",
  names:
    "method cs-method protocol protocolaction authenticationtype errorcode soapaction operation result-code genericerrors authenticationerrors genericinfo error-string s-reason cs-version process-name",
  user: "authenticateduser cs-username",
} as const;
type CellKind = keyof typeof cellKinds;

const kindOfCell: ReadonlyMap<string, CellKind> = new Map(
  (Object.keys(cellKinds) as CellKind[]).flatMap((kind) =>
    cellKinds[kind].split(" ").map((name): readonly [string, CellKind] => [name, kind]),
  ),
);

/** The cells of one line of a log by the names of their columns, made safe; empty cells are left out. */
export function safeLogCells(
  columns: readonly string[],
  cells: readonly string[],
  pseudonymise: Pseudonymise,
): readonly (readonly [column: string, value: string])[] {
  return columns.flatMap((column, place) => {
    const value = cells[place] ?? "";
    if (value === "" || value === "-") return [];
    const name = isKnownColumn(column) ? column : "other";
    return [[name, safeCell(name, value.slice(0, 16_384), pseudonymise)] as const];
  });
}

function safeCell(column: string, value: string, pseudonymise: Pseudonymise): string {
  switch (kindOfCell.get(column.toLowerCase())) {
    case "host":
      return safeHost(value, pseudonymise);
    case "address":
      return safeAddressOf(value) || redactedWord(value, pseudonymise);
    case "path":
      return safePath({ path: value, side: "front-end" }, pseudonymise);
    case "agent":
      // IIS writes `+` in place of a blank.
      return safeAgent(/^cs\(/i.test(column) ? value.replaceAll("+", " ") : value, pseudonymise);
    case "id":
      return safeRequestId(value, pseudonymise) ?? "";
    case "names":
      return onlyKnownNames(value);
    case "user":
      return /^[A-Z][A-Z0-9]{1,3}~[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(value) ? value : "***";
    default:
      return isKnownColumn(column) && plainCell.test(value) ? value : redactedWord(value, pseudonymise);
  }
}
