// Reads one HAR entry as a transaction, in the dialects of browsers, proxies and test tools. Members that begin with
// `_` are those of this program's journal and of HTTP Toolkit, for what HAR has no member.
import { durationOrUnknown } from "../../core/capture-time.ts";
import type { Header, Headers } from "../../core/headers.ts";
import { firstHeader } from "../../core/headers.ts";
import type { CapturedBody, HttpRequest, HttpResponse, HttpTransaction } from "../../core/http-transaction.ts";
import type { EntryPlace, Provenance } from "../input/capture.ts";
import {
  bodySize,
  isBodilessMethod,
  isBodilessStatus,
  type JsonObject,
  listOf,
  memberOf,
  objectOf,
  sizeOf,
  textOf,
} from "../values/foreign-json.ts";
import { noTime, unreadMessages } from "../values/lost-content.ts";
import { parseHttpUrl, parseKnownTime, portOf, type UrlParts } from "../values/url-parts.ts";
import type { StatedSize } from "./span-body.ts";

export interface ReadEntry {
  readonly transaction: HttpTransaction;
  /** What could not be read, one sentence each, in this program's own text. */
  readonly problems: readonly string[];
  readonly said: Provenance;
}

/** The transaction of one entry, or the problem with it as text. Never throws. */
export function readHarEntry(value: unknown, place: EntryPlace): ReadEntry | string {
  const entry = objectOf(value);
  const request = objectOf(memberOf(entry, "request"));
  const url = ownPlace(entry, request) ?? parseHttpUrl(textOf(request, "url"));
  if (url === null) return "its request has no URL that can be read";
  const problems: string[] = [];
  const startedAt = parseKnownTime(textOf(entry, "startedDateTime"));
  if (startedAt === null) problems.push(noTime);
  if (Object.hasOwn(entry, "__proto__")) problems.push("a member named __proto__ was ignored");
  const response = readResponse(objectOf(memberOf(entry, "response")), problems);
  problems.push(...unreadMessages(listOf(entry, "_webSocketMessages").length));
  const isUnfinished = memberOf(entry, "_unfinished") === true;
  const [ownId, at] = [textOf(entry, "_id"), startedAt ?? dateOf(response)];
  const transaction: HttpTransaction = {
    id: ownId || `t${place.number}`,
    connection: textOf(entry, "_connection") || textOf(entry, "connection") || `e${place.number}`,
    client: textOf(entry, "_client"),
    startedAt: at ?? place.before,
    durationMs: isUnfinished ? null : durationOrUnknown(sizeOf(entry, "time")),
    scheme: url.scheme,
    host: url.host,
    port: url.port,
    request: readRequest(request, url, problems),
    response,
    failure: errorOf(entry) || (response === null ? "no answer was recorded" : null),
  };
  return {
    transaction,
    problems,
    said: { isNamed: ownId !== "", isTimed: at !== null, isServersTime: startedAt === null },
  };
}

/** Browsers write the error into the answer that did not come. */
function errorOf(entry: JsonObject): string {
  return (textOf(entry, "_error") || textOf(objectOf(memberOf(entry, "response")), "_error")).slice(0, 200);
}

/** The target recorded by this program's journal, whatever the client wrote into Host and so into the URL. */
function ownPlace(entry: JsonObject, request: JsonObject): UrlParts | null {
  const [host, port] = [textOf(entry, "_host"), portOf(memberOf(entry, "_port"))];
  if (host === "" || port === null) return null;
  const scheme = textOf(request, "url").startsWith("https:") ? "https" : "http";
  return { scheme, host, port, target: "/" };
}

function dateOf(response: HttpResponse | null): number | null {
  return response === null ? null : parseKnownTime(firstHeader(response.headers, "date") ?? "");
}

function readRequest(request: JsonObject, place: UrlParts, problems: string[]): HttpRequest {
  const headers = headersOf(listOf(request, "headers"));
  const postData = objectOf(memberOf(request, "postData"));
  const ownContent = memberOf(request, "_content");
  const [method, size] = [textOf(request, "method") || "GET", sizeOf(request, "bodySize")];
  const isLeftOut =
    memberOf(request, "postData") === undefined && textOf(request, "_requestBodyStatus").startsWith("discarded:");
  const sent = isLeftOut ? { _truncated: true } : formOf(postData);
  const content = ownContent === undefined ? sent : objectOf(ownContent);
  const mimeType = textOf(postData, "mimeType");
  const hasType = mimeType === "" || firstHeader(headers, "content-type") !== undefined;
  return {
    method,
    target: textOf(request, "_target") || place.target,
    version: textOf(request, "httpVersion"),
    headers: hasType ? headers : [...headers, ["Content-Type", mimeType]],
    trailers: headersOf(listOf(request, "_trailers")),
    body: readBody(content, { stated: size, isBodiless: isBodilessMethod(method) }, problems),
  };
}

