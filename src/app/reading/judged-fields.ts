// A transaction on its way from the thread that read and decoded it to the one that judges it: only what judging asks for,
// because every string that crosses is copied twice.
import type { CaptureEvent } from "../../core/capture-event.ts";
import type { Header, Headers } from "../../core/headers.ts";
import { remembered } from "../../core/remembered.ts";
import type { S2sToken, TransactionFacts } from "../../decoders/facts.ts";
import { decodedAnswerFields, decodedRequestFields } from "../../decoders/messages/header-facts.ts";
import { tokenName } from "./token-name.ts";

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
export const isRequestField = remembered(256, (name) => requestFields.has(name.toLowerCase()));
export const isAnswerField = remembered(256, (name) => answerFields.has(name.toLowerCase()));

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
export function leanCompact(token: S2sToken): string {
  // The same token has the same name, and nothing else asks for the text.
  return token.signature === "present" ? token.compact : tokenName(token.compact);
}

// What rules, verification and handshakes read of claims beside what the decoders say.
const claimNames = ["appid", "azp", "nameid", "scp", "tid", "trustedfordelegation"] as const;

/** The claims that are read by more than the decoders. */
export function leanClaims(claims: S2sToken["claims"]): S2sToken["claims"] {
  const lean: Record<string, unknown> = {};
  for (const name of claimNames) if (claims[name] !== undefined) lean[name] = claims[name];
  return lean;
}
