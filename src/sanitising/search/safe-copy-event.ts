// One event of a safe copy for other people: sanitised by allowlist, then searched for everything that was removed anywhere in the
// capture, in every form. Addresses of clients are replaced, too.
import type { CaptureEvent } from "../../core/capture-event.ts";
import type { Headers } from "../../core/headers.ts";
import type { CapturedBody, HttpTransaction } from "../../core/http-transaction.ts";
import type { LogFileReport, LogRow } from "../../core/log-row.ts";
import { readBase64, readBase64Url } from "../../decoders/base64.ts";
import { base64, base64Url } from "../base64-text.ts";
import { type Pseudonymise, pseudonymOfMachine, redactedWord } from "../redaction.ts";
import { idFields } from "../safe-headers.ts";
import { type Redacted, sanitiseEvent } from "../sanitise.ts";
import { withoutUnreadableRuns } from "./leak-check.ts";
import { isKeySet } from "./public-identifiers.ts";
import type { ValueSearch } from "./value-search.ts";

export interface SafeCopyRules {
  readonly pseudonymise: Pseudonymise;
  readonly known: ValueSearch;
  /** Also replaces the domains of mail addresses and accounts; those of hosts and realms stay. */
  readonly hidesDomains: boolean;
}

/** An event of a safe copy. Idempotent. */
export function safeCopyOf(event: CaptureEvent, rules: SafeCopyRules): Redacted<CaptureEvent> {
  const safe = sanitiseEvent(event, rules.pseudonymise);
  if (safe.kind === "log-row") return { kind: "log-row", row: searchedRow(safe.row, rules) } as Redacted<CaptureEvent>;
  if (safe.kind === "log-file")
    return { kind: "log-file", report: searchedReport(safe.report, rules) } as Redacted<CaptureEvent>;
  if (safe.kind !== "transaction") {
    return (
      "client" in safe ? { ...safe, client: safeClient(safe.client, rules.pseudonymise) } : safe
    ) as Redacted<CaptureEvent>;
  }
  return { kind: "transaction", transaction: searched(safe.transaction, rules) } as Redacted<CaptureEvent>;
}

function searched(transaction: HttpTransaction, rules: SafeCopyRules): HttpTransaction {
  const { request, response } = transaction;
  const text = (value: string): string => readableText(value, rules);
  const headers = (fields: Headers): Headers =>
    fields.map(([name, value]) => [rules.known.replaceIn(name), searchedField(name, value, rules)]);
  const body = (content: CapturedBody): CapturedBody => searchedBody(content, rules);
  return {
    ...transaction,
    client: safeClient(transaction.client, rules.pseudonymise),
    failure: transaction.failure === null ? null : text(transaction.failure),
    request: {
      ...request,
      target: text(request.target),
      headers: headers(request.headers),
      trailers: headers(request.trailers),
      body: body(request.body),
    },
    response:
      response === null
        ? null
        : {
            ...response,
            reason: text(response.reason),
            headers: headers(response.headers),
            trailers: headers(response.trailers),
            body: body(response.body),
          },
  };
}

function searchedRow(row: LogRow, rules: SafeCopyRules): LogRow {
  const text = (value: string): string => readableText(value, rules);
  const { printedToken, refusal } = row;
  return {
    ...row,
    file: text(row.file),
    server: safeServer(row.server, rules),
    host: safeServer(row.host, rules),
    client: safeClient(row.client, rules.pseudonymise),
    method: text(row.method),
    path: text(row.path),
    userAgent: text(row.userAgent),
    printedToken: printedToken === null ? null : text(printedToken),
    operation: row.operation === null ? null : text(row.operation),
    refusal: refusal === null ? null : { ...refusal, text: text(refusal.text) },
    failure: text(row.failure),
  };
}

function searchedReport(report: LogFileReport, rules: SafeCopyRules): LogFileReport {
  return { ...report, file: readableText(report.file, rules), server: safeServer(report.server, rules) };
}

