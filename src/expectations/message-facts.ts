// Facts of the request and the answer.
import type { CaptureEvent } from "../core/capture-event.ts";
import { requestPath } from "../core/http-transaction.ts";
import type { LogRow } from "../core/log-row.ts";
import type { Authorization, ServiceEndpoint } from "../decoders/facts.ts";
import type { GraphFamily } from "../decoders/graph-facts.ts";
import { graphErrorCodes, graphFamilies } from "../decoders/messages/graph-answer.ts";
import { serverName } from "../handshake/conversation.ts";
import { type Role, roleOf } from "../handshake/role.ts";
import type { EntryInput, FactValue, InputFact } from "./fact.ts";

/** Kinds of entries; one entry can have several. The last six are not transactions. */
const entryKinds = [
  "probe",
  "challenge",
  "token-request",
  "token-issued",
  "token-denied",
  "bearer",
  "basic",
  "ntlm",
  "negotiate",
  "other",
  "anonymous",
  "ws-security",
  "sts-metadata",
  "tunnel",
  "tls-rejected",
  "probes",
  "upstream-failed",
  "refused",
  "gap",
  "log-row",
] as const;

const endpoints: readonly ServiceEndpoint[] = [
  "ews",
  "ews-ws-security",
  "autodiscover",
  "activesync",
  "mapi",
  "rpc",
  "oab",
  "owa",
  "rest",
  "graph",
  "metadata",
  "sts-token",
  "sts-metadata",
  "ucwa",
  "web-ticket",
  "other",
];

const families: readonly GraphFamily[] = ["free-busy", "mail-tips", "mailbox-settings", "photo", "batch", "unknown"];

const signs = ["voicemail-greeting", "conversation-history", "archived-messages", "out-of-office"] as const;

const authSchemes = ["none", "bearer", "basic", "ntlm", "negotiate", "other"] as const;

export const messageFacts: readonly InputFact[] = [
  {
    name: "kind",
    type: "text",
    values: entryKinds,
    description: "kinds of the entry; it can have several",
    read: kindsOf,
  },
  { name: "id", type: "text", description: "the transaction's id, as findings name it", read: ({ row }) => row.id },
  { name: "at", type: "time", description: "when the request was sent", read: ({ row }) => row.at },
  { name: "client", type: "text", description: "address of the client, with its port", read: ({ row }) => row.client },
  {
    name: "connection",
    type: "text",
    description: "the connection's id",
    read: (entry) => entry.transaction.connection,
  },
  {
    name: "method",
    type: "text",
    description: "the request's method",
    read: (entry) => entry.transaction.request.method.slice(0, 32),
  },
  {
    name: "scheme",
    type: "text",
    values: ["http", "https"],
    description: "http or https",
    read: (entry) => entry.transaction.scheme,
  },
  { name: "host", type: "text", description: "the host that the client named, without a default port", read: hostOf },
  { name: "port", type: "number", description: "the port it was sent to", read: (entry) => entry.transaction.port },
  { name: "path", type: "text", description: "the path without its query", read: pathOf },
  {
    name: "endpoint",
    type: "text",
    values: endpoints,
    description: "service that the request is for",
    read: ({ facts }) => facts.endpoint,
  },
  {
    name: "operation",
    type: "text",
    description: "the SOAP operation, for example GetFolder",
    read: ({ facts }) => facts.operation?.name ?? null,
  },
  {
    name: "folder",
    type: "text",
    description: "distinguished folders in the operation",
    read: ({ facts }) => facts.operation?.folders ?? null,
  },
  {
    name: "sign",
    type: "text",
    values: signs,
    description: "which sign of success of the procedure it is",
    read: ({ facts }) => facts.operation?.sign ?? null,
  },
  {
    name: "graph.family",
    type: "text",
    values: families,
    description: "what a call to Microsoft Graph reads; those inside a batch, too",
    read: ({ facts: { graph } }) => (graph === null ? null : graphFamilies(graph)),
  },
  {
    name: "graph.error",
    type: "text",
    description: "codes of the errors in Graph's answer, also inside a success, as captured",
    read: ({ facts: { graph } }) => (graph === null ? null : graphErrorCodes(graph)),
  },
  {
    name: "client-request-id",
    type: "text",
    description: "the id that the client gave its request",
    read: ({ facts }) => facts.clientRequestId,
  },
  {
    name: "request-id",
    type: "text",
    description: "the id that the server gave it",
    read: ({ facts }) => facts.requestId,
  },
  { name: "user-agent", type: "text", description: "the client's User-Agent", read: ({ facts }) => facts.userAgent },
  {
    name: "auth.scheme",
    type: "text",
    values: authSchemes,
    description: "how the request signs in; a probe is bearer too",
    read: ({ facts }) => schemeOf(facts.authorization),
  },
  {
    name: "auth.name",
    type: "text",
    description: "name of the scheme in lower case, also of an unknown one",
    read: ({ facts: { authorization } }) =>
      authorization.scheme === "other" ? authorization.name : schemeOf(authorization),
  },
  {
    name: "auth.domain",
    type: "text",
    description: "domain of a Basic account",
    read: ({ facts: { authorization } }) => (authorization.scheme === "basic" ? authorization.domain : null),
  },
  {
    name: "response.status",
    type: "number",
    description: "the answer's status",
    read: (entry) => entry.transaction.response?.status ?? null,
  },
  {
    name: "response.front-end",
    type: "text",
    description: "X-FEServer: the Exchange server that answered",
    read: (entry) => headerOf(entry, "x-feserver"),
  },
  {
    name: "response.bytes",
    type: "number",
    description: "length of the answer's body",
    read: (entry) => entry.transaction.response?.body.totalBytes ?? null,
  },
  {
    name: "response.ms",
    type: "number",
    description: "from the request to the end of the answer, in milliseconds",
    read: (entry) => entry.transaction.durationMs,
  },
  {
    name: "request.bytes",
    type: "number",
    description: "length of the request's body",
    read: (entry) => entry.transaction.request.body.totalBytes,
  },
  {
    name: "failure",
    type: "text",
    description: "why the transaction is incomplete; the reason of an entry that is not a transaction",
    read: (entry) => entry.transaction.failure,
  },
];

