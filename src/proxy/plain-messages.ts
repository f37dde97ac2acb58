// How `http://` messages are passed on: as they came, but for what belongs to one hop only.
import type { IncomingMessage, ServerResponse } from "node:http";
import type { Readable, Writable } from "node:stream";
import { endToEnd, headerPairs } from "./plain-target.ts";

const bodyless = ["GET", "HEAD", "OPTIONS", "TRACE", "DELETE"];

/** The request's fields as a flat list, in their order and case, with the Host field of the target. */
export function requestFields(request: IncomingMessage, hostField: string): string[] {
  const kept = endToEnd(headerPairs(request.rawHeaders));
  const hostAt = Math.max(
    0,
    kept.findIndex(([name]) => name.toLowerCase() === "host"),
  );
  const fields = kept.filter(([name]) => name.toLowerCase() !== "host");
  fields.splice(hostAt, 0, ["Host", hostField]);
  const hasBody = request.headers["content-length"] !== undefined || request.headers["transfer-encoding"] !== undefined;
  // Node would announce a chunked body for a POST that has none.
  if (!hasBody && !bodyless.includes(request.method ?? "")) fields.push(["Content-Length", "0"]);
  return fields.flat();
}

/**
 * Writes an answer's head as it came. http-mitm-proxy would join repeated fields and rename all of them, so its own
 * call, which follows, is made to do nothing.
 */
export function writeRawHead(request: IncomingMessage, from: IncomingMessage, to: ServerResponse): void {
  const isOldClient = request.httpVersion === "1.0";
  const fields = endToEnd(headerPairs(from.rawHeaders)).filter(
    // HTTP/1.0 knows no chunks; Node then ends the body by closing.
    ([name]) => !(isOldClient && name.toLowerCase() === "transfer-encoding"),
  );
  const phrase = from.statusMessage ?? "";
  // Node throws for the characters that RFC 9112 4 does not allow here.
  const reason = /^[\t\x20-\x7e\x80-\xff]*$/.test(phrase) ? phrase : "";
  to.sendDate = false;
  to.writeHead(from.statusCode ?? 502, reason, fields.flat());
  to.writeHead = () => to;
}

/** Passes an answer's trailers on; call before the body is read. */
export function passTrailers(from: IncomingMessage, to: ServerResponse): void {
  from.once("end", () => {
    const trailers = endToEnd(headerPairs(from.rawTrailers));
    if (trailers.length > 0) to.addTrailers(trailers.map(([name, value]): [string, string] => [name, value]));
  });
}

/** Makes a source wait while its destination is full; the package's filters never do. */
export function slowDown(source: Readable, destination: Writable): void {
  source.pause();
  source.on("data", () => {
    if (!destination.writableNeedDrain) return;
    source.pause();
    destination.once("drain", () => source.resume());
  });
}

/** An answer of the proxy itself; `reason` must be our own words. */
export function answerPlainly(response: ServerResponse, status: number, reason: string): void {
  response.writeHead(status, {
    "Content-Type": "text/plain; charset=us-ascii",
    "X-Content-Type-Options": "nosniff",
    Connection: "close",
  });
  response.end(`realmscope: ${reason}\r\n`);
}