/** A server that a row names by its address gets a pseudonym as its clients do. */
function safeServer(server: string, { pseudonymise }: SafeCopyRules): string {
  const name = server.replace(/^\[|\](?=$|:\d)/g, "");
  const isAddress = /^(?:\d{1,3}(?:\.\d{1,3}){3}(?::\d{1,5})?|[0-9a-f]{0,4}(?::[0-9a-f.]{0,15}){2,8})$/i.test(name);
  if (!isAddress || loopback.test(server)) return server;
  return pseudonymOfMachine(server, pseudonymise);
}

function searchedField(name: string, value: string, rules: SafeCopyRules): string {
  if (idFields.has(name.toLowerCase())) return value;
  const basic = /^(Basic\s+)([A-Za-z0-9+/=]+)$/i.exec(value);
  const bytes = basic === null ? null : readBase64(basic[2] ?? "");
  if (basic === null || bytes === null) return readableText(value, rules);
  const text = new TextDecoder().decode(bytes);
  const safe = searchedText(text, rules);
  return safe === text ? value : `${basic[1]}${base64(new TextEncoder().encode(safe))}`;
}

function searchedBody(body: CapturedBody, rules: SafeCopyRules): CapturedBody {
  if (body.bytes.length === 0 || body.contentCoding !== null) return body;
  const text = new TextDecoder().decode(body.bytes);
  const safe = isKeySet(text) ? searchedText(text, rules) : readableText(text, rules);
  return safe === text ? body : { ...body, bytes: new TextEncoder().encode(safe) };
}

const segments = /e[yw][A-Za-z0-9_-]{8,}/g;
const maxDepth = 6;

/** Replaces runs that the final search would refuse: a harmless one must not block the whole capture. */
function readableText(text: string, rules: SafeCopyRules): string {
  return withoutUnreadableRuns(searchedText(text, rules), (found) => redactedWord(found, rules.pseudonymise));
}

/** First inside tokens, whose text is encoded, then around them. */
function searchedText(text: string, rules: SafeCopyRules, depth = 0): string {
  const inside =
    depth >= maxDepth ? text : text.replace(segments, (segment) => searchedSegment(segment, rules, depth) ?? segment);
  const known = rules.known.replaceIn(inside);
  return rules.hidesDomains ? withoutDomains(known, rules.pseudonymise) : known;
}

/** The segment of a token encoded again after a replacement; null when it does not change. */
function searchedSegment(segment: string, rules: SafeCopyRules, depth: number): string | null {
  const read = readBase64Url(segment);
  if (typeof read === "number") return null;
  const text = new TextDecoder().decode(read.bytes);
  if (!text.startsWith("{")) return null;
  const safe = searchedText(text, rules, depth + 1);
  return safe === text ? null : base64Url(new TextEncoder().encode(safe));
}

const mailDomain = /(user-[a-z2-7]{10})(@|%(?:25)*40)(?!domain-[a-z2-7]{10}\.invalid)([\p{L}\p{M}\p{N}.-]{1,253})/gu;
const accountDomain =
  /(?<![\p{L}\p{M}\p{N}_.%-])(?!domain-[a-z2-7]{10}(?:\\|%))([\p{L}\p{M}\p{N}_.-]{1,64})(\\{1,2}|%(?:25)*5c)(?=user-[a-z2-7]{10})/giu;

// RFC 2606: nobody owns `.invalid`.
function withoutDomains(text: string, pseudonymise: Pseudonymise): string {
  const name = (domain: string): string => `domain-${pseudonymise("domain", domain.toLowerCase())}`;
  return text
    .replace(mailDomain, (_, user: string, at: string, domain: string) => `${user}${at}${name(domain)}.invalid`)
    .replace(accountDomain, (_, domain: string, slash: string) => `${name(domain)}${slash}`);
}

const loopback = /^(?:127(?:\.\d{1,3}){3}|\[?::1\]?|localhost)$/;

/** A pseudonym tells clients apart without their address; the loopback address stays. */
function safeClient(client: string, pseudonymise: Pseudonymise): string {
  // An IPv6 address without brackets is an address without a port.
  const [, address = "", port = ""] = /^(\[[^\]]*\]|[^:]*)(:\d{1,5})?$/.exec(client) ?? ["", client];
  if (address === "" || loopback.test(address) || /^client-[a-z2-7]{10}$/.test(address)) return client;
  return `client-${pseudonymise("client", address)}${port}`;
}
