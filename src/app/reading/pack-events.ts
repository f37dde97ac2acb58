// Packs events for the judging thread: only what judging reads.
import type { Decoded } from "../../core/decoded.ts";
import type { HttpResponse, HttpTransaction } from "../../core/http-transaction.ts";
import type { Principal } from "../../core/principals.ts";
import type { S2sToken, TokenSighting, TransactionFacts } from "../../decoders/facts.ts";
import { type DecodedEvent, pickAnswerFields, pickClaims, pickCompact, pickRequestFields } from "./judged-fields.ts";
import { RepeatedCalls } from "./repeated-calls.ts";
import { SentTexts } from "./shared-texts.ts";
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

/** Packs events one by one, so that they need not be held until the batch is complete. */
export interface Packing {
  /** Adds one event to the batch. */
  add(event: DecodedEvent): void;
  /** Returns the batch so far, and begins the next one. */
  take(): WireBatch;
}

/** Starts to pack; one `startUnpacking` must unpack the batches, in order. */
export function startPacking(): Packing {
  const packer = new Packer();
  return { add: (event) => packer.add(event), take: () => packer.take() };
}

class Packer {
  // The decoders cache principals and tokens without an actor: equal ones are the same object.
  readonly #headers = new SentTexts<S2sToken["header"], WireTokenHeader>(64);
  readonly #principals = new SentTexts<Principal, Principal>(512);
  readonly #looks = new SentTexts<string, SharedTokenPart>(512);
  // A token is not seen again after its renewal, and long-lived objects are collected late: few are kept.
  readonly #tokens = new SentTexts<S2sToken, WireToken>(64);
  readonly #frames = new SentTexts<string, WireFrame>(512);
  readonly #lastFrames = new RepeatedCalls();
  readonly #lookTexts = new KnownJson();
  #dropped: Wire["dropped"] = [0, 0, 0, 0, 0];
  #events: Wire["events"][number][] = [];
  #documents: TransactionFacts["metadata"][] = [];

  add({ event, facts }: DecodedEvent): void {
    const isWhole = event.kind === "transaction" && facts !== null;
    this.#events.push(isWhole ? this.#call(event.transaction, facts) : event);
  }