/** Some exporters write the fields of a form instead of its text. */
function formOf(postData: JsonObject): JsonObject {
  const params = listOf(postData, "params");
  if (typeof memberOf(postData, "text") === "string" || params.length === 0) return postData;
  const fields = params.map((param) => {
    const field = objectOf(param);
    return `${formText(textOf(field, "name"))}=${formText(textOf(field, "value"))}`;
  });
  return { ...postData, text: fields.join("&") };
}

function formText(text: string): string {
  // encodeURIComponent throws on half of a surrogate pair, which JSON can contain.
  return encodeURIComponent(text.replace(/\p{Surrogate}/gu, "\ufffd"));
}

function readResponse(response: JsonObject, problems: string[]): HttpResponse | null {
  const status = sizeOf(response, "status");
  // Exporters write status 0 for a blocked or unanswered request.
  if (status === null || status < 100 || status > 999) return null;
  const headers = headersOf(listOf(response, "headers"));
  const content = objectOf(memberOf(response, "content"));
  const stated = sizeOf(content, "size") ?? sizeOf(response, "bodySize");
  return {
    version: textOf(response, "httpVersion"),
    status: Math.trunc(status),
    reason: textOf(response, "statusText"),
    headers,
    trailers: headersOf(listOf(response, "_trailers")),
    body: readBody(content, { stated, isBodiless: isBodilessStatus(status) }, problems),
    interim: listOf(response, "_interim").filter((item): item is number => typeof item === "number"),
  };
}

/** Reads objects with name and value, or pairs. HTTP/2 pseudo-fields are not fields of the message. */
function headersOf(list: readonly unknown[]): Headers {
  const headers: Header[] = [];
  for (const item of list) {
    const [name, value] = Array.isArray(item)
      ? (item as readonly unknown[])
      : [memberOf(objectOf(item), "name"), memberOf(objectOf(item), "value")];
    if (typeof name !== "string" || name === "" || name.startsWith(":")) continue;
    headers.push([name, typeof value === "string" ? value : ""]);
  }
  return headers;
}

/** HTTP Toolkit leaves out bodies over 500 kB and those that it cannot decode, and says so in a comment. */
function isDiscarded(content: JsonObject): boolean {
  return !Object.hasOwn(content, "text") && textOf(content, "comment").startsWith("Body discarded");
}

function readBody(content: JsonObject, size: StatedSize, problems: string[]): CapturedBody {
  const text = textOf(content, "text");
  const coding = textOf(content, "_contentCoding");
  const marks = {
    truncated: memberOf(content, "_truncated") === true || isDiscarded(content),
    contentCoding: coding === "" ? null : coding.slice(0, 32),
  };
  const isText = textOf(content, "encoding").toLowerCase() !== "base64";
  const bytes = isText ? utf8(text) : fromBase64(text, problems);
  return { bytes, totalBytes: bodySize(size.stated, bytes.length, size.isBodiless), ...marks };
}

const noBytes = new Uint8Array(0);
const encoder = new TextEncoder();

/** Nearly every body is ASCII, for which copying is several times faster than encoding. */
function utf8(text: string): Uint8Array {
  if (text === "") return noBytes;
  if (Buffer.byteLength(text) !== text.length) return encoder.encode(text);
  const ascii = Buffer.from(text, "latin1");
  return new Uint8Array(ascii.buffer, ascii.byteOffset, ascii.length);
}

function fromBase64(text: string, problems: string[]): Uint8Array {
  const digits = text.replace(/\s+/g, "");
  // One digit over a group of four holds no byte.
  if (!/[^A-Za-z0-9+/]/.test(digits.replace(/=+$/, "")) && digits.replace(/=+$/, "").length % 4 !== 1)
    return Buffer.from(digits, "base64");
  problems.push("a body that is marked as base64 is not; it was omitted");
  return new Uint8Array(0);
}
