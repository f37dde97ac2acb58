// A transaction on its way from the thread that read and decoded it to the one that judges it: only what judging asks for,
// because every string that crosses is copied twice.
import type { CaptureEvent } from "../../core/capture-event.ts";
import type { Header, Headers } from "../../core/headers.ts";
import { memoize } from "../../core/memoize.ts";
import type { S2sToken, TransactionFacts } from "../../decoders/facts.ts";
import { decodedAnswerFields, decodedRequestFields } from "../../decoders/messages/header-facts.ts";

export interface DecodedEvent {
  readonly event: CaptureEvent;
  /** Null for every event that is no transaction. */
  readonly facts: TransactionFacts | null;
}

// What rules and handshakes read of a message beside its facts. The test that judges every capture both ways fails when a
// rule reads a field that is not here.
const requestFields: ReadonlySet<string> = new Set(["host"]);
const answerFields: ReadonlySet<string> = new Set([
  ...["content-type", "server", "www-authenticate"],
  ...["x-feserver", "x-beserver", "x-calculatedbetarget", "x-diaginfo"],
]);

/** The fields of a message that the reading thread needs at all. */
export const wantedFields = {
  request: new Set([...decodedRequestFields, ...requestFields]),
  answer: new Set([...decodedAnswerFields, ...answerFields]),
};

// Names recur: each is looked at once.
export const isRequestField = memoize(256, (name) => requestFields.has(name.toLowerCase()));
export const isAnswerField = memoize(256, (name) => answerFields.has(name.toLowerCase()));

/** The fields of a request that are read by more than the decoders. */
export function pickRequestFields(headers: Headers): Headers {
  return pick(headers, requestFields);
}

/** The fields of an answer that are read by more than the decoders. */
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

/** The text of a signed token: its signature is checked on the other side. For any other a name stands for it. */
export function pickCompact(token: S2sToken): string {
  // The same token has the same name, and nothing else asks for the text.
  return token.signature === "present" ? token.compact : tokenName(token.compact);
}

// What rules, verification and handshakes read of claims beside what the decoders say.
const claimNames = ["appid", "azp", "nameid", "scp", "tid", "trustedfordelegation"] as const;

/** The claims that are read by more than the decoders. */
export function pickClaims(claims: S2sToken["claims"]): S2sToken["claims"] {
  const lean: Record<string, unknown> = {};
  for (const name of claimNames) if (claims[name] !== undefined) lean[name] = claims[name];
  return lean;
}

const words = new Int32Array(4096);
const bytes = Buffer.from(words.buffer);

/**
 * A name for a token's text, the same in all threads that read. Not a cryptographic hash: two tokens with one name would
 * only be tied together in the report. Faster than `tokenIdentity`, as it takes four characters at once.
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
      two = Math.imul(turned(two) ^ word, 0x85ebca6b);
    }
  }
  one = Math.imul(one ^ (two >>> 13), 0xc2b2ae35);
  two = Math.imul(two ^ (one >>> 16), 0x27d4eb2f);
  return `${compact.length.toString(36)}.${(one >>> 0).toString(36)}.${(two >>> 0).toString(36)}`;
}

/** Its high bits come to where a multiplication spreads them. */
function turned(value: number): number {
  return (value << 13) | (value >>> 19);
}
