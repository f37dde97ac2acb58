// Reads one session of a SAZ: the request, the answer, and Fiddler's metadata.
import type { CaptureEvent } from "../../core/capture-event.ts";
import { durationOrUnknown } from "../../core/capture-time.ts";
import { firstHeader, type Headers } from "../../core/headers.ts";
import type { HttpResponse, HttpTransaction } from "../../core/http-transaction.ts";
import { undoContentCoding } from "../../http1/content-coding.ts";
import { createRequestReader, createResponseReader, type ReadEvent } from "../../http1/message-reader.ts";
import type { EntryPlace, Provenance } from "../input/capture.ts";
import type { JsonObject } from "../values/foreign-json.ts";
import { readEventMembers } from "../values/journal-event.ts";
import { parseRealmscopeMembers, restoreTransaction } from "../values/realmscope-members.ts";
import { parseHttpUrl, parseKnownTime } from "../values/url-parts.ts";

export interface SessionFiles {
  readonly request: Uint8Array;
  readonly answer: Uint8Array;
  readonly metadata: Uint8Array;
}

const bodyLimit = 2 * 1024 * 1024;

export interface ReadSession {
  /** The transaction, between the other events that this program's exporter put into the session. */
  readonly events: readonly CaptureEvent[];
  readonly said: Provenance;
  /** Host of a tunnel whose content is not in the session. */
  readonly tunnel?: string;
}

/** The events of one session, or the problem with it as text. Never rejects. */
export async function readSazSession(files: SessionFiles, place: EntryPlace): Promise<ReadSession | string> {
  const reader = createRequestReader({ bodyLimit });
  const request = firstMessage([...reader.push(files.request, 0), ...reader.end(0, { isClean: true })]);
  if (request === null) return "its request cannot be read";
  const metadata = Buffer.from(files.metadata).toString("utf8");
  const own = ownMembers(metadata);
  if (request.method === "CONNECT") {
    const said = { isNamed: true, isTimed: true };
    // This program's exporter puts events without a request into such a session.
    if (own !== null) return { events: readEventMembers(own).ahead, said };
    return { events: [], said, tunnel: request.target.replace(/:\d{1,5}$/, "") };
  }
  const url = parseHttpUrl(request.target) ?? parseHttpUrl(`http://${hostOf(request.headers)}${request.target}`);
  if (url === null) return "its request has no URL that can be read";
  const response = readAnswer(files.answer, request.method);
  const { at, said } = timeOf(metadata, response);
  const begin = at ?? place.before;
  const end = timer(metadata, "ClientDoneResponse") ?? timer(metadata, "ServerDoneResponse");
  const transaction: HttpTransaction = {
    id: `t${place.number}`,
    connection: flag(metadata, "x-clientport") === "" ? `e${place.number}` : `p${flag(metadata, "x-clientport")}`,
    client: flag(metadata, "x-clientip"),
    startedAt: begin,
    durationMs: end === null || end < begin ? null : durationOrUnknown(end - begin),
    scheme: url.scheme,
    host: url.host,
    port: url.port,
    request: { ...request, target: url.target, body: await undoContentCoding(request.body, bodyLimit) },
    response: response === null ? null : { ...response, body: await undoContentCoding(response.body, bodyLimit) },
    failure: response === null ? "no answer was recorded" : null,
  };
  if (own === null) return { events: [{ kind: "transaction", transaction }], said };
  const { ahead, after } = readEventMembers(own);
  const events: readonly CaptureEvent[] = [
    ...ahead,
    { kind: "transaction", transaction: restoreTransaction(transaction, own) },
    ...after,
  ];
  return { events, said: { isNamed: true, isTimed: true } };
}

function timeOf(metadata: string, response: HttpResponse | null): { at: number | null; said: Provenance } {
  const own = timer(metadata, "ClientBeginRequest") ?? timer(metadata, "ClientConnected");
  const at = own ?? (response === null ? null : parseKnownTime(firstHeader(response.headers, "date") ?? ""));
  return { at, said: { isNamed: false, isTimed: at !== null, isServersTime: own === null } };
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

// The metadata is searched for known attributes of bounded length, and not parsed as XML.
function timer(metadata: string, name: string): number | null {
  const found = new RegExp(`\\b${name}="([^"]{1,40})"`).exec(metadata)?.[1];
  // Fiddler writes year 1 for an unknown time.
  return found === undefined || found.startsWith("0001") ? null : parseKnownTime(found);
}

function flag(metadata: string, name: string): string {
  const found = new RegExp(`<SessionFlag\\s+N="${name}"\\s+V="([^"]{0,4194304})"`).exec(metadata)?.[1] ?? "";
  return found.replace(/&#(\d{1,6});/g, (_, code: string) => String.fromCharCode(Number(code)));
}

/** The members that this program's exporter put beside the raw messages; null in sessions of other programs. */
function ownMembers(metadata: string): JsonObject | null {
  return parseRealmscopeMembers(flag(metadata, "x-realmscope"));
}
