// Detects whether credentials were removed from a capture. Browsers leave them out of an export unless told otherwise, and
// other tools write a marker: the capture then shows neither a token nor whether a password was sent.
import type { ServiceEndpoint } from "../../decoders/facts.ts";
import type { GraphCause } from "../../decoders/graph-facts.ts";
import { isWebPage, requiresAuthentication } from "../../handshake/signals.ts";
import type { RuleInput } from "./rule.ts";

/** Credentials in the requests to one host. Mutable, one a host for the whole capture. */
export interface CredentialRecord {
  hasAuthorization: boolean;
  /** Requests with a marker in place of `Authorization`. */
  readonly masked: string[];
  /** Requests with a marker in place of a cookie. */
  readonly maskedCookies: string[];
  /** Requests without credentials whose answers need credentials. */
  readonly unexplained: string[];
  /** Other requests without credentials, after a token was issued. */
  readonly bare: string[];
}

export type RemovalKind = "masked" | "missing";

type CredentialSign = "authorization" | "masked" | "masked-cookie" | "unexplained" | "bare";

const evidenceLimit = 20;
const serviceEndpoints: ReadonlySet<ServiceEndpoint> = new Set(["ews", "autodiscover", "rest", "graph"]);

export function newCredentialRecord(): CredentialRecord {
  return { hasAuthorization: false, masked: [], maskedCookies: [], unexplained: [], bare: [] };
}

/**
 * Classifies the credentials of one request; null when nothing follows from it. `isTokenIssued`: a token service has issued a
 * token before, so calls with a token are expected.
 */
export function classifyCredentials(
  { transaction, facts, correlation }: RuleInput,
  isTokenIssued: boolean,
): CredentialSign | null {
  const { authorization, endpoint, otherCredentials } = facts;
  if (correlation.role === "token-request" || correlation.role === "sts") return null;
  const isMasked = authorization.scheme === "removed" || otherCredentials.some(isMaskedAuthorization);
  if (isMasked) return endpoint === "other" ? null : "masked";
  if (authorization.scheme !== "none") return "authorization";
  // Federation has its credentials in the SOAP envelope; a front end signs in once for each connection to a back end.
  if (!serviceEndpoints.has(endpoint) || facts.federation !== null) return null;
  if (endpoint === "graph" && !requiresAuthentication(transaction, facts)) return null;
  if (otherCredentials.some(({ field }) => field === "cookie")) return "masked-cookie";
  if (isUnexplained({ transaction, facts })) return "unexplained";
  return isTokenIssued ? "bare" : null;
}

function isMaskedAuthorization({ field, scheme }: RuleInput["facts"]["otherCredentials"][number]): boolean {
  return field === "authorization" && scheme === "removed";
}

/** Accepted at an endpoint that asks for authentication, or refused with an error about a token. */
function isUnexplained({ transaction, facts }: Pick<RuleInput, "transaction" | "facts">): boolean {
  const status = transaction.response?.status ?? 0;
  if (status >= 200 && status < 300)
    return isCall(transaction, facts) && requiresAuthentication(transaction, facts) && !isWebPage(transaction, facts);
  return isTokenRefused({ transaction, facts });
}

/** EWS and Autodiscover are called by POST; a GET may be a health check, which needs no authentication. */
function isCall({ request }: RuleInput["transaction"], { endpoint }: RuleInput["facts"]): boolean {
  const isRest = endpoint === "rest" || endpoint === "graph";
  return request.method === "POST" || (isRest && request.method !== "HEAD" && request.method !== "OPTIONS");
}

/** True for an answer that refuses a token, whatever the request shows. A probe of a domain without OAuth gets diagnostics, too. */
export function isTokenRefused({ transaction, facts }: Pick<RuleInput, "transaction" | "facts">): boolean {
  if ((transaction.response?.status ?? 0) !== 401) return false;
  const { bearerChallenge, diagnostics, graph } = facts;
  if (graph !== null && graph.error !== null) return ofSentToken.has(graph.error.cause);
  if (diagnostics !== null) return diagnostics.cause !== "unknown" && diagnostics.cause !== "oauth_not_available";
  return bearerChallenge?.error === "invalid_token";
}

/** Causes that Graph names only when a token was sent: the one of an empty request is `token-missing`. */
const ofSentToken: ReadonlySet<GraphCause> = new Set<GraphCause>([
  ...(["token-expired", "token-audience", "token-signature", "token-revoked"] as const),
]);

/** Records the credentials of one request to the host. */
export function noteCredentials(record: CredentialRecord, seen: CredentialSign, transactionId: string): void {
  if (seen === "authorization") {
    record.hasAuthorization = true;
    return;
  }
  const lists = {
    masked: record.masked,
    "masked-cookie": record.maskedCookies,
    unexplained: record.unexplained,
    bare: record.bare,
  } as const;
  const ids = lists[seen];
  if (ids.length < evidenceLimit) ids.push(transactionId);
}

/**
 * The evidence that credentials were removed from the requests to a host; null when there is none. `isExcerpt`: the input is
 * one message, whose request may be missing.
 */
export function findRemoval(
  { hasAuthorization, masked, maskedCookies, unexplained, bare }: CredentialRecord,
  isExcerpt: boolean,
): { readonly how: RemovalKind; readonly evidence: readonly string[] } | null {
  if (masked.length > 0) return { how: "masked", evidence: masked };
  if (hasAuthorization || isExcerpt) return null;
  if (maskedCookies.length > 0) return { how: "masked", evidence: maskedCookies };
  if (unexplained.length > 0) return { how: "missing", evidence: unexplained };
  return bare.length > 0 ? { how: "missing", evidence: bare } : null;
}
