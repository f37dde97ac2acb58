// One transaction as the three files of a Fiddler session: raw request, raw answer, metadata.
import { requestUrl } from "../../core/http-transaction.ts";
import { safeJson } from "../../core/safe-json.ts";
import { type EntryGroup, eventMembers } from "./entry-groups.ts";
import { rawMessage, transactionMembers } from "./raw-message.ts";

export interface SazSession {
  readonly request: Uint8Array;
  readonly answer: Uint8Array;
  readonly metadata: string;
}

/** The files of session `number`. As in Fiddler, the request line has the absolute URL. */
export function sazSession(group: EntryGroup, number: number): SazSession {
  const { transaction } = group;
  const { request, response } = transaction;
  const requestLine = `${request.method} ${requestUrl(transaction)} ${request.version}`;
  const statusLine = response === null ? "" : `${response.version} ${response.status} ${response.reason}`;
  return {
    request: rawMessage(requestLine, request.headers, request.body),
    answer: response === null ? new Uint8Array(0) : rawMessage(statusLine, response.headers, response.body),
    metadata: metadataXml(group, number),
  };
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
    ["x-realmscope", safeJson({ ...transactionMembers(transaction), ...eventMembers(group) })],
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

/** Escapes an XML 1.0 attribute value; any other character than printable ASCII becomes `?`. */
function xmlText(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`).replace(/[^\x20-\x7e]/g, "?");
}
