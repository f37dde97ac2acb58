// Results of earlier signature checks by token digest, without the tokens.
import { createHash } from "node:crypto";
import type { SignatureCheck } from "../core/capture-event.ts";
import { memoize } from "../core/memoize.ts";
import type { SignedToken } from "./signed-tokens.ts";

export type SignatureAnswer = Pick<SignatureCheck, "outcome" | "keySource" | "keyHost">;

/** Mutable: one record for each token. */
export interface KnownToken {
  /** SHA-256 of the compact token, base64url. */
  readonly identity: string;
  answer: SignatureAnswer | null;
  /** Its places so far: each is reported once. */
  readonly paths: string[];
}

export interface KnownTokens {
  /** The record of a compact token; a fresh one for a new token. */
  of(compact: string): KnownToken;
  /** True when this token was reported at this place. */
  isReported(token: SignedToken): boolean;
  /** Records the answer for a token by its digest. */
  setAnswer(identity: string, answer: SignatureAnswer): void;
  /** Stores a changed record. */
  keep(known: KnownToken): void;
}

const tokenLimit = 4_096;
const latelyLimit = 256;

/** Creates an empty, bounded set; the record stored longest ago is evicted first. */
export function startKnownTokens(): KnownTokens {
  const tokens = new Map<string, KnownToken>();
  // Nearly every token is a recent one, whose digest need not be computed again.
  const lately = memoize(latelyLimit, (compact): KnownToken => {
    const identity = createHash("sha256").update(compact).digest("base64url");
    return tokens.get(identity) ?? { identity, answer: null, paths: [] };
  });
  return {
    of: lately,
    isReported: ({ token, path }) => lately(token.compact).paths.includes(path),
    setAnswer(identity, answer) {
      const known = tokens.get(identity) ?? { identity, answer, paths: [] };
      known.answer = answer;
      setNewest(tokens, identity, known, tokenLimit);
    },
    keep: (known) => setNewest(tokens, known.identity, known, tokenLimit),
  };
}

/** Stores an entry as the newest; over the limit, the oldest is evicted. */
export function setNewest<Value>(map: Map<string, Value>, key: string, value: Value, limit: number): void {
  map.delete(key);
  map.set(key, value);
  if (map.size <= limit) return;
  const oldest = map.keys().next();
  if (oldest.done !== true) map.delete(oldest.value);
}