  take(): WireBatch {
    const wire: Wire = {
      dropped: this.#dropped,
      headers: this.#headers.added,
      principals: this.#principals.added,
      looks: this.#looks.added,
      tokens: this.#tokens.added,
      frames: this.#frames.added,
      events: this.#events,
    };
    const batch = { text: JSON.stringify(wire), documents: this.#documents };
    this.#begin();
    return batch;
  }

  #begin(): void {
    const droppedFrames = this.#frames.begin();
    if (droppedFrames > 0) this.#lastFrames.forget();
    this.#dropped = [
      ...([this.#headers.begin(), this.#principals.begin(), this.#looks.begin()] as const),
      ...([this.#tokens.begin(), droppedFrames] as const),
    ];
    this.#events = [];
    this.#documents = [];
  }

  #call(transaction: HttpTransaction, facts: TransactionFacts): WireCall {
    const { id, connection, client, startedAt, durationMs, request, response } = transaction;
    return [
      ...([this.#frame(transaction, facts), id, connection, client, startedAt, durationMs, request.target] as const),
      ...([request.body.totalBytes, response === null ? 0 : response.body.totalBytes] as const),
      ...([facts.clientRequestId, facts.requestId, facts.serverDate] as const),
      facts.metadata === null ? -1 : this.#documents.push(facts.metadata) - 1,
      facts.tokens.map(({ path, side, token }: TokenSighting) => [path, side, this.#seen(token)] as const),
    ];
  }

  #frame(transaction: HttpTransaction, facts: TransactionFacts): number {
    const last = this.#lastFrames.find(transaction, facts);
    if (last !== undefined) return last;
    const frame = packFrame(transaction, facts);
    const text = JSON.stringify(frame);
    const number = this.#frames.numberOf(text) ?? this.#frames.add(text, frame, text.length);
    this.#lastFrames.add(number, frame, facts);
    return number;
  }

  #seen(seen: Decoded<S2sToken>): WireSeen {
    if (!seen.ok) return seen;
    const { value } = seen;
    // A token around another is a new object for each call.
    if (value.actor !== null) return this.#token(value);
    const known = this.#tokens.numberOf(value);
    if (known !== undefined) return known;
    return this.#tokens.add(value, this.#token(value), value.compact.length);
  }

  #token(token: S2sToken): WireToken {
    const { notBefore, issuedAt, expires, lifetimeSeconds, actor } = token;
    return [
      ...([this.#look(token), pickCompact(token), notBefore, issuedAt, expires, lifetimeSeconds] as const),
      actor === null ? null : this.#seen(actor),
    ];
  }

  #look(token: S2sToken): number {
    const { tokenKind, signature, issuer, caller, audience, tenant, user, duplicates, oddities } = token;
    const look: SharedTokenPart = [
      ...([tokenKind, this.#header(token), signature] as const),
      ...([this.#principal(issuer), this.#principal(caller), this.#principal(audience)] as const),
      ...([pickClaims(token.claims), tenant, user, duplicates, oddities] as const),
    ];
    const text = this.#lookTexts.text(look, look[3] * 7 + look[4] * 13 + look[5] * 31 + tenant.length);
    return this.#looks.numberOf(text) ?? this.#looks.add(text, look, text.length);
  }

  #header({ header, alg, keyId }: S2sToken): number {
    return this.#headers.numberOf(header) ?? this.#headers.add(header, [header, alg, keyId], 1024);
  }

  #principal(principal: Principal | null): number {
    if (principal === null) return -1;
    const length = principal.asSeen.length;
    return this.#principals.numberOf(principal) ?? this.#principals.add(principal, principal, length);
  }
}

function packFrame(transaction: HttpTransaction, facts: TransactionFacts): WireFrame {
  const { scheme, host, port, failure, request, response } = transaction;
  const { body } = request;
  return [
    ...([scheme, host, port, failure, request.method, request.version, pickRequestFields(request.headers)] as const),
    ...([[body.truncated, body.contentCoding], response === null ? null : packResponse(response)] as const),
    packFacts(facts),
  ];
}

function packResponse({ version, status, reason, headers, body, interim }: HttpResponse): WireResponse {
  return [version, status, reason, pickAnswerFields(headers), [body.truncated, body.contentCoding], interim];
}

function packFacts(facts: TransactionFacts): WireFacts {
  const { authorization } = facts;
  return [
    // The token of the Authorization field is the first of all tokens.
    ...([facts.endpoint, authorization.scheme === "bearer" ? 0 : authorization] as const),
    facts.challenges.map(({ scheme, params, token68 }): WireChallenge => [scheme, [...params], token68]),
    ...([facts.bearerChallenge, facts.diagnostics, facts.tokenRequest, facts.tokenAnswer] as const),
    ...([facts.ntlmSent, facts.ntlmReceived, facts.userAgent, facts.isCloudUserAgent, facts.federation] as const),
    ...([facts.policyReason, facts.operation, facts.soapAnswer, facts.exchangeVersion, facts.problems] as const),
    ...([facts.otherCredentials, facts.graph, facts.discovery ?? null, facts.reported ?? null] as const),
  ];
}

/** Cached JSON texts of recurring values: comparing with the last one is far cheaper than writing it again. */
export class KnownJson {
  readonly #values: unknown[] = new Array<unknown>(slots).fill(undefined);
  readonly #texts: string[] = new Array<string>(slots).fill("");

  /** `JSON.stringify` of a value of lists, plain records and primitives. Similar values share a `hash`. */
  text(value: object, hash: number): string {
    const slot = hash & (slots - 1);
    if (isSame(this.#values[slot], value)) return this.#texts[slot] ?? "";
    const text = JSON.stringify(value);
    this.#values[slot] = value;
    this.#texts[slot] = text;
    return text;
  }
}

const slots = 128;

/** True only where the JSON of both is the same: the same members in the same order. */
function isSame(one: unknown, other: unknown): boolean {
  if (one === other) return true;
  if (typeof one !== "object" || typeof other !== "object" || one === null || other === null) return false;
  if (Array.isArray(one)) return Array.isArray(other) && isSameList(one, other);
  return !Array.isArray(other) && isSameRecord(one, other);
}

function isSameList(one: readonly unknown[], other: readonly unknown[]): boolean {
  if (one.length !== other.length) return false;
  for (let index = 0; index < one.length; index++) if (!isSame(one[index], other[index])) return false;
  return true;
}

function isSameRecord(one: object, other: object): boolean {
  const names = Object.keys(one);
  if (!isSameList(names, Object.keys(other))) return false;
  return isSameList(Object.values(one), Object.values(other));
}
