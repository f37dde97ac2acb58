// The kind of a token by its claims, in the observed order of Exchange: `ver`, then `actortoken`, then `appctx`, then a bare actor
// token.
import { microsoftHost } from "../../core/microsoft-hosts.ts";
import type { Principal } from "../../core/principals.ts";
import { wellKnownApplication } from "../../core/well-known-applications.ts";
import type { TokenKind } from "../facts.ts";
import type { JsonObject } from "../json-text.ts";

/** The principals that tell kinds apart; null where the claim is absent or not text. */
export interface TokenPrincipals {
  readonly issuer: Principal | null;
  readonly nameId: Principal | null;
  readonly audience: Principal | null;
}

/** The kind of a token with these claims, whether the token is valid or not. */
export function tokenKindOf(claims: JsonObject, principals: TokenPrincipals): TokenKind {
  const issuer = principals.issuer?.asSeen ?? "";
  // AD FS also writes `ver` 1.0, so its issuer is checked first.
  if (/^https?:\/\/[^/]+\/adfs\/services\/trust\/?$/i.test(issuer)) return "adfs";
  const { ver } = claims;
  if (ver === undefined) return kindWithoutVersion(claims, principals);
  if (ver === "MSExchange.SelfIssued.V1") return "self-issued";
  if (ver === "1.0") return claims.msexchcallback === undefined ? "entra-v1" : "exchange-identity";
  if (ver === "2.0") return "entra-v2";
  return ver === "app_asserted_user_v1" ? "app-asserted-user" : "unknown";
}

function kindWithoutVersion(claims: JsonObject, principals: TokenPrincipals): TokenKind {
  if (actorTokenOf(claims) !== undefined) return "app-acts-as-user";
  if (claims.appctx !== undefined || claims.appctxsender !== undefined) return "exchange-identity";
  const { issuer, nameId, audience } = principals;
  if (issuer === null) return "unknown";
  const entra = entraVersionOf(issuer.asSeen);
  if (entra !== null) return entra;
  if (nameId === null) {
    // An Entra client assertion names itself in `sub` (RFC 7523 §3).
    const isOwnSubject = typeof claims.sub === "string" && claims.sub.toLowerCase() === issuer.asSeen.toLowerCase();
    return isOwnSubject && isTokenService(audience) ? "self-issued" : "unknown";
  }
  if (nameId.id === "" || issuer.id === "") return "unknown";
  if (nameId.id !== issuer.id) return "actor";
  return isTokenService(audience) ? "self-issued" : "direct-trust";
}

/** The compact nested actor token. [MS-XOAUTH] 2.2 names the claim `actort`; all observed traffic has `actortoken`. */
export function actorTokenOf(claims: JsonObject): string | undefined {
  if (typeof claims.actortoken === "string") return claims.actortoken;
  return typeof claims.actort === "string" ? claims.actort : undefined;
}

/** True for a host name of a Microsoft token service. The name does not prove who answers. */
export function isTokenServiceHost(host: string): boolean {
  return microsoftHost(host)?.service === "token-service";
}

/** True for a token service that was reached over TLS: the only trusted source of signing keys in the traffic. */
export function isTrustedKeySource({ scheme, host }: { readonly scheme: string; readonly host: string }): boolean {
  return scheme === "https" && isTokenServiceHost(host);
}

/** True for an issuer of Entra: `https://sts.windows.net/<tenant>/` in v1 tokens, a sign-in host in v2 tokens. */
export function isTokenServiceIssuer(issuer: string): boolean {
  const host = issuerUrl.exec(issuer)?.[1]?.toLowerCase() ?? "";
  return isV1IssuerHost(host) || isTokenServiceHost(host);
}

/**
 * The version of an Entra token by its issuer: `https://sts.windows.net/<tenant>/` is 1.0, `https://<sign-in host>/<tenant>/v2.0`
 * is 2.0, in every cloud ("Access tokens in the Microsoft identity platform"); null for any other issuer.
 */
export function entraVersionOf(issuer: string): "entra-v1" | "entra-v2" | null {
  const [, host = "", path = ""] = issuerUrl.exec(issuer) ?? [];
  if (isV1IssuerHost(host.toLowerCase())) return "entra-v1";
  return /^[^/?#]{1,253}\/v2\.0\/?$/i.test(path) && isTokenServiceHost(host) ? "entra-v2" : null;
}

/** The tenant in an issuer of Entra of either version; empty for any other issuer. */
export function tenantOfIssuer(issuer: string): string {
  if (entraVersionOf(issuer) === null) return "";
  return /^([^/?#]{1,64})(?:\/v2\.0)?\/?$/i.exec(issuerUrl.exec(issuer)?.[2] ?? "")?.[1] ?? "";
}

const issuerUrl = /^https:\/\/([a-z0-9.-]{1,128})\/(.{0,300})/i;

function isV1IssuerHost(host: string): boolean {
  return /^sts\.(?:windows\.net|chinacloudapi\.cn|microsoftonline\.de)$/.test(host);
}

function isTokenService(audience: Principal | null): boolean {
  if (audience === null) return false;
  if (wellKnownApplication(audience.id)?.role === "sts") return true;
  return audience.host !== null && isTokenServiceHost(audience.host);
}
