import { memoize } from "../core/memoize.ts";
import type { S2sToken } from "../decoders/facts.ts";

/**
 * A short name for a compact token, to recognise it again without storing a secret. Not a cryptographic hash: two tokens with one
 * name would be joined in the report, never trusted.
 */
export function tokenIdentity({ compact }: Pick<S2sToken, "compact">): string {
  return compact.length < shortest ? nameOf(compact) : identityOf(compact);
}

/** Shorter texts are not cached: hashing them is as fast. */
const shortest = 64;

// The name of a token is needed several times for each transaction, and actor tokens recur.
const identityOf = memoize(256, nameOf);

/** Four independent sums, so that the multiplications overlap. */
function nameOf(compact: string): string {
  let one = 0xdeadbeef;
  let two = 0x41c6ce57;
  let three = 0x2545f491;
  let four = 0x9e3779b9;
  const whole = compact.length & ~3;
  for (let index = 0; index < whole; index += 4) {
    one = Math.imul(one ^ compact.charCodeAt(index), 2654435761);
    two = Math.imul(two ^ compact.charCodeAt(index + 1), 1597334677);
    three = Math.imul(three ^ compact.charCodeAt(index + 2), 2246822507);
    four = Math.imul(four ^ compact.charCodeAt(index + 3), 3266489909);
  }
  for (let index = whole; index < compact.length; index++) one = Math.imul(one ^ compact.charCodeAt(index), 2654435761);
  const high = Math.imul(one ^ (three >>> 13), 2654435761) ^ three;
  const low = Math.imul(two ^ (four >>> 13), 1597334677) ^ four;
  return `${compact.length.toString(36)}.${(high >>> 0).toString(36)}${(low >>> 0).toString(36)}`;
}
