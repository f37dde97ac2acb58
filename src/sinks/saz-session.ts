// One transaction as the three files of a Fiddler session: raw request, raw answer, and what the capture knew beside.
import type { Header, Headers } from "../core/headers.ts";
import { type CapturedBody, type HttpTransaction, requestUrl } from "../core/http-transaction.ts";
import type { EntryGroup } from "./entry-groups.ts";
import { eventMembers } from "./entry-groups.ts";
import { safeJson } from "./safe-json.ts";

export interface SazSession {
  readonly request: Uint8Array;
  readonly answer: Uint8Array;
  readonly metadata: string;
}

/** Fiddler writes the absolute URL into the request line, and bodies as they were on the wire. */
export function sazSession(group: EntryGroup, number: number): SazSession {
  const { transaction } = group;
  const { request, response } = transaction;
  const requestLine = `${request.method} ${requestUrl(transaction)} ${request.version}`;
  const statusLine = response === null ? "" : `${response.version} ${response.status} ${response.reason}`;
  return {
    request: message(requestLine, request.headers, request.body),
    answer: response === null ? new Uint8Array(0) : message(statusLine, response.headers, response.body),
    metadata: metadataXml(group, number),
  };
}

const framing: ReadonlySet<string> = new Set(["content-length", "transfer-encoding", "content-encoding"]);

/**
 * What was said about the body on the wire is not true of the body that is kept: those fields get another name, and one
 * that is true stands last, so that every reader finds the message's end.
 */
function message(startLine: string, headers: Headers, body: CapturedBody): Uint8Array {
  const renamed = headers.map(
    ([name, value]): Header => [framing.has(name.toLowerCase()) ? `X-Realmscope-${name}` : name, value],
  );
  const lines = [...renamed, ["Content-Length", String(body.bytes.length)]].map(([name, value]) => `${name}: ${value}`);
  const head = [startLine, ...lines].map((line) => `${line?.replace(/[\r\n]+/g, " ") ?? ""}\r\n`).join("");
  // A captured field is bytes read as ISO 8859-1; one of a HAR file may hold any character.
  const coding = /[^\p{ASCII}\u0080-\u00ff]/u.test(head) ? "utf8" : "latin1";
  return Buffer.concat([Buffer.from(`${head}\r\n`, coding), body.bytes]);
}

function metadataXml(group: EntryGroup, number: number): string {
  const { transaction } = group;
  const begin = new Date(transaction.startedAt).toISOString();
  const end = new Date(transaction.startedAt + (transaction.durationMs ?? 0)).toISOString();
  const timers = [
    ...["ClientConnected", "ClientBeginRequest", "GotRequestHeaders", "ClientDoneRequest", "ServerGotRequest"].map(
      (name) => `${name}="${begin}"`,
    ),
    ...[
      "ServerBeginResponse",
      "GotResponseHeaders",
      "ServerDoneResponse",
      "ClientBeginResponse",
      "ClientDoneResponse",
    ].map((name) => `${name}="${end}"`),
  ];
  const flags = [
    ["x-clientip", transaction.client.replace(/:\d+$/, "")],
    ["x-realmscope", safeJson({ ...beside(transaction), ...eventMembers(group) })],
  ].map(([name = "", value = ""]) => `    <SessionFlag N="${name}" V="${xmlText(value)}" />`);
  return [
    '<?xml version="1.0" encoding="utf-8"?>',
    `<Session SID="${number}" BitFlags="0">`,
    `  <SessionTimers ${timers.join(" ")} />`,
    "  <PipeInfo />",
    "  <SessionFlags>",
    ...flags,
    "  </SessionFlags>",
    "</Session>",
    "",
  ].join("\r\n");
}

/** What the raw messages do not say, in the members that our HAR entries use. */
function beside(transaction: HttpTransaction): object {
  const { request, response } = transaction;
  const size = ({ totalBytes, truncated, contentCoding }: CapturedBody): object => ({
    totalBytes,
    ...(truncated ? { truncated } : {}),
    ...(contentCoding === null ? {} : { contentCoding }),
  });
  return {
    id: transaction.id,
    connection: transaction.connection,
    client: transaction.client,
    startedAt: transaction.startedAt,
    durationMs: transaction.durationMs,
    scheme: transaction.scheme,
    host: transaction.host,
    port: transaction.port,
    target: request.target,
    failure: transaction.failure,
    requestBody: size(request.body),
    ...(request.trailers.length === 0 ? {} : { requestTrailers: request.trailers }),
    ...(response === null ? {} : { responseBody: size(response.body), interim: response.interim }),
    ...(response === null || response.trailers.length === 0 ? {} : { responseTrailers: response.trailers }),
  };
}

/** XML 1.0 attribute text; the values are printable ASCII already. */
function xmlText(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`).replace(/[^\x20-\x7e]/g, "?");
}
