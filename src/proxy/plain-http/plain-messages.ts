// Forwards `http://` messages unchanged except for the fields of one hop (RFC 9110 7.6.1).
import type { IncomingMessage, ServerResponse } from "node:http";
import type { Readable, Writable } from "node:stream";
import { endToEnd, headerPairs } from "./plain-target.ts";

const bodyless = ["GET", "HEAD", "OPTIONS", "TRACE", "DELETE"];

/** The fields that this program writes itself. */
export interface OwnFields {
  readonly hostField: string;
  /** Proxy-Authorization for an upstream proxy; null for a target, which must not see it. */
  readonly authorization: string | null;
}

/** The fields of the request as a flat list, in their order and case, with the Host field of the target. */
export function requestFields(request: IncomingMessage, { hostField, authorization }: OwnFields): string[] {
  const kept = endToEnd(headerPairs(request.rawHeaders));
  const hostAt = Math.max(
    0,
    kept.findIndex(([name]) => name.toLowerCase() === "host"),
  );
  const fields = kept.filter(([name]) => name.toLowerCase() !== "host");
  fields.splice(hostAt, 0, ["Host", hostField]);
  if (authorization !== null) fields.push(["Proxy-Authorization", authorization]);
  const coding = request.headers["transfer-encoding"];
  const hasBody = request.headers["content-length"] !== undefined || coding !== undefined;
  // Node would announce a chunked body for a POST that has none.
  if (!hasBody && !bodyless.includes(request.method ?? "")) fields.push(["Content-Length", "0"]);
  return withoutTrailer(fields, !isChunked(coding)).flat();
}

/** Node throws for a Trailer field in a message without chunks, which can have no trailers. */
function withoutTrailer(
  fields: readonly (readonly [string, string])[],
  isWhole: boolean,
): readonly (readonly [string, string])[] {
  return isWhole ? fields.filter(([name]) => name.toLowerCase() !== "trailer") : fields;
}

function isChunked(coding: string | undefined): boolean {
  // The same test as Node's.
  return coding !== undefined && /(?:^|\W)chunked(?:$|\W)/i.test(coding);
}

/**
 * Writes the head of an answer unchanged. http-mitm-proxy would join repeated fields and rename all of them, so its own
 * call of `writeHead`, which follows, is made to do nothing.
 */
export function writeRawHead(request: IncomingMessage, from: IncomingMessage, to: ServerResponse): void {
  const isOldClient = request.httpVersion === "1.0";
  const framing = framingOf(request, from);
  const fields = withoutTrailer(endToEnd(headerPairs(from.rawHeaders)), framing !== "chunks").filter(
    // HTTP/1.0 knows no chunks; Node then ends the body by closing.
    ([name]) => !(isOldClient && name.toLowerCase() === "transfer-encoding"),
  );
  if (framing === "close") to.shouldKeepAlive = false;
  const phrase = from.statusMessage ?? "";
  // Node throws for the characters that RFC 9112 4 does not allow here.
  const reason = /^[\t\x20-\x7e\x80-\xff]*$/.test(phrase) ? phrase : "";
  to.sendDate = false;
  to.writeHead(from.statusCode ?? 502, reason, fields.flat());
  to.writeHead = () => to;
}

/** How Node frames the body of this answer, given its unchanged head. */
function framingOf(request: IncomingMessage, from: IncomingMessage): "chunks" | "close" | "length" {
  const status = from.statusCode ?? 0;
  const coding = from.headers["transfer-encoding"];
  if (status === 204 || status === 304 || request.httpVersion === "1.0") return "length";
  if (coding !== undefined) return isChunked(coding) ? "chunks" : "close";
  return from.headers["content-length"] === undefined && request.method !== "HEAD" ? "chunks" : "length";
}

/** Forwards the trailers of an answer; call before the body is read. */
export function passTrailers(from: IncomingMessage, to: ServerResponse): void {
  from.once("end", () => {
    // Node throws for characters that a field must not contain.
    const trailers = endToEnd(headerPairs(from.rawTrailers)).filter(isField);
    if (trailers.length > 0) to.addTrailers(trailers.map(([name, value]): [string, string] => [name, value]));
  });
}

function isField([name, value]: readonly [string, string]): boolean {
  return /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/.test(name) && /^[\t\x20-\x7e\x80-\xff]*$/.test(value);
}

/** Pauses a source while its destination is full, which the package's filters do not. */
export function slowDown(source: Readable, destination: Writable): void {
  source.pause();
  source.on("data", () => {
    if (!destination.writableNeedDrain || destination.destroyed) return;
    source.pause();
    destination.once("drain", () => source.resume());
  });
  // A destroyed destination never drains: the rest of the source is read and discarded.
  destination.once("close", () => source.resume());
}

/** Sends an answer of the proxy itself; `reason` must be this program's own text. */
export function answerPlainly(response: ServerResponse, status: number, reason: string): void {
  response.writeHead(status, {
    "Content-Type": "text/plain; charset=us-ascii",
    "X-Content-Type-Options": "nosniff",
    Connection: "close",
  });
  response.end(`realmscope: ${reason}\r\n`);
}
