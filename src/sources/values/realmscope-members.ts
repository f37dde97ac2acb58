// Restores transactions that this program exported as raw messages, from the JSON it put beside them (a session flag of
// a SAZ, a comment of a packet). Files of other programs have none.
import { durationOrUnknown, isKnownTime } from "../../core/capture-time.ts";
import type { Header, Headers } from "../../core/headers.ts";
import type { CapturedBody, HttpRequest, HttpResponse, HttpTransaction } from "../../core/http-transaction.ts";
import { type JsonObject, listOf, memberOf, objectOf, sizeOf, textOf } from "./foreign-json.ts";

/** The members in a text; null when it has none. */
export function parseRealmscopeMembers(text: string): JsonObject | null {
  if (text === "") return null;
  try {
    return objectOf(JSON.parse(text));
  } catch {
    return null;
  }
}

/** Whether the members mark the request as unanswered. */
export function isUnanswered(own: JsonObject): boolean {
  return memberOf(own, "responseBody") === undefined;
}

/** The transaction as it was before the export. */
export function restoreTransaction(transaction: HttpTransaction, own: JsonObject): HttpTransaction {
  const { request, response } = transaction;
  const startedAt = sizeOf(own, "startedAt") ?? 0;
  return {
    ...transaction,
    id: textOf(own, "id") || transaction.id,
    connection: textOf(own, "connection") || transaction.connection,
    client: textOf(own, "client"),
    startedAt: isKnownTime(startedAt) ? startedAt : transaction.startedAt,
    durationMs: durationOrUnknown(sizeOf(own, "durationMs")),
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

/** Removes the last field, the exporter's Content-Length, and restores the names of the fields it renamed. */
function restoredHeaders(headers: Headers): Headers {
  return headers.slice(0, -1).map(([name, value]): Header => [name.replace(/^X-Realmscope-/, ""), value]);
}

function restoredBody(body: CapturedBody, size: JsonObject): CapturedBody {
  return {
    bytes: body.bytes,
    totalBytes: memberOf(size, "totalBytes") === null ? null : (sizeOf(size, "totalBytes") ?? body.totalBytes),
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
