// Notes for the steps of the ladder: words of this program, numbers and known words, never captured text.
import type { HttpTransaction } from "../core/http-transaction.ts";
import type { TransactionFacts } from "../decoders/facts.ts";
import type { GraphError } from "../decoders/graph-facts.ts";
import { knownGraphCode } from "../decoders/messages/graph-answer.ts";
import type { OtherSignIn } from "./reduce.ts";

const schemeNames = new Map([
  ["bearer", "Bearer"],
  ["negotiate", "Negotiate"],
  ["ntlm", "NTLM"],
  ["basic", "Basic"],
  ["digest", "Digest"],
  ["msrtcoauth", "MsRtcOAuth"],
]);

/** The offered schemes by their usual names, in the order of the answer without repeats; unknown ones as `other`. */
export function offeredSchemes(facts: TransactionFacts): readonly string[] {
  return [...new Set(facts.challenges.map(({ scheme }) => schemeNames.get(scheme.toLowerCase()) ?? "other"))];
}

/** `401 offering Bearer, Basic`. */
export function challengeNote(facts: TransactionFacts): string {
  const offered = offeredSchemes(facts);
  return offered.length === 0 ? "401 offering nothing" : `401 offering ${offered.join(", ")}`;
}

/** `200`, `401 invalid_client (2000006)`, `403 ErrorAccessDenied`, `no answer`. */
export function answerNote(transaction: HttpTransaction, facts: TransactionFacts): string {
  if (transaction.response === null) return "no answer";
  const { status } = transaction.response;
  if (facts.diagnostics === null) return `${status} ${graphErrorWords(facts)}`.trimEnd();
  const code = /^\d{1,10}$/.test(facts.diagnostics.code) ? ` (${facts.diagnostics.code})` : "";
  return `${status} ${facts.diagnostics.cause}${code}`;
}

/** The published code of Graph's error, or `error` for any other; empty without one. */
export function graphErrorWords({ graph }: TransactionFacts): string {
  if (graph === null) return "";
  if (graph.error !== null) return publishedCode(graph.error);
  const inside = [...graph.itemErrors, ...graph.batch.map(({ error }) => (error === null ? "" : publishedCode(error)))];
  const words = [...new Set(inside.filter((code) => code !== "").map((code) => knownGraphCode(code) || "error"))];
  return words.length === 0 ? "" : `with ${words.slice(0, 3).join(", ")} inside`;
}

function publishedCode({ code, innerCodes }: GraphError): string {
  return [...innerCodes.toReversed(), code].map(knownGraphCode).find((known) => known !== "") ?? "error";
}

/** Names the credentials that were sent in place of a token. */
export function signInNote(kind: OtherSignIn): string {
  switch (kind) {
    case "basic":
      return "Basic in place of a token";
    case "ntlm":
      return "NTLM in place of a token";
    case "negotiate":
      return "Negotiate in place of a token";
    case "ws-security":
      return "WS-Security in place of a token";
  }
}
