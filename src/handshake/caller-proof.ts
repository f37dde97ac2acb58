// Whether a token proves its caller. Only the signed part can: the outer token of a call as a user is unsigned by design
// ([MS-XOAUTH] 3.2.5.6), so its issuer counts only where the actor token inside names the same one.
import { isGuid, type Principal, parsePrincipal } from "../core/principals.ts";
import { hybridAppName, wellKnownApplication } from "../core/well-known-applications.ts";
import type { S2sToken } from "../decoders/facts.ts";
import { isTokenServiceIssuer } from "../decoders/tokens/token-kind.ts";

/** Why a token does not prove its caller. */
export type CallerDoubt =
  | "actor-unreadable"
  | "caller-missing"
  | "caller-is-no-application"
  | "realm-missing"
  | "issuer-realm-missing"
  | "other-realm"
  | "outer-issuer-missing"
  | "outer-realm-missing"
  | "other-caller"
  | "other-tenant"
  | "issuer-unknown";

/** The first reason why the claims of a token do not prove its caller; null when they do. Ignores signatures. */
export function callerDoubt(token: S2sToken): CallerDoubt | null {
  if (token.actor === null) return signedDoubt(token);
  if (!token.actor.ok) return "actor-unreadable";
  return signedDoubt(token.actor.value) ?? outerDoubt(token, token.actor.value);
}

/** True for a token of the S2S profile, also a broken one. Other tokens may lack its claims without fault. */
export function isS2sToken(token: S2sToken): boolean {
  if (token.actor !== null) return true;
  switch (token.tokenKind) {
    case "actor":
    case "app-acts-as-user":
    case "direct-trust":
      return true;
    case "unknown":
      return wellKnownApplication(token.issuer?.id ?? "")?.role === "sts" || namesApplication(token);
    default:
      return false;
  }
}

/** True when `nameid` begins with an application id: the token of a service, whatever else it lacks. */
export function namesApplication({ claims }: S2sToken): boolean {
  return typeof claims.nameid === "string" && parsePrincipal(claims.nameid, undefined, "first-at").id !== "";
}

function signedDoubt(token: S2sToken): CallerDoubt | null {
  const { tokenKind, caller, claims } = token;
  if (caller === null || caller.id === "") return unnamedDoubt(token);
  switch (tokenKind) {
    case "actor":
      return realmDoubt(caller) ?? issuerDoubt(token, caller);
    case "direct-trust":
    case "self-issued":
      return realmDoubt(caller) ?? (isOtherRealm(caller, claims.nameid) ? "other-realm" : null);
    case "entra-v1":
    case "entra-v2":
    case "unknown":
      if (token.tenant === "") return "realm-missing";
      return isTokenServiceIssuer(token.issuerText) ? null : "issuer-unknown";
    default:
      return null;
  }
}

function unnamedDoubt({ claims, tokenKind }: S2sToken): CallerDoubt {
  const isEntra = tokenKind === "entra-v1" || tokenKind === "entra-v2";
  const name = isEntra ? (claims.appid ?? claims.azp) : claims.nameid;
  return name === undefined ? "caller-missing" : "caller-is-no-application";
}

function realmDoubt({ realmKind }: Principal): CallerDoubt | null {
  return realmKind === "empty" || realmKind === "wildcard" ? "realm-missing" : null;
}

/** Only the token service issues actor tokens: any other issuer proves nothing. */
function issuerDoubt({ issuer }: S2sToken, caller: Principal): CallerDoubt | null {
  if (issuer === null || !isTokenService(issuer)) return "issuer-unknown";
  if (issuer.realmKind === "empty") return "issuer-realm-missing";
  return isOtherTenant(issuer, caller) ? "other-realm" : null;
}

/**
 * The token service by its whole id, or one of the customer's own, which the configuration names (`applications`). `--hybrid-app`
 * names a caller, which issues tokens for no other application.
 */
function isTokenService({ id, name }: Principal): boolean {
  const known = wellKnownApplication(id);
  return known === undefined ? name !== null && name !== hybridAppName : known.role === "sts";
}

function outerDoubt(outer: S2sToken, actor: S2sToken): CallerDoubt | null {
  const { caller } = outer;
  if (caller === null || caller.id === "") return "outer-issuer-missing";
  if (caller.id !== actor.caller?.id) return "other-caller";
  // An application-asserted token (Entra) has the bare id, and its tenant in another claim.
  if (outer.tokenKind === "app-acts-as-user" && realmDoubt(caller) !== null) return "outer-realm-missing";
  return isOtherTenant(caller, actor.caller) ? "other-tenant" : null;
}

/** Compares tenant ids only: a domain may belong to the same organisation (observed). */
function isOtherTenant(one: Principal, other: Principal): boolean {
  if (!isGuid(one.realm) || !isGuid(other.realm)) return false;
  return one.realm.toLowerCase() !== other.realm.toLowerCase();
}

function isOtherRealm(caller: Principal, nameId: unknown): boolean {
  if (typeof nameId !== "string") return false;
  return parsePrincipal(nameId, undefined, "first-at").realm.toLowerCase() !== caller.realm.toLowerCase();
}
