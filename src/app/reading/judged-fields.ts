// The fields of a transaction that judging reads. Only these cross from the reading thread to the judging one, because every
// string that crosses is copied twice.
import type { CaptureEvent } from "../../core/capture-event.ts";
import type { Header, Headers } from "../../core/headers.ts";
import { memoize } from "../../core/memoize.ts";
import type { S2sToken, TransactionFacts } from "../../decoders/facts.ts";
import { decodedAnswerFields, decodedRequestFields } from "../../decoders/messages/header-facts.ts";

export interface DecodedEvent {
  readonly event: CaptureEvent;
  /** Null for events other than transactions. */
  readonly facts: TransactionFacts | null;
}

// Header fields that rules and handshakes read beside the facts. The test that judges every capture both ways fails when a
// rule reads another one.
const requestFields: ReadonlySet<string> = new Set(["host"]);
const answerFields: ReadonlySet<string> = new Set([
  ...["content-type", "server", "www-authenticate"],
  ...["x-feserver", "x-beserver", "x-calculatedbetarget", "x-diaginfo"],
]);

/** The header fields that the reading thread reads. */
export const wantedFields = {
  request: new Set([...decodedRequestFields, ...requestFields]),
  answer: new Set([...decodedAnswerFields, ...answerFields]),
};

// Names recur, so the answers are cached.
export const isRequestField = memoize(256, (name) => requestFields.has(name.toLowerCase()));
export const isAnswerField = memoize(256, (name) => answerFields.has(name.toLowerCase()));

/** The header fields of a request that cross. */
export function pickRequestFields(headers: Headers): Headers {
  return pick(headers, requestFields);
}

/** The header fields of an answer that cross. */
export function pickAnswerFields(headers: Headers): Headers {
  return pick(headers, answerFields);
}

function pick(headers: Headers, wanted: ReadonlySet<string>): Headers {
  const picked: Header[] = [];
  for (const header of headers) {
    const name = header[0].toLowerCase();
    if (wanted.has(name)) picked.push(name === header[0] ? header : [name, header[1]]);
  }
  return picked;
}

/** The text of a signed token, whose signature the judging thread checks; a short name for any other token. */
export function pickCompact(token: S2sToken): string {
  // Equal tokens have equal names; the text itself is not read.
  return token.signature === "present" ? token.compact : tokenName(token.compact);
}

// Claims that rules, verification and handshakes read beside the facts.
const claimNames = ["appid", "azp", "idtyp", "nameid", "roles", "scp", "tid", "trustedfordelegation"] as const;

/** The claims that cross. */
export function pickClaims(claims: S2sToken["claims"]): S2sToken["claims"] {
  const picked: Record<string, unknown> = {};
  for (const name of claimNames) if (claims[name] !== undefined) picked[name] = claims[name];
  return picked;
}

const words = new Int32Array(4096);
const bytes = Buffer.from(words.buffer);

/**
 * A hash of a token's text, the same in all threads. Not cryptographic: two tokens with one name would only be joined in the
 * report. Faster than `tokenIdentity`, because it takes four characters at once.
 */
function tokenName(compact: string): string {
  let one = 0x2545f491 ^ compact.length;
  let two = 0x41c6ce57;
  for (let from = 0; from < compact.length; from += bytes.length) {
    const length = bytes.write(compact.slice(from, from + bytes.length), "latin1");
    const end = (length + 3) >> 2;
    bytes.fill(0, length, end << 2);
    for (let index = 0; index < end; index++) {
      const word = words[index] ?? 0;
      one = Math.imul(one ^ word, 0x9e3779b1);
      one ^= one >>> 15;
      two = Math.imul(rotated(two) ^ word, 0x85ebca6b);
    }
  }
  one = Math.imul(one ^ (two >>> 13), 0xc2b2ae35);
  two = Math.imul(two ^ (one >>> 16), 0x27d4eb2f);
  return `${compact.length.toString(36)}.${(one >>> 0).toString(36)}.${(two >>> 0).toString(36)}`;
}

/** Rotates by 13 bits, so that a multiplication spreads the high bits, too. */
function rotated(value: number): number {
  return (value << 13) | (value >>> 19);
}
