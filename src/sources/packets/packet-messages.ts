// Pairs the requests and answers that tshark found in packets, and makes transactions of them.
import type { CaptureEvent } from "../../core/capture-event.ts";
import { durationOrUnknown, isKnownTime } from "../../core/capture-time.ts";
import { firstHeader, type Header, type Headers } from "../../core/headers.ts";
import { type CapturedBody, emptyBody, type HttpResponse, type HttpTransaction } from "../../core/http-transaction.ts";
import type { Provenance } from "../input/capture.ts";
import { type ClosedTunnels, countClosed } from "../input/closed-tunnels.ts";
import type { Problems } from "../input/problems.ts";
import { type JsonObject, listOf } from "../values/foreign-json.ts";
import { readEventMembers } from "../values/journal-event.ts";
import { isUnanswered, parseRealmscopeMembers, restoreTransaction } from "../values/realmscope-members.ts";
import { parseHttpUrl, portOf } from "../values/url-parts.ts";

/** The fields requested from tshark; its output names them with `_` instead of the dot. */
export const packetFields = [
  ...["frame.number", "frame.time_epoch", "ip.src", "ipv6.src", "ip.dst", "ipv6.dst"],
  ...["tcp.srcport", "tcp.dstport", "tcp.stream", "tls.record.version", "http2.streamid"],
  ...["http.request.method", "http.request.uri", "http.request.version", "http.request.line"],
  ...["http.response.version", "http.response.code", "http.response.phrase", "http.response.line"],
  ...["http.request_in", "http.content_length", "http.file_data", "frame.comment"],
  ...["tls.handshake.type", "tls.handshake.extensions_server_name"],
] as const;

export type PacketFields = JsonObject;

export interface Pairing {
  /** The transactions that end with this packet, and the events that this program's exporter put beside them. */
  accept(fields: PacketFields): readonly CaptureEvent[];
  /** The transactions that were never answered. */
  end(): readonly CaptureEvent[];
  /** The connections that stayed closed, in one line; null when there were none. */
  closed(): string | null;
  /** Which values of a transaction come from the packets. */
  said(transaction: HttpTransaction): Provenance;
}

interface Options {
  readonly hasByteBodies: boolean;
  readonly problems: Problems;
}

const pendingLimit = 10_000;
const bodyLimit = 2 * 1024 * 1024;

/** Starts pairing requests with answers, by the packet number that tshark reports as the request of an answer. */
export function startPairing(options: Options): Pairing {
  const pending = new Map<string, Asked>();
  let count = 0;
  const named = new WeakSet<HttpTransaction>();
  const events = (asked: Asked): readonly CaptureEvent[] => {
    const found = eventsOf(asked);
    for (const event of found) if (event.kind === "transaction" && asked.own !== null) named.add(event.transaction);
    return found;
  };
  const tunnels = countClosed("tunnels (CONNECT)");
  const connections = countClosed("TLS connections");
  let isHttp2Told = false;
  const tellHttp2 = (): void => {
    if (!isHttp2Told) options.problems.add("HTTP/2 was seen in it; only HTTP/1 is read from packets");
    isHttp2Told = true;
  };
  return {
    accept(fields) {
      const done: Asked[] = [];
      if (textOf(fields, "http.request.method") !== "") {
        count += 1;
        const asked = { transaction: requestOf(fields, count, options), own: ownMembersOf(fields) };
        noteTunnel(asked.transaction, tunnels);
        if (asked.own !== null && isUnanswered(asked.own)) done.push(asked);
        else pending.set(textOf(fields, "frame.number"), asked);
        done.push(...overLimit(pending));
      } else if (textOf(fields, "http.response.code") !== "") {
        const asked = textOf(fields, "http.request_in");
        const request = pending.get(asked);
        pending.delete(asked);
        if (request === undefined) options.problems.add("an answer whose request is not in the capture was skipped");
        else done.push({ ...request, transaction: withResponse(request.transaction, fields, options) });
      } else if (textOf(fields, "http2.streamid") !== "") tellHttp2();
      else if (textOf(fields, "tls.handshake.type") === "1") connections.note(serverOf(fields));
      return done.flatMap(events);
    },
    end: () => [...pending.values()].flatMap(events),
    closed: () => tunnels.text() ?? connections.text(),
    said: (transaction) => ({ isNamed: named.has(transaction), isTimed: isKnownTime(transaction.startedAt) }),
  };
}

function noteTunnel({ request }: HttpTransaction, tunnels: ClosedTunnels): void {
  if (request.method === "CONNECT") tunnels.note(request.target.replace(/:\d{1,5}$/, ""));
}

/** The name in a ClientHello, else the address. */
function serverOf(fields: PacketFields): string {
  const name = textOf(fields, "tls.handshake.extensions_server_name");
  return name || textOf(fields, "ip.dst") || textOf(fields, "ipv6.dst") || "an unknown address";
}

