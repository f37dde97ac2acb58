// Unpacks events in the judging thread.
import { type Decoded, decodedValue } from "../../core/decoded.ts";
import type { HttpResponse, HttpTransaction } from "../../core/http-transaction.ts";
import type { Principal } from "../../core/principals.ts";
import type {
  Authorization,
  ChallengeScheme,
  S2sToken,
  TokenSighting,
  TransactionFacts,
} from "../../decoders/facts.ts";
import type { DecodedEvent } from "./judged-fields.ts";
import { ReceivedTexts } from "./shared-texts.ts";
import type {
  SharedTokenPart,
  Wire,
  WireBatch,
  WireCall,
  WireChallenge,
  WireFacts,
  WireFrame,
  WireResponse,
  WireSeen,
  WireToken,
  WireTokenHeader,
} from "./thread-messages.ts";

/** Starts to unpack the batches of one `startPacking`, in order. */
export function startUnpacking(): (batch: WireBatch) => readonly DecodedEvent[] {
  const unpacker = new Unpacker();
  return (batch) => unpacker.unpack(batch);
}

/** A frame with its unpacked challenges, which all its calls share. */
interface Frame {
  readonly wire: WireFrame;
  readonly challenges: readonly ChallengeScheme[];
}

class Unpacker {
  readonly #headers = new ReceivedTexts<WireTokenHeader>();
  readonly #principals = new ReceivedTexts<Principal>();
  readonly #looks = new ReceivedTexts<SharedTokenPart>();
  readonly #tokens = new ReceivedTexts<Decoded<S2sToken>>();
  readonly #frames = new ReceivedTexts<Frame>();
  readonly #tables = [this.#headers, this.#principals, this.#looks, this.#tokens, this.#frames];

  unpack({ text, documents }: WireBatch): readonly DecodedEvent[] {
    const wire: Wire = JSON.parse(text);
    for (const [index, table] of this.#tables.entries()) table.drop(wire.dropped[index] ?? 0);
    for (const header of wire.headers) this.#headers.add(header);
    for (const principal of wire.principals) this.#principals.add(principal);
    for (const look of wire.looks) this.#looks.add(look);
    for (const token of wire.tokens) this.#tokens.add(this.#token(token));
    for (const frame of wire.frames) this.#frames.add({ wire: frame, challenges: frame[9][2].map(unpackChallenge) });
    return wire.events.map((event): DecodedEvent => {
      if (!isCall(event)) return { event, facts: null };
      const frame = this.#frames.entry(event[0]);
      const facts = this.#facts(event, frame, documents[event[12]] ?? null);
      return { event: { kind: "transaction", transaction: unpackTransaction(event, frame.wire) }, facts };
    });
  }

  #facts(call: WireCall, { wire, challenges }: Frame, metadata: TransactionFacts["metadata"]): TransactionFacts {
    const facts = wire[9];
    const tokens = call[13].map(([path, side, seen]): TokenSighting => ({ path, side, token: this.#seen(seen) }));
    return {
      endpoint: facts[0],
      authorization: unpackAuthorization(facts[1], tokens),
      tokens,
      challenges,
      bearerChallenge: facts[3],
      diagnostics: facts[4],
      tokenRequest: facts[5],
      tokenAnswer: facts[6],
      metadata,
      ntlmSent: facts[7],
      ntlmReceived: facts[8],
      clientRequestId: call[9],
      requestId: call[10],
      userAgent: facts[9],
      isCloudUserAgent: facts[10],
      serverDate: call[11],
      federation: facts[11],
      policyReason: facts[12],
      operation: facts[13],
      soapAnswer: facts[14],
      exchangeVersion: facts[15],
      problems: facts[16],
      otherCredentials: facts[17],
      graph: facts[18],
      ...(facts[19] === null ? {} : { discovery: facts[19] }),
      ...(facts[20] === null ? {} : { reported: facts[20] }),
    };
  }

  #seen(seen: WireSeen): Decoded<S2sToken> {
    if (typeof seen === "number") return this.#tokens.entry(seen);
    return isToken(seen) ? this.#token(seen) : seen;
  }

  #token([look, compact, notBefore, issuedAt, expires, lifetimeSeconds, actor]: WireToken): Decoded<S2sToken> {
    const shared = this.#looks.entry(look);
    const [header, alg, keyId] = this.#headers.entry(shared[1]);
    const issuer = this.#principal(shared[3]);
    const audience = this.#principal(shared[5]);
    return decodedValue({
      tokenKind: shared[0],
      compact,
      header,
      claims: shared[6],
      alg,
      keyId,
      signature: shared[2],
      issuer,
      caller: this.#principal(shared[4]),
      audience,
      issuerText: issuer?.asSeen ?? "",
      audienceText: audience?.asSeen ?? "",
      tenant: shared[7],
      notBefore,
      issuedAt,
      expires,
      lifetimeSeconds,
      user: shared[8],
      actor: actor === null ? null : this.#seen(actor),
      duplicates: shared[9],
      oddities: shared[10],
    });
  }

  #principal(number: number): Principal | null {
    return number === -1 ? null : this.#principals.entry(number);
  }
}

function isCall(event: Wire["events"][number]): event is WireCall {
  return Array.isArray(event);
}

function isToken(seen: Exclude<WireSeen, number>): seen is WireToken {
  return Array.isArray(seen);
}

const nothing: readonly never[] = [];
const noBytes = new Uint8Array(0);

function unpackTransaction(call: WireCall, frame: WireFrame): HttpTransaction {
  const [, id, connection, client, startedAt, durationMs, target, sent, received] = call;
  const [scheme, host, port, failure, method, version, headers, [truncated, contentCoding], response] = frame;
  const body = { bytes: noBytes, totalBytes: sent, truncated, contentCoding };
  return {
    id,
    connection,
    client,
    startedAt,
    durationMs,
    scheme,
    host,
    port,
    request: { method, target, version, headers, trailers: nothing, body },
    response: response === null ? null : unpackResponse(response, received),
    failure,
  };
}

function unpackResponse(wire: WireResponse, totalBytes: number | null): HttpResponse {
  const [version, status, reason, headers, [truncated, contentCoding], interim] = wire;
  const body = { bytes: noBytes, totalBytes, truncated, contentCoding };
  return { version, status, reason, headers, trailers: nothing, body, interim };
}

function unpackAuthorization(wire: WireFacts[1], tokens: readonly TokenSighting[]): Authorization {
  if (wire !== 0) return wire;
  const sighting = tokens[0];
  if (sighting === undefined) throw new Error("the token of the Authorization field is missing");
  return { scheme: "bearer", token: sighting.token };
}

function unpackChallenge([scheme, params, token68]: WireChallenge): ChallengeScheme {
  return { scheme, params: new Map(params), token68 };
}
