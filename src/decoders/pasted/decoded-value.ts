// What decoding a pasted value gives, whatever it is.
import type { HttpTransaction } from "../../core/http-transaction.ts";
import type { Principal } from "../../core/principals.ts";
import type { BearerChallenge, ChallengeScheme, Diagnostics, S2sToken, TokenAnswer, TokenRequest } from "../facts.ts";
import type { JsonObject } from "../json-text.ts";

export type DecodedKind =
  | "jwt"
  | "challenge"
  | "diagnostics"
  | "basic"
  | "issuer"
  | "token-request"
  | "token-answer"
  | "ntlm"
  | "headers"
  | "unknown";

/** What a value holds for judging. Secret: it has whole tokens in it. What it does not hold is null or empty. */
export interface DecodedSubject {
  /** Every readable outermost token of the value. */
  readonly tokens: readonly S2sToken[];
  readonly principal: Principal | null;
  readonly schemes: readonly ChallengeScheme[];
  readonly bearerChallenge: BearerChallenge | null;
  readonly diagnostics: Diagnostics | null;
  readonly tokenRequest: TokenRequest | null;
  readonly tokenAnswer: TokenAnswer | null;
  /** The tokens were printed by a program: no signature, perhaps not every claim. */
  readonly isPrinted: boolean;
  /** Basic credentials. */
  readonly hasPassword: boolean;
  /** Of a header block: the request and answer that it is, as far as it tells. */
  readonly transaction: HttpTransaction | null;
}

export interface DecodedValue {
  readonly kind: DecodedKind;
  /** Safe to print as JSON. For `unknown` it has `problem`, our words. */
  readonly value: JsonObject;
  /** Not enumerable: neither JSON nor a spread copy takes it along. */
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
  isPrinted: false,
  hasPassword: false,
  transaction: null,
};

/** A value that is nothing known; the problem is in our words. */
export function unknown(value: string, problem: string, offset = 0): DecodedValue {
  return result("unknown", { problem, offset, length: value.length });
}

/** A decoded value; its subject is not enumerable. */
export function result(kind: DecodedKind, value: JsonObject, subject: Partial<DecodedSubject> = {}): DecodedValue {
  const shown = { kind, value };
  return Object.defineProperty(shown, "subject", { value: { ...nothing, ...subject } }) as DecodedValue;
}
