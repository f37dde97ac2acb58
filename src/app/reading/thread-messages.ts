// The form in which events cross from the thread that read and decoded them to the one that judges: JSON text, which both
// sides handle in a third of the time that a structured clone takes. Records go as lists without names. Captured traffic says
// the same again and again, so what recurs goes once and is a number in a table of both sides after that.
import type { Decoded } from "../../core/decoded.ts";
import type { CapturedBody, HttpRequest, HttpResponse, HttpTransaction } from "../../core/http-transaction.ts";
import type { Principal } from "../../core/principals.ts";
import type { Authorization, S2sToken, TokenSighting, TransactionFacts } from "../../decoders/facts.ts";
import type { DecodedEvent } from "./judged-fields.ts";

type Facts = TransactionFacts;

/** What one batch of events is while it crosses. */
export interface WireBatch {
  readonly text: string;
  /** Metadata documents hold bytes, which JSON has no form for; they are rare, and cross as they are. */
  readonly documents: readonly Facts["metadata"][];
}

/** The text of a batch. What is new in each table comes before the events that name it. */
export interface Wire {
  /** How many of the oldest entries are gone from each table: headers, principals, looks, tokens, frames. */
  readonly dropped: readonly [number, number, number, number, number];
  readonly headers: readonly WireTokenHeader[];
  readonly principals: readonly Principal[];
  readonly looks: readonly SharedTokenPart[];
  readonly tokens: readonly WireToken[];
  readonly frames: readonly WireFrame[];
  readonly events: readonly (WireCall | DecodedEvent["event"])[];
}

/** What requests of one client to one server have in common. */
export type WireFrame = readonly [
  ...[scheme: HttpTransaction["scheme"], host: string, port: number, failure: string | null],
  ...[method: string, version: string, headers: HttpRequest["headers"], body: WireMarks],
  ...[response: WireResponse | null, facts: WireFacts],
];
/** Of a body all but its size. */
type WireMarks = readonly [CapturedBody["truncated"], CapturedBody["contentCoding"]];
export type WireResponse = readonly [
  ...[version: string, status: number, reason: string, headers: HttpResponse["headers"]],
  ...[body: WireMarks, interim: readonly number[]],
];
export type WireChallenge = readonly [scheme: string, params: readonly (readonly [string, string])[], token68: string];
export type WireFacts = readonly [
  // 0 stands for a token: the first of the call's.
  ...[Facts["endpoint"], Exclude<Authorization, { scheme: "bearer" }> | 0, readonly WireChallenge[]],
  ...[Facts["bearerChallenge"], Facts["diagnostics"], Facts["tokenRequest"], Facts["tokenAnswer"]],
  ...[Facts["ntlmSent"], Facts["ntlmReceived"], userAgent: string, isCloudUserAgent: boolean, Facts["federation"]],
  ...[policyReason: string, Facts["operation"], Facts["soapAnswer"], exchangeVersion: string],
  ...[problems: readonly string[], Facts["otherCredentials"]],
];

/** One call: the number of its frame and what is its own. `document` is -1 where there is none. */
export type WireCall = readonly [
  ...[frame: number, id: string, connection: string, client: string, startedAt: number, durationMs: number | null],
  ...[target: string, sent: number, received: number, clientRequestId: string, requestId: string],
  ...[serverDate: number | null, document: number, tokens: readonly WireSighting[]],
];
type WireSighting = readonly [TokenSighting["path"], TokenSighting["side"], WireSeen];

export type WireTokenHeader = readonly [header: S2sToken["header"], alg: string, keyId: string];
/** What tokens for one purpose have in common; header and principals by their numbers, -1 where there is none. */
export type SharedTokenPart = readonly [
  ...[S2sToken["tokenKind"], header: number, S2sToken["signature"], issuer: number, caller: number, audience: number],
  ...[claims: S2sToken["claims"], tenant: string, S2sToken["user"], duplicates: readonly string[]],
  ...[oddities: readonly string[]],
];
/** A token: the number of its look and what is its own. */
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
/** A token by its number in the table, one that is not in the table, or why there is none. */
export type WireSeen = number | WireToken | Undecoded;
