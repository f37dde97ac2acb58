// A transaction on its way from the thread that read and decoded it to the one that judges it: only what judging asks for,
// because every string that crosses is copied twice. What many transactions share crosses once in each batch.
import type { CaptureEvent } from "../../core/capture-event.ts";
import type { Header, Headers } from "../../core/headers.ts";
import type { CapturedBody, HttpRequest, HttpResponse, HttpTransaction } from "../../core/http-transaction.ts";
import type { Authorization, S2sToken, TokenSighting, TransactionFacts } from "../../decoders/facts.ts";
import { tokenIdentity } from "../../handshake/token-identity.ts";

export interface DecodedEvent {
  readonly event: CaptureEvent;
  /** Null for every event that is no transaction. */
  readonly facts: TransactionFacts | null;
}

/** The event without bodies, without fields that no rule reads, and without what tokens hold beside their meaning. */
export function leanEvent({ event, facts }: DecodedEvent): DecodedEvent {
  if (event.kind !== "transaction" || facts === null) return { event, facts: null };
  const tokens = new Map<S2sToken, S2sToken>();
  return {
    event: { kind: "transaction", transaction: leanTransaction(event.transaction) },
    facts: {
      ...facts,
      authorization: leanAuthorization(facts.authorization, tokens),
      tokens: facts.tokens.map((sighting) => leanSighting(sighting, tokens)),
    },
  };
}

function leanTransaction(transaction: HttpTransaction): HttpTransaction {
  const { request, response } = transaction;
  return {
    ...transaction,
    request: leanMessage(request, requestFields),
    response: response === null ? null : leanMessage(response, answerFields),
  };
}

// What rules and handshakes read of a message beside its facts. The test that judges every capture both ways fails when a
// rule reads a field that is not here.
const requestFields = ["host"];
const answerFields = ["content-type", "server", "x-feserver", "www-authenticate"];

function leanMessage<Message extends HttpRequest | HttpResponse>(message: Message, wanted: readonly string[]): Message {
  return {
    ...message,
    headers: pick(message.headers, wanted),
    trailers: [],
    body: withoutBytes(message.body),
  };
}

function pick(headers: Headers, wanted: readonly string[]): Headers {
  const picked: Header[] = [];
  for (const header of headers) if (wanted.includes(header[0].toLowerCase())) picked.push(header);
  return picked;
}

const noBytes = new Uint8Array(0);

function withoutBytes({ totalBytes, truncated, contentCoding }: CapturedBody): CapturedBody {
  return { bytes: noBytes, totalBytes, truncated, contentCoding };
}

function leanAuthorization(authorization: Authorization, tokens: Map<S2sToken, S2sToken>): Authorization {
  if (authorization.scheme !== "bearer" || !authorization.token.ok) return authorization;
  return { scheme: "bearer", token: { ok: true, value: leanToken(authorization.token.value, tokens) } };
}

function leanSighting(sighting: TokenSighting, tokens: Map<S2sToken, S2sToken>): TokenSighting {
  if (!sighting.token.ok) return sighting;
  return { ...sighting, token: { ok: true, value: leanToken(sighting.token.value, tokens) } };
}

/** A signed token goes as it is: its signature is checked on the other side, and few different ones fill a capture. */
function leanToken(token: S2sToken, tokens: Map<S2sToken, S2sToken>): S2sToken {
  if (token.signature === "present") return token;
  const known = tokens.get(token);
  if (known !== undefined) return known;
  // Its name stands for it: the same token has the same, and nothing else asks for its text.
  const lean = { ...token, compact: tokenIdentity(token), claims: withoutActor(token.claims) };
  tokens.set(token, lean);
  return lean;
}

function withoutActor(claims: S2sToken["claims"]): S2sToken["claims"] {
  const { actortoken: _, actort: __, ...rest } = claims;
  return rest;
}
