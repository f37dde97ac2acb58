// Reads one item of a Burp export: the request and the answer as bytes, and what Burp writes beside them.

import { firstHeader, type Headers } from "../../core/headers.ts";
import type { CapturedBody, HttpResponse, HttpTransaction } from "../../core/http-transaction.ts";
import { createBodyCollector } from "../../http1/body.ts";
import { undoContentCoding } from "../../http1/content-coding.ts";
import { createRequestReader, createResponseReader, type ReadEvent } from "../../http1/message-reader.ts";
import type { EntryPlace, Provenance } from "../input/capture.ts";
import { parseHttpUrl, parseKnownTime, portOf, type UrlParts } from "../values/url-parts.ts";

const bodyLimit = 2 * 1024 * 1024;

export interface ReadItem {
  readonly transaction: HttpTransaction;
  readonly said: Provenance;
}

/** The transaction of the content of one <item>, or the problem with it as text. Never rejects. */
export async function readBurpItem(item: Buffer, place: EntryPlace): Promise<ReadItem | string> {
  const elements = elementsOf(item.toString("latin1"));
  const request = readRequest(bytesOf(elements.get("request")));
  if (request === null) return "its request cannot be read";
  const url = urlOf(elements) ?? parseHttpUrl(`https://${firstHeader(request.headers, "host") ?? ""}/`);
  if (url === null) return "it has no host that can be read";
  const read = readResponse(bytesOf(elements.get("response")), request.method);
  const response = read === null ? null : { ...read, body: await undoContentCoding(read.body, bodyLimit) };
  const named = parseJavaTime(elements.get("time")?.text ?? "");
  const at = named ?? (response === null ? null : parseKnownTime(firstHeader(response.headers, "date") ?? ""));
  const transaction: HttpTransaction = {
    id: `t${place.number}`,
    connection: `e${place.number}`,
    client: "",
    startedAt: at ?? place.before,
    durationMs: null,
    scheme: url.scheme,
    host: url.host,
    port: url.port,
    request: { ...request, body: await undoContentCoding(request.body, bodyLimit) },
    response,
    failure: response === null ? "no answer was recorded" : null,
  };
  return { transaction, said: { isNamed: false, isTimed: at !== null, isServersTime: named === null } };
}

interface Element {
  readonly isBase64: boolean;
  readonly text: string;
}

const tag = /<([A-Za-z]{1,32})((?:\s[^<>]{0,400})?)>/y;

/** The elements of an item by their names, the first of each; characters are bytes. */
function elementsOf(item: string): ReadonlyMap<string, Element> {
  const elements = new Map<string, Element>();
  for (let at = item.indexOf("<"); at !== -1; at = item.indexOf("<", at)) {
    tag.lastIndex = at;
    const [whole = "", name = "", attributes = ""] = tag.exec(item) ?? [];
    if (whole === "") {
      at += 1;
      continue;
    }
    const content = contentAt(item, at + whole.length);
    if (!elements.has(name) && !attributes.trimEnd().endsWith("/"))
      elements.set(name, { isBase64: /\bbase64="true"/.test(attributes), text: content.text });
    at = content.end;
  }
  return elements;
}

/** Text and CDATA sections up to the next tag. */
function contentAt(item: string, from: number): { readonly text: string; readonly end: number } {
  const parts: string[] = [];
  let at = from;
  for (;;) {
    const mark = item.indexOf("<", at);
    const end = mark === -1 ? item.length : mark;
    parts.push(withoutEntities(item.slice(at, end)));
    if (!item.startsWith("<![CDATA[", end)) return { text: parts.join(""), end };
    const close = item.indexOf("]]>", end);
    parts.push(item.slice(end + 9, close === -1 ? item.length : close));
    at = close === -1 ? item.length : close + 3;
  }
}

const entities: ReadonlyMap<string, string> = new Map([
  ["lt", "<"],
  ["gt", ">"],
  ["amp", "&"],
  ["quot", '"'],
  ["apos", "'"],
]);

function withoutEntities(text: string): string {
  return text.includes("&")
    ? text.replace(/&(lt|gt|amp|quot|apos);/g, (whole, name: string) => entities.get(name) ?? whole)
    : text;
}

function bytesOf(element: Element | undefined): Buffer {
  if (element === undefined) return Buffer.alloc(0);
  return element.isBase64 ? Buffer.from(element.text, "base64") : Buffer.from(element.text.trimStart(), "latin1");
}

function urlOf(elements: ReadonlyMap<string, Element>): UrlParts | null {
  const text = (name: string): string => elements.get(name)?.text.trim() ?? "";
  const [host, protocol] = [text("host"), text("protocol").toLowerCase()];
  const port = portOf(Number(text("port")));
  const named =
    host === "" || protocol === "" ? null : parseHttpUrl(`${protocol}://${host}${port === null ? "" : `:${port}`}/`);
  return named ?? parseHttpUrl(text("url"));
}

