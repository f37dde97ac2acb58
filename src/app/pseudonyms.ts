import { createHmac, randomBytes } from "node:crypto";
import type { Pseudonymise } from "../sanitising/sanitise.ts";

const alphabet = "abcdefghijklmnopqrstuvwxyz234567";

/** Pseudonyms under a key that lives as long as this process: the same within one run, and nothing can be guessed back. */
export function randomPseudonyms(): Pseudonymise {
  return pseudonymsFromKey(randomBytes(32));
}

/** One name for everybody: where output must be the same in every run, and nobody has to be told apart. */
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
