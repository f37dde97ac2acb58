// Events on their way from the thread that read and decoded them to the one that judges: JSON text, which both sides
// handle in a third of the time that a structured clone takes. Records go as lists without names, and what a service
// presents for hours, its signed token, goes once.
import { type Decoded, decoded } from "../../core/decoded.ts";
import type { CapturedBody, HttpRequest, HttpResponse, HttpTransaction } from "../../core/http-transaction.ts";
import type {
  Authorization,
  ChallengeScheme,
  S2sToken,
  TokenSighting,
  TransactionFacts,
} from "../../decoders/facts.ts";
import { type DecodedEvent, leanToken, pickAnswerFields, pickRequestFields } from "./lean-events.ts";

/** What one batch of events is while it crosses. */
export interface WireBatch {
  readonly text: string;
  /** Metadata documents hold bytes, which JSON has no form for; they are rare, and cross as they are. */
  readonly documents: readonly TransactionFacts["metadata"][];
}

type Undecoded = Extract<Decoded<S2sToken>, { ok: false }>;
type WireToken = Omit<S2sToken, "actor"> & { readonly actor: WireSeen | null };
/** A token by its number in the table, one that is not in the table, or why there is none. */
type WireSeen = number | WireToken | Undecoded;

type WireBody = readonly [CapturedBody["totalBytes"], CapturedBody["truncated"], CapturedBody["contentCoding"]];
type WireRequest = readonly [string, string, string, HttpRequest["headers"], WireBody];
type WireResponse = readonly [
  ...[version: string, status: number, reason: string, headers: HttpResponse["headers"]],
  ...[body: WireBody, interim: readonly number[]],
];
type WireTransaction = readonly [
  ...[id: string, connection: string, client: string, startedAt: number, durationMs: number | null],
  ...[scheme: HttpTransaction["scheme"], host: string, port: number, failure: string | null],
  ...[request: WireRequest, response: WireResponse | null],
];
type WireSighting = readonly [TokenSighting["path"], TokenSighting["side"], WireSeen];
type WireChallenge = readonly [scheme: string, params: readonly (readonly [string, string])[], token68: string];
type Facts = TransactionFacts;
type WireFacts = readonly [
  ...[Facts["endpoint"], Exclude<Authorization, { scheme: "bearer" }> | number, readonly WireSighting[]],
  ...[readonly WireChallenge[], Facts["bearerChallenge"], Facts["diagnostics"], Facts["tokenRequest"]],
  ...[Facts["tokenAnswer"], metadata: number, Facts["ntlmSent"], Facts["ntlmReceived"], string, string, string],
  ...[boolean, Facts["serverDate"], Facts["federation"], policyReason: string, Facts["operation"]],
  ...[Facts["soapAnswer"], exchangeVersion: string, problems: readonly string[]],
];
type WireEvent = readonly [WireTransaction, WireFacts] | DecodedEvent["event"];

interface Wire {
  /** The number of the first of `tokens`; 0 begins the table anew. */
  readonly first: number;
  readonly tokens: readonly WireToken[];
  readonly events: readonly WireEvent[];
}

/** Tokens that both sides know by number at one time. */
const tableLimit = 512;

/** Starts to pack; what it gives must be unpacked by one `startUnpacking`, in order. */
export function startPacking(): (events: readonly DecodedEvent[]) => WireBatch {
  let table = new Map<S2sToken, number>();
  return (events) => {
    if (table.size >= tableLimit) table = new Map();
    const first = table.size;
    const tokens: WireToken[] = [];
    const documents: TransactionFacts["metadata"][] = [];
    const packToken = (token: S2sToken): WireToken => {
      const { actor } = token;
      return { ...leanToken(token), actor: actor === null ? null : packSeen(actor) };
    };
    const packSeen = (seen: Decoded<S2sToken>): WireSeen => {
      if (!seen.ok) return seen;
      // A token around another is made anew for each call.
      if (seen.value.actor !== null) return packToken(seen.value);
      const known = table.get(seen.value);
      if (known !== undefined) return known;
      const number = table.size;
      table.set(seen.value, number);
      tokens.push(packToken(seen.value));
      return number;
    };
    const packed = events.map(({ event, facts }): WireEvent => {
      if (event.kind !== "transaction" || facts === null) return event;
      const document = facts.metadata === null ? -1 : documents.push(facts.metadata) - 1;
      return [packTransaction(event.transaction), packFacts(facts, document, packSeen)];
    });
    return { text: JSON.stringify({ first, tokens, events: packed } satisfies Wire), documents };
  };
}

function packTransaction(transaction: HttpTransaction): WireTransaction {
  const { id, connection, client, startedAt, durationMs, scheme, host, port, failure, request, response } = transaction;
  const { method, target, version } = request;
  return [
    ...([id, connection, client, startedAt, durationMs] as const),
    ...([scheme, host, port, failure] as const),
    [method, target, version, pickRequestFields(request.headers), packBody(request.body)],
    response === null ? null : packResponse(response),
  ];
}

