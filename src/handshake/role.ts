// The role of one transaction in a service-to-service handshake, judged by the transaction alone.
import { isPersonsUserAgent } from "../core/well-known-clients.ts";
import type { S2sToken, ServiceEndpoint, TransactionFacts } from "../decoders/facts.ts";
import { namesApplication } from "./caller-proof.ts";

/**
 * `discovery` is the first leg of Teams: it looks for EWS without sign-in. `call` carries a service's token; `user-call` the token of a person or of an unknown owner; `identity-token` an Exchange identity
 * token, which proves nothing about the handshake. `windows` is NTLM or Negotiate.
 */
export type Role =
  | "probe"
  | "anonymous"
  | "discovery"
  | "call"
  | "user-call"
  | "identity-token"
  | "basic"
  | "windows"
  | "federation"
  | "token-request"
  | "sts"
  | "other";

/** True for the User-Agent of a program that persons sign in with; never for that of a cloud service. */
export function isUserClient(facts: TransactionFacts): boolean {
  return isPersonsUserAgent(facts.userAgent);
}

/** True for the check of a delegate by Teams, which EWS lists on premises must let in under a name of its own. */
export function isDelegateCheck({ userAgent, endpoint }: TransactionFacts): boolean {
  return endpoint === "ews" && /SchedulingService/.test(userAgent);
}

/** The token of the Authorization field when readable, else null. */
export function presentedToken(facts: TransactionFacts): S2sToken | null {
  const { authorization } = facts;
  return authorization.scheme === "bearer" && authorization.token.ok ? authorization.token.value : null;
}

/** The self-issued assertion of a token request ([MS-XOAUTH] 3.2.5.2) when readable, else null. */
export function assertionOf(facts: TransactionFacts): S2sToken | null {
  for (const { side, path, token } of facts.tokens)
    if (side === "request" && (path === "assertion" || path === "client_assertion") && token.ok) return token.value;
  return null;
}

/** The token that the token service issued when readable, else null. */
export function issuedToken(facts: TransactionFacts): S2sToken | null {
  for (const { side, path, token } of facts.tokens)
    if (side === "response" && path === "access_token" && token.ok) return token.value;
  return null;
}

/** The role of a transaction, whatever the status of its answer. */
export function roleOf(facts: TransactionFacts): Role {
  if (facts.tokenRequest !== null) return "token-request";
  if (facts.endpoint === "sts-token" || facts.endpoint === "sts-metadata") return "sts";
  if (facts.endpoint === "ews-ws-security" || facts.federation === "ws-security") return "federation";
  switch (facts.authorization.scheme) {
    case "none":
      return facts.discovery !== undefined && facts.isCloudUserAgent ? "discovery" : "anonymous";
    case "bearer-probe":
      return "probe";
    case "bearer":
      return roleOfBearer(facts);
    case "basic":
      return "basic";
    case "ntlm":
    case "negotiate":
      return "windows";
    case "removed":
    case "other":
      return "other";
  }
}

function roleOfBearer(facts: TransactionFacts): Role {
  const token = presentedToken(facts);
  // An unreadable token of a cloud service is part of its handshake; an opaque token of another program is not.
  if (token === null) return facts.isCloudUserAgent ? "call" : "user-call";
  switch (token.tokenKind) {
    case "actor":
    case "app-acts-as-user":
    case "direct-trust":
    case "app-asserted-user":
    case "self-issued":
      return "call";
    case "exchange-identity":
      return "identity-token";
    case "entra-v1":
    case "entra-v2":
      return facts.isCloudUserAgent || isApplicationToken(token) ? "call" : "user-call";
    case "adfs":
      return facts.isCloudUserAgent ? "call" : "user-call";
    case "unknown":
      return facts.isCloudUserAgent || isServiceToken(token) ? "call" : "user-call";
  }
}

/**
 * True for the Entra token of an application alone: `idtyp` says so where it is present (an optional claim); a delegated token
 * (`scp`) is a person's sign-in with modern authentication; a token without `appid` and `azp` is an id token (observed: V1IdToken).
 */
export function isApplicationToken({ claims }: S2sToken): boolean {
  if (claims.scp !== undefined || claims.idtyp === "user") return false;
  return claims.appid !== undefined || claims.azp !== undefined;
}

// An incomplete token of the S2S profile counts as the token of a service: it may be an attempt to pass for one.
function isServiceToken(token: S2sToken): boolean {
  if (token.claims.scp !== undefined) return false;
  const named = token.caller ?? token.issuer;
  return (named !== null && named.name !== null) || namesApplication(token);
}

/** True when any `Authorization` field is Basic, decodable or not. Ignores the password of a proxy. */
export function hasPassword({ authorization, otherCredentials }: TransactionFacts): boolean {
  if (authorization.scheme === "basic") return true;
  return otherCredentials.some(({ field, scheme }) => field === "authorization" && scheme === "basic");
}

const passwordEndpoints: ReadonlySet<ServiceEndpoint> = new Set(["ews", "autodiscover", "metadata"]);

/** True for EWS, Autodiscover and metadata: there, a service's password is a fallback. */
export function isServiceEndpoint(endpoint: ServiceEndpoint): boolean {
  return passwordEndpoints.has(endpoint);
}
