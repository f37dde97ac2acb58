// The form in which events cross from a reading thread to the judging one: JSON text, which takes a third of the time of a
// structured clone. Records are lists without names. Captured traffic repeats itself, so what recurs crosses once and is a
// number in a table on both sides afterwards.
import type { Decoded } from "../../core/decoded.ts";
import type { CapturedBody, HttpRequest, HttpResponse, HttpTransaction } from "../../core/http-transaction.ts";
import type { Principal } from "../../core/principals.ts";
import type { Discovery } from "../../decoders/discovery-facts.ts";
import type { Authorization, Diagnostics, S2sToken, TokenSighting, TransactionFacts } from "../../decoders/facts.ts";
import type { DecodedEvent } from "./judged-fields.ts";

type Facts = TransactionFacts;

/** One batch of events while it crosses. */
export interface WireBatch {
  readonly text: string;
  /** Metadata documents hold bytes, for which JSON has no form; they are rare and cross by structured clone. */
  readonly documents: readonly Facts["metadata"][];
}

/** The content of `text`: new entries of each table, then the events that refer to them. */
export interface Wire {
  /** How many of the oldest entries are dropped from each table: headers, principals, looks, tokens, frames. */
  readonly dropped: readonly [number, number, number, number, number];
  readonly headers: readonly WireTokenHeader[];
  readonly principals: readonly Principal[];
  readonly looks: readonly SharedTokenPart[];
  readonly tokens: readonly WireToken[];
  readonly frames: readonly WireFrame[];
  readonly events: readonly (WireCall | DecodedEvent["event"])[];
}

/** The part that requests of one client to one server have in common. */
export type WireFrame = readonly [
  ...[scheme: HttpTransaction["scheme"], host: string, port: number, failure: string | null],
  ...[method: string, version: string, headers: HttpRequest["headers"], body: WireMarks],
  ...[response: WireResponse | null, facts: WireFacts],
];
/** A body without its bytes and sizes. */
type WireMarks = readonly [CapturedBody["truncated"], CapturedBody["contentCoding"]];
export type WireResponse = readonly [
  ...[version: string, status: number, reason: string, headers: HttpResponse["headers"]],
  ...[body: WireMarks, interim: readonly number[]],
];
export type WireChallenge = readonly [scheme: string, params: readonly (readonly [string, string])[], token68: string];
export type WireFacts = readonly [
  // 0 stands for the first token of the call.
  ...[Facts["endpoint"], Exclude<Authorization, { scheme: "bearer" }> | 0, readonly WireChallenge[]],
  ...[Facts["bearerChallenge"], Facts["diagnostics"], Facts["tokenRequest"], Facts["tokenAnswer"]],
  ...[Facts["ntlmSent"], Facts["ntlmReceived"], userAgent: string, isCloudUserAgent: boolean, Facts["federation"]],
  ...[policyReason: string, Facts["operation"], Facts["soapAnswer"], exchangeVersion: string],
  ...[problems: readonly string[], Facts["otherCredentials"], Facts["graph"], discovery: Discovery | null],
  reported: Diagnostics | null,
];

/** One call: the number of its frame, and its own part. `document` is -1 without one. */
export type WireCall = readonly [
  ...[frame: number, id: string, connection: string, client: string, startedAt: number, durationMs: number | null],
  ...[target: string, sent: number | null, received: number | null, clientRequestId: string, requestId: string],
  ...[serverDate: number | null, document: number, tokens: readonly WireSighting[]],
];
type WireSighting = readonly [TokenSighting["path"], TokenSighting["side"], WireSeen];

export type WireTokenHeader = readonly [header: S2sToken["header"], alg: string, keyId: string];
/** The part that tokens for one purpose have in common; header and principals by number, -1 without one. */
export type SharedTokenPart = readonly [
  ...[S2sToken["tokenKind"], header: number, S2sToken["signature"], issuer: number, caller: number, audience: number],
  ...[claims: S2sToken["claims"], tenant: string, S2sToken["user"], duplicates: readonly string[]],
  ...[oddities: readonly string[]],
];
/** A token: the number of its shared part (look), and its own part. */
export type WireToken = readonly [
  look: number,
  compact: string,
  notBefore: number | null,
  issuedAt: number | null,
  expires: number | null,
  lifetimeSeconds: number | null,
  actor: WireSeen | null,
];
type Undecoded = Extract<Decoded<S2sToken>, { ok: false }>;
/** A token by its number in the table, a token that is not in the table, or why it could not be decoded. */
export type WireSeen = number | WireToken | Undecoded;