/** Burp writes HTTP/2 as HTTP/1.1 with this version and without framing. */
const http2 = /^((?:[^\r\n]{1,65536} )?)HTTP\/2(?:\.0)?(?=[ \r\n])/;

interface Raw {
  /** With HTTP/1.1 in the first line. */
  readonly bytes: Buffer;
  readonly version: string | null;
  /** The bytes after the head. */
  readonly rest: Buffer;
}

function rawOf(bytes: Buffer): Raw {
  const lineEnd = bytes.indexOf(10);
  const line = bytes.toString("latin1", 0, lineEnd === -1 ? bytes.length : lineEnd + 1);
  const isHttp2 = http2.test(line);
  const first = isHttp2 ? Buffer.from(line.replace(http2, "$1HTTP/1.1"), "latin1") : null;
  const read =
    first === null ? bytes : Buffer.concat([first, bytes.subarray(lineEnd === -1 ? bytes.length : lineEnd + 1)]);
  return { bytes: read, version: isHttp2 ? "HTTP/2" : null, rest: afterHead(bytes) };
}

function afterHead(bytes: Buffer): Buffer {
  const ends = [bytes.indexOf("\r\n\r\n"), bytes.indexOf("\n\n")];
  const [crlf = -1, lf = -1] = ends;
  if (crlf !== -1 && (lf === -1 || crlf < lf)) return bytes.subarray(crlf + 4);
  return lf === -1 ? bytes.subarray(bytes.length) : bytes.subarray(lf + 2);
}

function readRequest(bytes: Buffer): HttpTransaction["request"] | null {
  const raw = rawOf(bytes);
  const reader = createRequestReader({ bodyLimit });
  return messageOf([...reader.push(raw.bytes, 0), ...reader.end(0, { isClean: true })], raw);
}

function readResponse(bytes: Buffer, method: string): HttpResponse | null {
  if (bytes.length === 0) return null;
  const raw = rawOf(bytes);
  const reader = createResponseReader({ bodyLimit });
  reader.expect(method);
  return messageOf([...reader.push(raw.bytes, 0), ...reader.end(0, { isClean: true })], raw);
}

type Message = { readonly version: string; readonly headers: Headers; readonly body: CapturedBody };

/** The first message; its body is all that follows the head where the fields of the head do not frame it. */
function messageOf<One extends Message>(events: readonly ReadEvent<One>[], raw: Raw): One | null {
  const whole = events.find((event) => event.kind === "message");
  const found = whole ?? events.find((event) => event.kind === "head");
  if (found === undefined || !("message" in found)) return null;
  const message = raw.version === null ? found.message : { ...found.message, version: raw.version };
  const isFramed = ["content-length", "transfer-encoding"].some(
    (name) => firstHeader(message.headers, name) !== undefined,
  );
  const isLost = events.some(({ kind }) => kind === "lost");
  if (message.body.bytes.length > 0 || raw.rest.length === 0 || (whole !== undefined && isFramed && !isLost))
    return message;
  const collector = createBodyCollector(bodyLimit);
  collector.append(raw.rest);
  return { ...message, body: collector.finish(message.headers, true) };
}

/** Java's names of zones that have one meaning; where another is ambiguous, the time of the answer is used. */
const zones: Readonly<Record<string, string>> = {
  ...{ UTC: "+0000", GMT: "+0000", WET: "+0000", WEST: "+0100", CET: "+0100", CEST: "+0200", EET: "+0200" },
  ...{ EEST: "+0300", MSK: "+0300", SGT: "+0800", HKT: "+0800", JST: "+0900", KST: "+0900", AEST: "+1000" },
  ...{ AEDT: "+1100", NZST: "+1200", NZDT: "+1300", EST: "-0500", EDT: "-0400", CDT: "-0500", MST: "-0700" },
  ...{ MDT: "-0600", PST: "-0800", PDT: "-0700" },
};

/** Epoch milliseconds of `Date.toString()` of Java, as Burp writes it: `Thu Jan 15 13:00:00 CET 2026`. */
function parseJavaTime(text: string): number | null {
  const parts = /^\s*\w{3} (\w{3}) (\d{1,2}) (\d\d:\d\d:\d\d) ([A-Z]{2,5})?(?:([+-]\d\d):?(\d\d))? ?(\d{4})\s*$/.exec(
    text,
  );
  if (parts === null) return parseKnownTime(text.trim());
  const [, month, day, time, zone = "", hours, minutes, year] = parts;
  const offset = hours === undefined ? zones[zone] : `${hours}${minutes}`;
  return offset === undefined ? null : parseKnownTime(`${day} ${month} ${year} ${time} ${offset}`);
}
