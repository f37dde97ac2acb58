// Secrets that a saved trace still holds: a trace in a source repository should hold none.
import type { HttpTransaction } from "../core/http-transaction.ts";
import type { S2sToken, TransactionFacts } from "../decoders/facts.ts";
import { hasPassword } from "../handshake/role.ts";
import { secretsOf } from "../sanitising/search/secret-places.ts";
import type { EntryInput } from "./fact.ts";

export const leakKinds = ["token-signature", "password", "cookie", "secret"] as const;
export type LeakKind = (typeof leakKinds)[number];

/** The kinds of secrets that one transaction still holds, each once. */
export function leaksIn({ transaction, facts }: Pick<EntryInput, "transaction" | "facts">): readonly LeakKind[] {
  const found = new Set<LeakKind>();
  if (hasSignature(facts)) found.add("token-signature");
  if (hasPassword(facts) && holdsSecret(transaction, ["authorization"])) found.add("password");
  if (holdsSecret(transaction, ["cookie", "set-cookie"])) found.add("cookie");
  // The signature of a token is also a secret, with a kind of its own.
  if (secretsIn(withoutHeaders(transaction)).some((secret) => !isSignatureOf(facts, secret))) found.add("secret");
  return [...found];
}

function hasSignature(facts: TransactionFacts): boolean {
  return facts.tokens.some(({ token }) => token.ok && isSigned(token.value));
}

function isSigned(token: S2sToken): boolean {
  return token.signature === "present" || (token.actor?.ok === true && isSigned(token.actor.value));
}

function isSignatureOf(facts: TransactionFacts, secret: string): boolean {
  return facts.tokens.some(({ token }) => token.ok && token.value.compact.endsWith(secret));
}

function holdsSecret(transaction: HttpTransaction, names: readonly string[]): boolean {
  return secretsIn(onlyHeaders(transaction, names)).length > 0;
}

/** Shorter ones match by chance. */
const shortest = 6;

function secretsIn(transaction: HttpTransaction): readonly string[] {
  return secretsOf(transaction).secrets.filter((secret) => secret.length >= shortest);
}

const emptyBody = { bytes: new Uint8Array(0), totalBytes: 0, truncated: false, contentCoding: null };

function onlyHeaders(transaction: HttpTransaction, names: readonly string[]): HttpTransaction {
  const { request, response } = transaction;
  const kept = (headers: HttpTransaction["request"]["headers"]) =>
    headers.filter(([name]) => names.includes(name.toLowerCase()));
  return {
    ...transaction,
    request: { ...request, headers: kept(request.headers), body: emptyBody },
    response: response === null ? null : { ...response, headers: kept(response.headers), body: emptyBody },
  };
}

function withoutHeaders(transaction: HttpTransaction): HttpTransaction {
  const { request, response } = transaction;
  return {
    ...transaction,
    request: { ...request, headers: [] },
    response: response === null ? null : { ...response, headers: [] },
  };
}
