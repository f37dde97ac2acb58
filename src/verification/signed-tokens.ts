import { createHash } from "node:crypto";
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

/**
 * The signed texts (RFC 7515 5.2: header, dot, claims) to try for a token, as captured first. Entra puts a `nonce` into the header
 * of tokens for Microsoft Graph and signs the header with the base64url SHA-256 digest of the nonce in its place
 * (observed: github.com/justinlettau/azure-ad-verify-token/issues/5, github.com/MicrosoftDocs/azure-docs/issues/80018).
 */
export function signedTexts({ compact, header }: Pick<S2sToken, "compact" | "header">): readonly string[] {
  const text = compact.slice(0, compact.lastIndexOf("."));
  const { nonce } = header;
  if (typeof nonce !== "string" || nonce === "") return [text];
  const end = text.indexOf(".");
  const json = Buffer.from(text.slice(0, end), "base64url").toString("utf8");
  const digest = createHash("sha256").update(nonce).digest("base64url");
  // The nonce stays as written elsewhere: only the member is replaced.
  const replaced = json.replace(/("nonce"\s*:\s*)"[^"\\]*"/, (_whole, name: string) => `${name}"${digest}"`);
  return [text, `${Buffer.from(replaced).toString("base64url")}${text.slice(end)}`];
}
