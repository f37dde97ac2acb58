import type { S2sToken, TransactionFacts } from "../decoders/facts.ts";

export interface SignedToken {
  readonly token: S2sToken;
  /** Its place: `authorization`, `authorization/actor`, `assertion`… */
  readonly path: string;
}

/** The signed tokens of services in a transaction, nested ones included; not those of users. */
export function signedTokens(facts: Pick<TransactionFacts, "tokens">): readonly SignedToken[] {
  if (facts.tokens.length === 0) return [];
  const tokens: SignedToken[] = [];
  for (const { path, token } of facts.tokens) if (token.ok) collect(token.value, path, tokens);
  return tokens;
}

function collect(token: S2sToken, path: string, tokens: SignedToken[]): void {
  if (token.signature === "present" && isServices(token)) tokens.push({ token, path });
  if (token.actor?.ok === true) collect(token.actor.value, `${path}/actor`, tokens);
}

function isServices(token: S2sToken): boolean {
  switch (token.tokenKind) {
    case "actor":
    case "app-acts-as-user":
    case "self-issued":
    case "direct-trust":
    case "app-asserted-user":
      return true;
    case "entra-v1":
    case "entra-v2":
      return token.claims.scp === undefined;
    default:
      return false;
  }
}
