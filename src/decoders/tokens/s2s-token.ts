import { type Decoded, decodedValue, decodeProblem } from "../../core/decoded.ts";
import { type Applications, type Principal, parsePrincipal } from "../../core/principals.ts";
import type { S2sToken, TokenKind } from "../facts.ts";
import type { JsonObject } from "../json-text.ts";
import { decodeJwt, type Jwt } from "./jwt.ts";
import { actorTokenOf, type TokenPrincipals, tenantOfIssuer, tokenKindOf } from "./token-kind.ts";
import { tokenUserOf } from "./token-user.ts";

/** Levels of nested tokens that are read; a deeper one is a problem. */
export const maxActorDepth = 3;
const maxDateMs = 8.64e15;

/** Decodes a token and its nested actor token. Decoded, NOT verified. */
export function decodeToken(compact: string, applications?: Applications): Decoded<S2sToken> {
  return decodeAtDepth(compact, 0, applications);
}

// A service sends one actor token for hours, so recent ones are cached. Only tokens without a nested one are cached, so that an
// entry does not depend on the depth of its first use.
const recentLimit = 64;
// Found by their ends: a Map would hash every character of a long text.
let recentTokens = new Map<string, { readonly compact: string; readonly token: Decoded<S2sToken> }>();
const endLength = 48;
let recentFor: Applications | undefined;

function decodeAtDepth(compact: string, depth: number, applications: Applications | undefined): Decoded<S2sToken> {
  if (recentFor !== applications || recentTokens.size >= recentLimit) {
    recentTokens = new Map();
    recentFor = applications;
  }
  const end = compact.slice(-endLength);
  const known = recentTokens.get(end);
  if (known?.compact === compact) return known.token;
  const token = decodeAnew(compact, depth, applications);
  if (token.ok && token.value.actor === null) recentTokens.set(end, { compact, token });
  return token;
}

function decodeAnew(compact: string, depth: number, applications: Applications | undefined): Decoded<S2sToken> {
  if (compact.startsWith("<redacted")) return decodeProblem("the token was removed from this capture");
  const jwt = decodeJwt(compact);
  if (!jwt.ok) return jwt;
  const { header, claims } = jwt.value;
  const oddities = [...jwt.value.oddities];
  const principals = principalsOf(claims, oddities, applications);
  const tokenKind = tokenKindOf(claims, principals);
  const times = timesOf(claims, oddities);
  const actorText = actorTokenOf(claims);
  return decodedValue({
    tokenKind,
    compact,
    header,
    claims,
    alg: textOf(header.alg),
    keyId: textOf(header.x5t) || textOf(header["x5t#S256"]) || textOf(header.kid),
    signature: jwt.value.signature,
    issuer: principals.issuer,
    caller: callerOf(tokenKind, claims, principals, applications),
    audience: principals.audience,
    issuerText: principals.issuer?.asSeen ?? "",
    audienceText: principals.audience?.asSeen ?? "",
    tenant: tenantOf(claims, principals.issuer),
    ...times,
    user: tokenUserOf(claims, tokenKind),
    actor: actorText === undefined ? null : decodeActor(actorText, depth + 1, applications),
    ...noteForm(jwt.value),
    oddities,
  });
}

function decodeActor(compact: string, depth: number, applications: Applications | undefined): Decoded<S2sToken> {
  if (depth > maxActorDepth) return decodeProblem(`tokens nested deeper than ${maxActorDepth} levels`);
  return decodeAtDepth(compact, depth, applications);
}

function noteForm(jwt: Jwt): Pick<S2sToken, "duplicates" | "shadowed"> {
  return jwt.shadowed.length === 0
    ? { duplicates: jwt.duplicates }
    : { duplicates: jwt.duplicates, shadowed: jwt.shadowed };
}

function principalsOf(claims: JsonObject, oddities: string[], applications: Applications | undefined): TokenPrincipals {
  const issuer = textClaim(claims, "iss", oddities);
  const nameId = textClaim(claims, "nameid", oddities);
  const audience = audienceClaim(claims, oddities);
  return {
    issuer: issuer === null ? null : parsePrincipal(issuer, applications),
    nameId: nameId === null ? null : parsePrincipal(nameId, applications, "first-at"),
    audience: audience === null ? null : parsePrincipal(audience, applications),
  };
}

function audienceClaim(claims: JsonObject, oddities: string[]): string | null {
  // RFC 7519 §4.1.3 allows a list; the S2S profile has none.
  if (!Array.isArray(claims.aud)) return textClaim(claims, "aud", oddities);
  oddities.push("claim aud is a list");
  const first: unknown = claims.aud[0];
  return typeof first === "string" ? first : null;
}

function textClaim(claims: JsonObject, name: string, oddities: string[]): string | null {
  const value = claims[name];
  if (typeof value === "string") return value;
  if (value !== undefined) oddities.push(`claim ${name} is not text`);
  return null;
}

function callerOf(
  kind: TokenKind,
  claims: JsonObject,
  principals: TokenPrincipals,
  applications: Applications | undefined,
): Principal | null {
  switch (kind) {
    case "self-issued":
    case "app-acts-as-user":
    case "direct-trust":
      return principals.issuer;
    case "actor":
      return principals.nameId;
    case "exchange-identity":
      return null;
    default: {
      // Entra calls it `appid` in v1 tokens and `azp` in v2 tokens.
      const id = claims.appid ?? claims.azp;
      return typeof id === "string" ? parsePrincipal(id, applications) : null;
    }
  }
}

function tenantOf(claims: JsonObject, issuer: Principal | null): string {
  if (typeof claims.tid === "string") return claims.tid;
  if (issuer === null) return "";
  if (issuer.realm !== "") return issuer.realm;
  return tenantOfIssuer(issuer.asSeen);
}

type Times = Pick<S2sToken, "notBefore" | "issuedAt" | "expires" | "lifetimeSeconds">;

function timesOf(claims: JsonObject, oddities: string[]): Times {
  const notBefore = timeClaim(claims, "nbf", oddities);
  const issuedAt = timeClaim(claims, "iat", oddities);
  const expires = timeClaim(claims, "exp", oddities);
  const start = notBefore ?? issuedAt;
  const lifetimeSeconds = start === null || expires === null ? null : (expires - start) / 1000;
  return { notBefore, issuedAt, expires, lifetimeSeconds };
}

// Seconds since 1970: JSON strings in [MS-XOAUTH] 4, numbers from the current token service.
function timeClaim(claims: JsonObject, name: "nbf" | "iat" | "exp", oddities: string[]): number | null {
  const value = claims[name];
  if (value === undefined) return null;
  const isText = typeof value === "string";
  if (isText) oddities.push(`claim ${name} is a string`);
  const seconds = isText ? secondsOf(value) : typeof value === "number" ? value : Number.NaN;
  const ms = Math.round(seconds * 1000);
  if (Number.isNaN(ms)) oddities.push(`claim ${name} is not a time`);
  else if (Math.abs(ms) <= maxDateMs) return ms;
  else oddities.push(`claim ${name} is out of the range of dates`);
  return null;
}

function secondsOf(text: string): number {
  return /^-?[0-9]{1,400}(?:\.[0-9]{1,400})?(?:[eE][+-]?[0-9]{1,5})?$/.test(text) ? Number(text) : Number.NaN;
}

function textOf(value: unknown): string {
  return typeof value === "string" ? value : "";
}