interface Asked {
  readonly transaction: HttpTransaction;
  /** The members that this program's exporter put into the comment of the packet. */
  readonly own: JsonObject | null;
}

function ownMembersOf(fields: PacketFields): JsonObject | null {
  const comments = listOf(fields, layerName("frame.comment"));
  const own = comments.find((comment) => typeof comment === "string" && comment.startsWith("realmscope {"));
  return typeof own === "string" ? parseRealmscopeMembers(own.slice("realmscope ".length)) : null;
}

function eventsOf({ transaction, own }: Asked): readonly CaptureEvent[] {
  if (transaction.request.method === "CONNECT") return [];
  if (own === null) return [{ kind: "transaction", transaction }];
  const { ahead, after } = readEventMembers(own);
  return [...ahead, { kind: "transaction", transaction: restoreTransaction(transaction, own) }, ...after];
}

function overLimit(pending: Map<string, Asked>): readonly Asked[] {
  const oldest = pending.entries().next();
  if (pending.size <= pendingLimit || oldest.done === true) return [];
  pending.delete(oldest.value[0]);
  return [oldest.value[1]];
}

function requestOf(fields: PacketFields, number: number, options: Options): HttpTransaction {
  if (listOf(fields, layerName("http.request.method")).length > 1)
    options.problems.add(`packet ${textOf(fields, "frame.number")} holds several requests; the first was read`);
  const headers = headersOf(fields, "http.request.line");
  const isEncrypted = textOf(fields, "tls.record.version") !== "";
  const target = textOf(fields, "http.request.uri") || "/";
  const address = textOf(fields, "ip.dst") || textOf(fields, "ipv6.dst");
  const port = portOf(Number(textOf(fields, "tcp.dstport"))) ?? (isEncrypted ? 443 : 80);
  const named = parseHttpUrl(target) ?? parseHttpUrl(`http://${firstHeader(headers, "host") ?? ""}/`);
  return {
    id: `t${number}`,
    connection: `s${textOf(fields, "tcp.stream")}`,
    client: `${bracketed(textOf(fields, "ip.src") || textOf(fields, "ipv6.src"))}:${textOf(fields, "tcp.srcport")}`,
    startedAt: timeOf(fields),
    durationMs: null,
    scheme: isEncrypted ? "https" : "http",
    // Packets have an address only; the handshake is about the name by which the client called the server.
    host: named?.host ?? address,
    port,
    request: {
      method: textOf(fields, "http.request.method"),
      target,
      version: textOf(fields, "http.request.version"),
      headers,
      trailers: [],
      body: bodyOf(fields, options),
    },
    response: null,
    failure: "no answer was recorded",
  };
}

function withResponse(transaction: HttpTransaction, fields: PacketFields, options: Options): HttpTransaction {
  const response: HttpResponse = {
    version: textOf(fields, "http.response.version"),
    status: Number(textOf(fields, "http.response.code")) || 0,
    reason: textOf(fields, "http.response.phrase"),
    headers: headersOf(fields, "http.response.line"),
    trailers: [],
    body: bodyOf(fields, options),
    interim: [],
  };
  const durationMs = durationOrUnknown(Math.max(0, timeOf(fields) - transaction.startedAt));
  return { ...transaction, durationMs, response, failure: null };
}

/** The body from tshark: chunks joined, content coding undone. Before 4.2 bytes that are not UTF-8 are lost. */
function bodyOf(fields: PacketFields, { hasByteBodies }: Options): CapturedBody {
  const data = textOf(fields, "http.file_data");
  if (data === "") return emptyBody;
  const bytes = hasByteBodies ? Buffer.from(data.replaceAll(":", ""), "hex") : Buffer.from(data, "utf8");
  return {
    bytes: bytes.subarray(0, bodyLimit),
    totalBytes: Number(textOf(fields, "http.content_length")) || bytes.length,
    truncated: bytes.length > bodyLimit,
    contentCoding: null,
  };
}

function headersOf(fields: PacketFields, name: string): Headers {
  return listOf(fields, layerName(name)).flatMap((line): Header[] => {
    const text = typeof line === "string" ? line.replace(/\r?\n$/, "") : "";
    const colon = text.indexOf(":");
    return colon <= 0 ? [] : [[text.slice(0, colon).trim(), text.slice(colon + 1).trim()]];
  });
}

function timeOf(fields: PacketFields): number {
  const seconds = Number(textOf(fields, "frame.time_epoch"));
  const at = Math.round(seconds * 1000);
  return isKnownTime(at) ? at : 0;
}

function bracketed(address: string): string {
  return address.includes(":") ? `[${address}]` : address;
}

function layerName(field: string): string {
  return field.replaceAll(".", "_");
}

/** The first value of a field; empty when there is none. */
function textOf(fields: PacketFields, name: string): string {
  const [value] = listOf(fields, layerName(name));
  return typeof value === "string" ? value : "";
}
