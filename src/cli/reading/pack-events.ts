// Events into the form in which they cross: only what judging asks for.
import type { Decoded } from "../../core/decoded.ts";
import type { HttpResponse, HttpTransaction } from "../../core/http-transaction.ts";
import type { Principal } from "../../core/principals.ts";
import type { S2sToken, TokenSighting, TransactionFacts } from "../../decoders/facts.ts";
import { type DecodedEvent, leanClaims, leanCompact, pickAnswerFields, pickRequestFields } from "./lean-events.ts";
import type {
  Wire,
  WireBatch,
  WireCall,
  WireChallenge,
  WireFacts,
  WireFrame,
  WireLook,
  WireResponse,
  WireSeen,
  WireToken,
} from "./wire-form.ts";

/** What both sides may know by number at one time; what it is made of may be hostile, so its length is bounded, too. */
const entryLimit = 2048;
const textLimit = 1024 * 1024;

/** What one side has told the other, by what it was told from. */
class Table<Key, Entry> {
  readonly #numbers = new Map<Key, number>();
  added: Entry[] = [];

  get size(): number {
    return this.#numbers.size;
  }

  numberOf(key: Key): number | undefined {
    return this.#numbers.get(key);
  }

  add(key: Key, entry: Entry): number {
    const number = this.#numbers.size;
    this.#numbers.set(key, number);
    this.added.push(entry);
    return number;
  }

  clear(): void {
    this.#numbers.clear();
  }
}

/** Packs events one by one, so that nothing of them is held until the batch is whole. */
export interface Packing {
  /** Adds one event to the batch. */
  add(event: DecodedEvent): void;
  /** The batch so far, and begins the next one. */
  take(): WireBatch;
}

/** Starts to pack; what it gives must be unpacked by one `startUnpacking`, in order. */
export function startPacking(): Packing {
  const packer = new Packer();
  return { add: (event) => packer.add(event), take: () => packer.take() };
}

class Packer {
  // Principals and tokens without an actor are remembered by the decoders: the same one is the same object.
  readonly #principals = new Table<Principal, Principal>();
  readonly #tokens = new Table<S2sToken, WireToken>();
  readonly #looks = new Table<string, WireLook>();
  readonly #frames = new Table<string, WireFrame>();
  readonly #tables = [this.#principals, this.#tokens, this.#looks, this.#frames];
  #length = 0;
  #isFresh = true;
  #events: Wire["events"][number][] = [];
  #documents: TransactionFacts["metadata"][] = [];

  add({ event, facts }: DecodedEvent): void {
    const isWhole = event.kind === "transaction" && facts !== null;
    this.#events.push(isWhole ? this.#call(event.transaction, facts) : event);
  }

  take(): WireBatch {
    const wire: Wire = {
      isFresh: this.#isFresh,
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
    const entries = this.#tables.reduce((sum, { size }) => sum + size, 0);
    this.#isFresh = entries >= entryLimit || this.#length >= textLimit;
    if (this.#isFresh) this.#clear();
    for (const table of this.#tables) table.added = [];
    this.#events = [];
    this.#documents = [];
  }

  #clear(): void {
    for (const table of this.#tables) table.clear();
    this.#length = 0;
  }

  #call(transaction: HttpTransaction, facts: TransactionFacts): WireCall {
    const { id, connection, client, startedAt, durationMs, request, response } = transaction;
    return [
      ...([this.#frame(transaction, facts), id, connection, client, startedAt, durationMs, request.target] as const),
      ...([request.body.totalBytes, response?.body.totalBytes ?? 0] as const),
      ...([facts.clientRequestId, facts.requestId, facts.serverDate] as const),
      facts.metadata === null ? -1 : this.#documents.push(facts.metadata) - 1,
      facts.tokens.map(({ path, side, token }: TokenSighting) => [path, side, this.#seen(token)] as const),
    ];
  }

  #frame(transaction: HttpTransaction, facts: TransactionFacts): number {
    const frame = packFrame(transaction, facts);
    const text = JSON.stringify(frame);
    return this.#frames.numberOf(text) ?? this.#added(this.#frames, text, frame);
  }

  #added<Entry>(table: Table<string, Entry>, text: string, entry: Entry): number {
    this.#length += text.length;
    return table.add(text, entry);
  }

  #seen(seen: Decoded<S2sToken>): WireSeen {
    if (!seen.ok) return seen;
    const { value } = seen;
    // A token around another is made anew for each call.
    if (value.actor !== null) return this.#token(value);
    const known = this.#tokens.numberOf(value);
    if (known !== undefined) return known;
    this.#length += value.compact.length;
    return this.#tokens.add(value, this.#token(value));
  }

  #token(token: S2sToken): WireToken {
    const { notBefore, issuedAt, expires, lifetimeSeconds, actor } = token;
    return [
      ...([this.#look(token), leanCompact(token), notBefore, issuedAt, expires, lifetimeSeconds] as const),
      actor === null ? null : this.#seen(actor),
    ];
  }

  #look(token: S2sToken): number {
    const look: WireLook = [
      ...([token.tokenKind, token.header, leanClaims(token.claims), token.alg, token.keyId, token.signature] as const),
      ...([this.#principal(token.issuer), this.#principal(token.caller), this.#principal(token.audience)] as const),
      ...([token.issuerText, token.audienceText, token.tenant, token.user, token.duplicates, token.oddities] as const),
    ];
    const text = JSON.stringify(look);
    return this.#looks.numberOf(text) ?? this.#added(this.#looks, text, look);
  }

  #principal(principal: Principal | null): number {
    if (principal === null) return -1;
    this.#length += 1;
    return this.#principals.numberOf(principal) ?? this.#principals.add(principal, principal);
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
    // The token of the field is the first of all tokens.
    ...([facts.endpoint, authorization.scheme === "bearer" ? 0 : authorization] as const),
    facts.challenges.map(({ scheme, params, token68 }): WireChallenge => [scheme, [...params], token68]),
    ...([facts.bearerChallenge, facts.diagnostics, facts.tokenRequest, facts.tokenAnswer] as const),
    ...([facts.ntlmSent, facts.ntlmReceived, facts.userAgent, facts.isCloudUserAgent, facts.federation] as const),
    ...([facts.policyReason, facts.operation, facts.soapAnswer, facts.exchangeVersion, facts.problems] as const),
  ];
}
