// What part one transaction plays in a service-to-service handshake, judged by itself alone.
import type { S2sToken, ServiceEndpoint, TransactionFacts } from "../decoders/facts.ts";
import { namesApplication } from "./caller-proof.ts";

/**
 * `call` carries a service's token; `user-call` a token that is a person's or cannot be told; `identity-token` an
 * Exchange identity token, which proves nothing about the handshake. `windows` is NTLM or Negotiate.
 */
export type Role =
  | "probe"
  | "anonymous"
  | "call"
  | "user-call"
  | "identity-token"
  | "basic"
  | "windows"
  | "federation"
  | "token-request"
  | "sts"
  | "other";

// Programs a person signs in with: phones, Outlook, the desktop clients, browsers. A hint for what is expected, never a proof.
const userClient =
  /outlook|microsoft office|iphone|ipad|android|apple|mac ?os|thunderbird|mozilla|opera|\bOC\/|UCCAPI|lync mobile|msft-(?:wp|win|pph)|samsung|exchangewebservices|caldav|davmail|evolution/i;

/** True when the User-Agent is a program that a person signs in with; a cloud service's own is never one. */
export function isUserClient(facts: TransactionFacts): boolean {
  return !facts.isCloudUserAgent && userClient.test(facts.userAgent);
}

/** The token of the Authorization field when it could be read, else null. */
export function presentedToken(facts: TransactionFacts): S2sToken | null {
  const { authorization } = facts;
  return authorization.scheme === "bearer" && authorization.token.ok ? authorization.token.value : null;
}

/** The self-issued assertion that a token request carries ([MS-XOAUTH] 3.2.5.2), when it could be read. */
export function assertionOf(facts: TransactionFacts): S2sToken | null {
  for (const { side, path, token } of facts.tokens)
    if (side === "request" && (path === "assertion" || path === "client_assertion") && token.ok) return token.value;
  return null;
}

/** The token that the token service gave out, when it could be read. */
export function issuedToken(facts: TransactionFacts): S2sToken | null {
  for (const { side, path, token } of facts.tokens)
    if (side === "response" && path === "access_token" && token.ok) return token.value;
  return null;
}

/** The part this transaction plays; the answer's status plays none in it. */
export function roleOf(facts: TransactionFacts): Role {
  if (facts.tokenRequest !== null) return "token-request";
  if (facts.endpoint === "sts-token" || facts.endpoint === "sts-metadata") return "sts";
  if (facts.endpoint === "ews-ws-security" || facts.federation === "ws-security") return "federation";
  switch (facts.authorization.scheme) {
    case "none":
      return "anonymous";
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
  // Unreadable: a cloud service's own failing is part of its handshake; another program's opaque token is not.
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
      return facts.isCloudUserAgent || isApplicationToken(token) ? "call" : "user-call";
    case "adfs":
      return facts.isCloudUserAgent ? "call" : "user-call";
    case "unknown":
      return facts.isCloudUserAgent || isServiceToken(token) ? "call" : "user-call";
  }
}

// A delegated token (`scp`) is a person's sign-in with modern authentication, an application's carries roles; one with
// neither `scp` nor `appid` is an id token (observed: V1IdToken).
function isApplicationToken({ claims }: S2sToken): boolean {
  return claims.scp === undefined && claims.appid !== undefined;
}

// A token of the S2S profile that lacks a part of it is still a service's, or somebody's who wants to be taken for one.
function isServiceToken(token: S2sToken): boolean {
  if (token.claims.scp !== undefined) return false;
  const named = token.caller ?? token.issuer;
  return (named !== null && named.name !== null) || namesApplication(token);
}

/** True when any of the `Authorization` fields is Basic, also one that cannot be decoded. A proxy's password is another matter. */
export function hasPassword({ authorization, otherCredentials }: TransactionFacts): boolean {
  if (authorization.scheme === "basic") return true;
  return otherCredentials.some(({ field, scheme }) => field === "authorization" && scheme === "basic");
}

const passwordEndpoints: ReadonlySet<ServiceEndpoint> = new Set(["ews", "autodiscover", "metadata"]);

/** EWS, Autodiscover and metadata: where a password in place of a token is a fallback when a service sends it. */
export function isServiceEndpoint(endpoint: ServiceEndpoint): boolean {
  return passwordEndpoints.has(endpoint);
}
