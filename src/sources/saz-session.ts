import { withoutContentCoding } from "../coding/content-coding.ts";
import type { CaptureEvent } from "../core/capture-event.ts";
import type { Header, Headers } from "../core/headers.ts";
import type { CapturedBody, HttpRequest, HttpResponse, HttpTransaction } from "../core/http-transaction.ts";
import { createRequestReader, createResponseReader, type ReadEvent } from "../http1/message-reader.ts";
import type { EntryPlace } from "./har-entry.ts";
import { readEventMembers } from "./journal-event.ts";
import { type JsonObject, listOf, memberOf, objectOf, sizeOf, textOf } from "./lenient.ts";
import { timeOf, urlPlace } from "./url-place.ts";

export interface SessionFiles {
  readonly request: Uint8Array;
  readonly answer: Uint8Array;
  readonly metadata: Uint8Array;
}

const bodyLimit = 2 * 1024 * 1024;

/** The events of one session, the transaction among them; or why there is none, in our words. Never throws. */
export async function readSazSession(
  files: SessionFiles,
  place: EntryPlace,
): Promise<readonly CaptureEvent[] | string> {
  const reader = createRequestReader({ bodyLimit });
  const request = firstMessage([...reader.push(files.request, 0), ...reader.end(0, { isClean: true })]);
  if (request === null) return "its request cannot be read";
  const metadata = Buffer.from(files.metadata).toString("utf8");
  const own = ownMembers(metadata);
  if (request.method === "CONNECT") return own === null ? [] : readEventMembers(own).ahead;
  const url = urlPlace(request.target) ?? urlPlace(`http://${hostOf(request.headers)}${request.target}`);
  if (url === null) return "its request has no URL that can be read";
  const response = readAnswer(files.answer, request.method);
  const begin = timer(metadata, "ClientBeginRequest") ?? timer(metadata, "ClientConnected") ?? place.before;
  const end = timer(metadata, "ClientDoneResponse") ?? timer(metadata, "ServerDoneResponse");
  const transaction: HttpTransaction = {
    id: `t${place.number}`,
    connection: flag(metadata, "x-clientport") === "" ? `e${place.number}` : `p${flag(metadata, "x-clientport")}`,
    client: flag(metadata, "x-clientip"),
    startedAt: begin,
    durationMs: end === null || end < begin ? null : end - begin,
    scheme: url.scheme,
    host: url.host,
    port: url.port,
    request: { ...request, target: url.target, body: await withoutContentCoding(request.body, bodyLimit) },
    response: response === null ? null : { ...response, body: await withoutContentCoding(response.body, bodyLimit) },
    failure: response === null ? "no answer was recorded" : null,
  };
  if (own === null) return [{ kind: "transaction", transaction }];
  const { ahead, after } = readEventMembers(own);
  return [...ahead, { kind: "transaction", transaction: restored(transaction, own) }, ...after];
}

function readAnswer(bytes: Uint8Array, method: string): HttpResponse | null {
  if (bytes.length === 0) return null;
  const reader = createResponseReader({ bodyLimit });
  reader.expect(method);
  return firstMessage([...reader.push(bytes, 0), ...reader.end(0, { isClean: true })]);
}

function firstMessage<Message>(events: readonly ReadEvent<Message>[]): Message | null {
  for (const event of events) if (event.kind === "message") return event.message;
  return null;
}

function hostOf(headers: Headers): string {
  return headers.find(([name]) => name.toLowerCase() === "host")?.[1] ?? "";
}

// The file is read by what it must look like, not as XML: attributes of known names, bounded.
function timer(metadata: string, name: string): number | null {
  const found = new RegExp(`\\b${name}="([^"]{1,40})"`).exec(metadata)?.[1];
  // Fiddler writes year 1 for a moment that never came.
  return found === undefined || found.startsWith("0001") ? null : timeOf(found);
}

function flag(metadata: string, name: string): string {
  const found = new RegExp(`<SessionFlag\\s+N="${name}"\\s+V="([^"]{0,4194304})"`).exec(metadata)?.[1] ?? "";
  return found.replace(/&#(\d{1,6});/g, (_, code: string) => String.fromCharCode(Number(code)));
}

/** What our own writer put beside the raw messages; null for other programs' sessions. */
function ownMembers(metadata: string): JsonObject | null {
  const text = flag(metadata, "x-realmscope");
  if (text === "") return null;
  try {
    return objectOf(JSON.parse(text));
  } catch {
    return null;
  }
}

function restored(transaction: HttpTransaction, own: JsonObject): HttpTransaction {
  const { request, response } = transaction;
  return {
    ...transaction,
    id: textOf(own, "id") || transaction.id,
    connection: textOf(own, "connection") || transaction.connection,
    client: textOf(own, "client"),
    startedAt: sizeOf(own, "startedAt") ?? transaction.startedAt,
    durationMs: sizeOf(own, "durationMs"),
    scheme: textOf(own, "scheme") === "http" ? "http" : "https",
    host: textOf(own, "host") || transaction.host,
    port: sizeOf(own, "port") ?? transaction.port,
    request: { ...restoredMessage(request, own, "request"), target: textOf(own, "target") || request.target },
    response:
      response === null
        ? null
        : { ...restoredMessage(response, own, "response"), interim: listOf(own, "interim").filter(isNumber) },
    failure: textOf(own, "failure") || null,
  };
}

function restoredMessage<Message extends HttpRequest | HttpResponse>(
  message: Message,
  own: JsonObject,
  side: "request" | "response",
): Message {
  return {
    ...message,
    headers: restoredHeaders(message.headers),
    trailers: listOf(own, `${side}Trailers`).filter(isHeader),
    body: restoredBody(message.body, objectOf(memberOf(own, `${side}Body`))),
  };
}

/** The last field is the length of what is kept; those of the wire had another name. */
function restoredHeaders(headers: Headers): Headers {
  return headers.slice(0, -1).map(([name, value]): Header => [name.replace(/^X-Realmscope-/, ""), value]);
}

function restoredBody(body: CapturedBody, size: JsonObject): CapturedBody {
  return {
    bytes: body.bytes,
    totalBytes: sizeOf(size, "totalBytes") ?? body.totalBytes,
    truncated: memberOf(size, "truncated") === true,
    contentCoding: textOf(size, "contentCoding") || null,
  };
}

function isNumber(value: unknown): value is number {
  return typeof value === "number";
}

function isHeader(value: unknown): value is Header {
  return Array.isArray(value) && value.length === 2 && value.every((part) => typeof part === "string");
}
