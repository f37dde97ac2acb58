// The result of decoding a pasted value of any kind.
import type { HttpTransaction } from "../../core/http-transaction.ts";
import type { Principal } from "../../core/principals.ts";
import type { BearerChallenge, ChallengeScheme, Diagnostics, S2sToken, TokenAnswer, TokenRequest } from "../facts.ts";
import type { GraphFacts } from "../graph-facts.ts";
import type { JsonObject } from "../json-text.ts";
import type { ConnectivityTest } from "./connectivity-test.ts";

export type DecodedKind =
  | "jwt"
  | "challenge"
  | "diagnostics"
  | "basic"
  | "issuer"
  | "token-request"
  | "token-answer"
  | "graph-answer"
  | "ntlm"
  | "headers"
  | "exchanges"
  | "connectivity-test"
  | "log-rows"
  | "log-user"
  | "log-members"
  | "permission"
  | "unknown";

/** The parts of a value that are judged; absent ones are null or empty. Secret: it holds whole tokens. */
export interface DecodedSubject {
  /** Every readable outermost token of the value. */
  readonly tokens: readonly S2sToken[];
  readonly principal: Principal | null;
  readonly schemes: readonly ChallengeScheme[];
  readonly bearerChallenge: BearerChallenge | null;
  readonly diagnostics: Diagnostics | null;
  readonly tokenRequest: TokenRequest | null;
  readonly tokenAnswer: TokenAnswer | null;
  /** An answer of Microsoft Graph without its request. */
  readonly graph: GraphFacts | null;
  /** The tokens were printed by a program: without signature, perhaps without some claims. */
  readonly isPrinted: boolean;
  /** The output of one of Microsoft's tests. */
  readonly test: ConnectivityTest | null;
  /** Basic credentials. */
  readonly hasPassword: boolean;
  /** The request and answer of a pasted exchange, as far as the text tells; null for several. */
  readonly transaction: HttpTransaction | null;
  /** The pasted requests and answers, in their order. */
  readonly transactions: readonly HttpTransaction[];
  /** What each of several exchanges holds; empty for one. */
  readonly exchanges: readonly DecodedSubject[];
}

export interface DecodedValue {
  readonly kind: DecodedKind;
  /** Safe to print as JSON. For `unknown` it has `problem`, in words of this program. */
  readonly value: JsonObject;
  /** Not enumerable, so JSON and spread copies leave it out. */
  readonly subject: DecodedSubject;
}

const nothing: DecodedSubject = {
  tokens: [],
  principal: null,
  schemes: [],
  bearerChallenge: null,
  diagnostics: null,
  tokenRequest: null,
  tokenAnswer: null,
  graph: null,
  isPrinted: false,
  test: null,
  hasPassword: false,
  transaction: null,
  transactions: [],
  exchanges: [],
};

/** A value of kind `unknown`, with a problem in words of this program. */
export function unknownValue(value: string, problem: string, offset = 0): DecodedValue {
  return valueOfKind("unknown", { problem, offset, length: value.length });
}

/** A decoded value of a kind; its subject is not enumerable. */
export function valueOfKind(kind: DecodedKind, value: JsonObject, subject: Partial<DecodedSubject> = {}): DecodedValue {
  const shown = { kind, value };
  return Object.defineProperty(shown, "subject", { value: subjectOf(subject) }) as DecodedValue;
}

/** A whole subject of some parts. */
export function subjectOf(parts: Partial<DecodedSubject>): DecodedSubject {
  return { ...nothing, ...parts };
}