function schemeOf({ scheme }: Authorization): string {
  if (scheme === "removed") return "other";
  return scheme === "bearer-probe" ? "bearer" : scheme;
}

function hostOf({ transaction }: EntryInput): string {
  return serverName(transaction);
}

function pathOf({ transaction }: EntryInput): string {
  return requestPath(transaction)
    .replace(/[?#].*$/s, "")
    .slice(0, 1024);
}

function headerOf({ transaction }: EntryInput, wanted: string): string | null {
  const found = transaction.response?.headers.find(([name]) => name.toLowerCase() === wanted);
  return found === undefined ? null : found[1].slice(0, 128);
}

function kindsOf({ transaction, facts }: EntryInput): readonly string[] {
  const kinds: (typeof entryKinds)[number][] = [];
  const { scheme } = facts.authorization;
  if (scheme === "bearer-probe") kinds.push("probe");
  else if (scheme === "removed") kinds.push("other");
  else if (scheme !== "none") kinds.push(scheme);
  else if (isWithoutCredentials(roleOf(facts))) kinds.push("anonymous");
  if (transaction.response?.status === 401 && facts.challenges.length > 0) kinds.push("challenge");
  if (facts.tokenRequest !== null) kinds.push("token-request");
  if (facts.tokenAnswer !== null) kinds.push(facts.tokenAnswer.isIssued ? "token-issued" : "token-denied");
  if (facts.federation === "ws-security" || facts.endpoint === "ews-ws-security") kinds.push("ws-security");
  if (facts.endpoint === "sts-metadata") kinds.push("sts-metadata");
  return kinds;
}

/** True for requests without credentials, the look-up of EWS by Teams among them. */
function isWithoutCredentials(role: Role): boolean {
  return role === "anonymous" || role === "discovery";
}

/** Facts of an event other than a transaction; null for transactions and for events about one. */
export function eventFacts(event: CaptureEvent): ReadonlyMap<string, readonly FactValue[]> | null {
  if (event.kind === "transaction" || event.kind === "signature") return null;
  if (event.kind === "log-file") return null;
  if (event.kind === "log-row") return rowFacts(event.row);
  const facts = new Map<string, readonly FactValue[]>([
    ["kind", [event.kind]],
    ["at", [event.at]],
    ["failure", "reason" in event ? [event.reason] : []],
  ]);
  if ("client" in event) facts.set("client", [event.client]);
  if ("host" in event) facts.set("host", [event.host.toLowerCase()]);
  if ("port" in event) facts.set("port", [event.port]);
  if ("connection" in event) facts.set("connection", [event.connection]);
  return facts;
}

/** A row of a log: when, who called what, and how it was answered. */
function rowFacts({
  endedAt,
  client,
  host,
  method,
  path,
  status,
  clientRequestId,
}: LogRow): Map<string, readonly FactValue[]> {
  const texts = [
    ["client", client],
    ["host", host],
    ["method", method],
    ["path", path],
    ["client-request-id", clientRequestId ?? ""],
  ] as const;
  const known = texts.filter(([, text]) => text !== "");
  return new Map<string, readonly FactValue[]>([
    ["kind", ["log-row"]],
    ["at", [endedAt]],
    ...known.map(([name, text]) => [name, [text]] as const),
    ...(status === null ? [] : [["response.status", [status]] as const]),
  ]);
}