function packResponse({ version, status, reason, headers, body, interim }: HttpResponse): WireResponse {
  return [version, status, reason, pickAnswerFields(headers), packBody(body), interim];
}

function packBody({ totalBytes, truncated, contentCoding }: CapturedBody): WireBody {
  return [totalBytes, truncated, contentCoding];
}

function packFacts(facts: Facts, document: number, packSeen: (seen: Decoded<S2sToken>) => WireSeen): WireFacts {
  const { authorization } = facts;
  return [
    facts.endpoint,
    // The token of the field is the first of all tokens.
    authorization.scheme === "bearer" ? 0 : authorization,
    facts.tokens.map(({ path, side, token }): WireSighting => [path, side, packSeen(token)]),
    facts.challenges.map(({ scheme, params, token68 }): WireChallenge => [scheme, [...params], token68]),
    ...([facts.bearerChallenge, facts.diagnostics, facts.tokenRequest, facts.tokenAnswer, document] as const),
    ...([facts.ntlmSent, facts.ntlmReceived, facts.clientRequestId, facts.requestId, facts.userAgent] as const),
    ...([facts.isCloudUserAgent, facts.serverDate, facts.federation, facts.policyReason] as const),
    ...([facts.operation, facts.soapAnswer, facts.exchangeVersion, facts.problems] as const),
  ];
}

/** Starts to unpack what one `startPacking` gave. */
export function startUnpacking(): (batch: WireBatch) => readonly DecodedEvent[] {
  const table: Decoded<S2sToken>[] = [];
  const unpackToken = ({ actor, ...token }: WireToken): Decoded<S2sToken> =>
    decoded({ ...token, actor: actor === null ? null : unpackSeen(actor) });
  const unpackSeen = (seen: WireSeen): Decoded<S2sToken> => {
    if (typeof seen !== "number") return "ok" in seen ? seen : unpackToken(seen);
    const known = table[seen];
    if (known === undefined) throw new Error(`no token has the number ${seen}`);
    return known;
  };
  return ({ text, documents }) => {
    const wire: Wire = JSON.parse(text);
    table.length = wire.first;
    for (const token of wire.tokens) table.push(unpackToken(token));
    return wire.events.map((event): DecodedEvent => {
      if (!isPair(event)) return { event, facts: null };
      const transaction = unpackTransaction(event[0]);
      const metadata = documents[event[1][8]] ?? null;
      return { event: { kind: "transaction", transaction }, facts: unpackFacts(event[1], metadata, unpackSeen) };
    });
  };
}

function isPair(event: WireEvent): event is readonly [WireTransaction, WireFacts] {
  return Array.isArray(event);
}

const nothing: readonly never[] = [];
const noBytes = new Uint8Array(0);

function unpackTransaction(wire: WireTransaction): HttpTransaction {
  const [id, connection, client, startedAt, durationMs, scheme, host, port, failure, request, response] = wire;
  const [method, target, version, headers, body] = request;
  return {
    ...{ id, connection, client, startedAt, durationMs, scheme, host, port },
    request: { method, target, version, headers, trailers: nothing, body: unpackBody(body) },
    response: response === null ? null : unpackResponse(response),
    failure,
  };
}

function unpackResponse([version, status, reason, headers, body, interim]: WireResponse): HttpResponse {
  return { version, status, reason, headers, trailers: nothing, body: unpackBody(body), interim };
}

function unpackBody([totalBytes, truncated, contentCoding]: WireBody): CapturedBody {
  return { bytes: noBytes, totalBytes, truncated, contentCoding };
}

function unpackFacts(
  wire: WireFacts,
  metadata: Facts["metadata"],
  unpackSeen: (seen: WireSeen) => Decoded<S2sToken>,
): Facts {
  const tokens = wire[2].map(([path, side, seen]): TokenSighting => ({ path, side, token: unpackSeen(seen) }));
  return {
    endpoint: wire[0],
    authorization: unpackAuthorization(wire[1], tokens),
    tokens,
    challenges: wire[3].map(unpackChallenge),
    bearerChallenge: wire[4],
    diagnostics: wire[5],
    tokenRequest: wire[6],
    tokenAnswer: wire[7],
    metadata,
    ntlmSent: wire[9],
    ntlmReceived: wire[10],
    clientRequestId: wire[11],
    requestId: wire[12],
    userAgent: wire[13],
    isCloudUserAgent: wire[14],
    serverDate: wire[15],
    federation: wire[16],
    policyReason: wire[17],
    operation: wire[18],
    soapAnswer: wire[19],
    exchangeVersion: wire[20],
    problems: wire[21],
  };
}

function unpackAuthorization(wire: WireFacts[1], tokens: readonly TokenSighting[]): Authorization {
  if (typeof wire !== "number") return wire;
  const sighting = tokens[wire];
  if (sighting === undefined) throw new Error("the token of the Authorization field is missing");
  return { scheme: "bearer", token: sighting.token };
}

function unpackChallenge([scheme, params, token68]: WireChallenge): ChallengeScheme {
  return { scheme, params: new Map(params), token68 };
}
