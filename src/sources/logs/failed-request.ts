// A trace of one failed request of IIS (`fr000001.xml`) → the transaction that it holds: both heads as they were on the wire, and the
// bodies where the trace areas had them.
import { firstHeader, type Header, type Headers } from "../../core/headers.ts";
import type { CapturedBody, HttpRequest, HttpResponse, HttpTransaction } from "../../core/http-transaction.ts";
import { emptyBody, onlyStatusRecorded } from "../../core/http-transaction.ts";
import { longestTraceBody, type TraceFacts, traceStatus } from "../../server-logs/records/trace-facts.ts";
import type { XmlElement } from "../../server-logs/records/xml-element.ts";
import { isBodilessMethod, isBodilessStatus } from "../values/foreign-json.ts";
import { parseHttpUrl, portOf } from "../values/url-parts.ts";

/** The transaction of a trace: the attributes of `<failedRequest>` and what its events say; a problem as text without a request. */
export function traceTransaction(root: XmlElement["attributes"], facts: TraceFacts): HttpTransaction | string {
  const url = parseHttpUrl((root.get("url") ?? "").slice(0, 65_536));
  if (url === null) return "its url cannot be read";
  if (facts.requestHead === null) return "it has no GENERAL_REQUEST_HEADERS: trace with verbosity Verbose";
  const headers = headersOf(facts.requestHead);
  const method = /^[A-Za-z-]{1,32}$/.exec(root.get("verb") ?? "")?.[0] ?? "GET";
  const request: HttpRequest = {
    method,
    target: url.target,
    version: "HTTP/1.1",
    headers,
    trailers: [],
    body: bodyOf(facts.requestBody, headers, isBodilessMethod(method)),
  };
  const status = traceStatus(root);
  const response = responseOf(status, facts);
  const taken = Number(/^\s*(\d{1,9})\s*$/.exec(root.get("timeTaken") ?? "")?.[1] ?? Number.NaN);
  return {
    id: "t1",
    connection: facts.connection === "" ? "c1" : `c${facts.connection}`,
    client: clientOf(facts.address, facts.port),
    startedAt: facts.startedAt ?? 0,
    durationMs: Number.isNaN(taken) ? null : taken,
    scheme: url.scheme,
    host: url.host,
    port: url.port,
    request,
    response,
    failure: response === null ? missingAnswer(status) : null,
  };
}

/** An answer without its head proves nothing about a challenge: only the status of a success is kept. */
function responseOf(status: number, facts: TraceFacts): HttpResponse | null {
  if (status === 0 || (facts.responseHead === null && (status < 200 || status >= 300))) return null;
  const headers = headersOf(facts.responseHead ?? "");
  return {
    version: "HTTP/1.1",
    status,
    reason: "",
    headers,
    trailers: [],
    body: bodyOf(facts.responseBody, headers, isBodilessStatus(status)),
    interim: [],
  };
}

function missingAnswer(status: number): string {
  return status === 0 ? "no answer was recorded" : `${onlyStatusRecorded}: ${status}`;
}

const mostFields = 1000;
const field = /^([!#$%&'*+.^_`|~0-9A-Za-z-]{1,256}):[ \t]*(.*)$/s;

/** The fields of a head, one a line; a first line of an answer is not one. */
function headersOf(head: string): Headers {
  const fields: Header[] = [];
  for (const line of head.split(/\r?\n|\r/, mostFields)) {
    const [, name, value = ""] = field.exec(line) ?? [];
    if (name !== undefined) fields.push([name, value.trimEnd()]);
  }
  return fields;
}

/** A body that the trace does not hold is lost, not empty. */
function bodyOf(text: string | null, headers: Headers, isBodiless: boolean): CapturedBody {
  const stated = /^\d{1,15}$/.exec(firstHeader(headers, "content-length") ?? "")?.[0];
  const length = stated === undefined ? null : Number(stated);
  if (length === 0) return emptyBody;
  const isText = text !== null && text !== "" && !hasLostBytes(text);
  if (!isText) return lostBody(length, isBodiless && text === null && length === null);
  const bytes = new TextEncoder().encode(text.slice(0, longestTraceBody));
  const truncated = text.length > longestTraceBody || (length !== null && bytes.length < length);
  return { bytes, totalBytes: Math.max(length ?? 0, bytes.length), truncated, contentCoding: null };
}

function lostBody(length: number | null, isBodiless: boolean): CapturedBody {
  if (isBodiless) return emptyBody;
  return { bytes: new Uint8Array(0), totalBytes: length, truncated: true, contentCoding: null };
}

/** Bytes of a packed or binary body do not survive as the text of an XML file. */
function hasLostBytes(text: string): boolean {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is looked for.
  return /[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffd]/.test(text.slice(0, 4096));
}

function clientOf(address: string, port: string): string {
  if (!/^[0-9a-fA-F.:%]{2,64}$/.test(address)) return "";
  const number = portOf(Number(port));
  const bare = address.replace(/%.*$/, "");
  const name = bare.includes(":") ? `[${bare}]` : bare;
  return number === null ? bare : `${name}:${number}`;
}
