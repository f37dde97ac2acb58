// What was said of the tokens that were seen, without keeping them.
import { createHash } from "node:crypto";
import type { SignatureCheck } from "../core/capture-event.ts";
import { memoize } from "../core/memoize.ts";
import type { SignedToken } from "./signed-tokens.ts";

export type Answer = Pick<SignatureCheck, "outcome" | "keySource" | "keyHost">;

/** Mutable: one record for each token. */
export interface KnownToken {
  /** A digest of the token's text. */
  readonly identity: string;
  answer: Answer | null;
  /** Where it was seen: it is told once for each. */
  readonly paths: string[];
}

export interface KnownTokens {
  /** What is known of a token; of a new one, nothing yet. */
  of(compact: string): KnownToken;
  /** True when this token was told of at this place. */
  isReported(seen: SignedToken): boolean;
  /** Notes the answer for a token, named by its digest. */
  setAnswer(identity: string, answer: Answer): void;
  /** Keeps what was written to a record. */
  keep(known: KnownToken): void;
}

const tokenLimit = 4_096;
const latelyLimit = 256;

/** Remembers no token; the one that was kept longest ago is forgotten first. */
export function startKnownTokens(): KnownTokens {
  const tokens = new Map<string, KnownToken>();
  // Nearly every token is one of the last ones, and its digest need not be worked out again.
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

/** Sets an entry as the newest; over the limit, the oldest is forgotten. */
export function setNewest<Value>(map: Map<string, Value>, key: string, value: Value, limit: number): void {
  map.delete(key);
  map.set(key, value);
  if (map.size <= limit) return;
  const oldest = map.keys().next();
  if (oldest.done !== true) map.delete(oldest.value);
}
