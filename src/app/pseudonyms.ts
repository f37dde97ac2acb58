import { createHmac, randomBytes } from "node:crypto";
import type { Pseudonymise } from "../sanitising/sanitise.ts";

const alphabet = "abcdefghijklmnopqrstuvwxyz234567";

/** Pseudonyms under a random key that is kept nowhere: the same within one run, and nobody can find the value of one. */
export function randomPseudonyms(): Pseudonymise {
  return pseudonymsFromKey(randomBytes(32));
}

/** One pseudonym for every value, for output that must be the same in every run. */
export function constantPseudonym(): string {
  return "aaaaaaaaaa";
}

/** Ten base32 characters of HMAC-SHA-256: 50 bits, enough to keep the values of one capture apart. */
export function pseudonymsFromKey(key: Uint8Array): Pseudonymise {
  return (kind, value) => {
    const digest = createHmac("sha256", key).update(`${kind}\0${value}`).digest();
    return Array.from(digest.subarray(0, 10), (byte) => alphabet[byte & 31] ?? "").join("");
  };
}
