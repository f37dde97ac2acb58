import { durationOrUnknown, isKnownTime } from "../../core/capture-time.ts";
import { firstHeader, type Header, type Headers } from "../../core/headers.ts";
import type { HttpRequest, HttpResponse, HttpTransaction } from "../../core/http-transaction.ts";
import { createBodyCollector } from "../../http1/body.ts";
import { undoContentCoding } from "../../http1/content-coding.ts";
import type { EntryPlace } from "../input/capture.ts";
import { connectionError } from "../values/connection-error.ts";
import { noTime, undecodedBodies, unreadMessages } from "../values/lost-content.ts";
import { portOf } from "../values/url-parts.ts";
import type { TypedValue } from "./tnetstring.ts";

type Members = ReadonlyMap<string, TypedValue>;

const none: Members = new Map();
const bodyLimit = 2 * 1024 * 1024;

/** The transaction of one HTTP flow; null for a CONNECT, or the problem with it as text. Never throws. */
export async function readFlow(flow: Members, place: EntryPlace): Promise<HttpTransaction | string | null> {
  const request = membersOf(flow, "request");
  const method = textOf(request, "method");
  const authority = textOf(request, "authority");
  const headers = headersOf(request.get("headers"));
  if (method === "CONNECT") return null;
  // HTTP/2 has `:authority` instead of a Host field.
  const named = firstHeader(headers, "host") === undefined ? authority.replace(/:\d{1,5}$/, "") : "";
  const host = (named || textOf(request, "host")).toLowerCase().replace(/^\[|\]$/g, "");
  if (method === "" || host === "") return "its request has no method or no host";
  const scheme = textOf(request, "scheme") === "http" ? "http" : "https";
  const response = flow.get("response") instanceof Map ? membersOf(flow, "response") : null;
  const startedAt = timeOf(request, "timestamp_start") ?? place.before;
  const endedAt = response === null ? null : timeOf(response, "timestamp_end");
  return {
    id: `t${place.number}`,
    connection: textOf(membersOf(flow, "client_conn"), "id") || `e${place.number}`,
    client: addressOf(membersOf(flow, "client_conn")),
    startedAt,
    durationMs: endedAt === null || endedAt < startedAt ? null : durationOrUnknown(endedAt - startedAt),
    scheme,
    host,
    port: portOf(request.get("port")) ?? (scheme === "http" ? 80 : 443),
    request: await readRequest(request, method, headers),
    response: response === null ? null : await readResponse(response),
    failure: failureOf(flow, response),
  };
}

/** What is not in the transaction of a flow, one sentence each. */
export function lostOf(flow: Members, transaction: HttpTransaction): readonly string[] {
  const messages = membersOf(flow, "websocket").get("messages");
  return [
    ...(hasTime(flow) ? [] : [noTime]),
    ...unreadMessages(Array.isArray(messages) ? messages.length : 0),
    ...undecodedBodies(transaction),
  ];
}

/** Whether the request of a flow has a time. */
export function hasTime(flow: Members): boolean {
  return timeOf(membersOf(flow, "request"), "timestamp_start") !== null;
}

function failureOf(flow: Members, response: Members | null): string | null {
  if (flow.get("error") instanceof Map) {
    const kind = connectionError(textOf(membersOf(flow, "error"), "msg"));
    return `${kind ?? "the connection failed"}, as mitmproxy recorded`;
  }
  return response === null ? "no answer was recorded" : null;
}

async function readRequest(request: Members, method: string, headers: Headers): Promise<HttpRequest> {
  return {
    method,
    target: textOf(request, "path") || "/",
    version: textOf(request, "http_version"),
    headers,
    trailers: headersOf(request.get("trailers")),
    body: await bodyOf(request, headers),
  };
}

async function readResponse(response: Members): Promise<HttpResponse | null> {
  const status = response.get("status_code");
  if (typeof status !== "number" || !(status >= 100 && status <= 999)) return null;
  const headers = headersOf(response.get("headers"));
  return {
    version: textOf(response, "http_version"),
    status: Math.trunc(status),
    reason: textOf(response, "reason"),
    headers,
    trailers: headersOf(response.get("trailers")),
    body: await bodyOf(response, headers),
    interim: [],
  };
}

async function bodyOf(message: Members, headers: Headers): Promise<HttpResponse["body"]> {
  const content = message.get("content");
  const collector = createBodyCollector(bodyLimit);
  // mitmproxy writes null for a body that it streamed without keeping it.
  if (Buffer.isBuffer(content)) collector.append(content);
  else return { ...collector.finish(headers, false), totalBytes: null };
  return undoContentCoding(collector.finish(headers, true), bodyLimit);
}

function headersOf(fields: TypedValue | undefined): Headers {
  if (!Array.isArray(fields)) return [];
  return fields.flatMap((field: TypedValue): Header[] => {
    if (!Array.isArray(field)) return [];
    const [name, value] = field as readonly TypedValue[];
    if (!Buffer.isBuffer(name) || !Buffer.isBuffer(value) || name[0] === 58) return [];
    return [[name.toString("latin1"), value.toString("latin1")]];
  });
}

/** The client's `ip:port`: `address` until version 17, `peername` since. */
function addressOf(connection: Members): string {
  const address = connection.get("peername") ?? connection.get("address");
  if (!Array.isArray(address)) return "";
  const [ip, port] = address as readonly TypedValue[];
  if (!Buffer.isBuffer(ip) || typeof port !== "number") return "";
  const text = ip.toString("latin1").slice(0, 64);
  return text.includes(":") ? `[${text}]:${port}` : `${text}:${port}`;
}

function timeOf(message: Members, name: string): number | null {
  const seconds = message.get(name);
  const at = typeof seconds === "number" ? Math.round(seconds * 1000) : 0;
  return isKnownTime(at) ? at : null;
}

function membersOf(flow: Members, name: string): Members {
  const value = flow.get(name);
  return value instanceof Map ? value : none;
}

function textOf(members: Members, name: string): string {
  const value = members.get(name);
  return Buffer.isBuffer(value) ? value.toString("utf8") : "";
}
