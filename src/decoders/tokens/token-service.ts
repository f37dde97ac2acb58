// Which token service issued a token. Claims alone: whether its signature is right is checked elsewhere.
import { wellKnownApplication } from "../../core/well-known-applications.ts";
import type { S2sToken, TokenService } from "../facts.ts";
import { entraVersionOf, isTokenServiceIssuer } from "./token-kind.ts";

/**
 * The token service that issued the signed part of a token; null when its claims name none. `own-key`: the caller signed the
 * token with its own certificate ([MS-XOAUTH] 3.2.5.2 and direct trust), so no token service took part.
 */
export function tokenServiceOf(token: S2sToken): TokenService | null {
  if (token.actor !== null) return token.actor.ok ? serviceOf(token.actor.value) : null;
  return serviceOf(token);
}

function serviceOf({ tokenKind, issuer, issuerText }: S2sToken): TokenService | null {
  if (tokenKind === "direct-trust" || tokenKind === "self-issued") return "own-key";
  if (wellKnownApplication(issuer?.id ?? "")?.role === "sts") return "acs";
  if (!isTokenServiceIssuer(issuerText)) return null;
  return tokenKind === "entra-v2" ? tokenKind : (entraVersionOf(issuerText) ?? "entra-v1");
}

/** The token service of a token request, by the path of its endpoint; null for any other path. */
export function tokenServiceOfPath(path: string): TokenService | null {
  if (/\/tokens\/oauth\/2\/?(?:\?|$)/i.test(path)) return "acs";
  if (/\/oauth2\/v2\.0\/token\/?(?:\?|$)/i.test(path)) return "entra-v2";
  return /\/oauth2\/token\/?(?:\?|$)/i.test(path) ? "entra-v1" : null;
}
