// One transaction → what it proves. Nothing here knows any other transaction.
import { firstHeader, type Headers } from "../core/headers.ts";
import { type HttpTransaction, requestPath } from "../core/http-transaction.ts";
import type { S2sToken, TransactionFacts } from "../decoders/facts.ts";
import { callerDoubt } from "./caller-proof.ts";
import { presentedToken, type Role } from "./role.ts";
import type { Signal } from "./stages.ts";

/** What the server said to a token. `undecided`: no answer, or one that does not tell (503, a policy's 403, a redirect). */
export type Outcome = "accepted" | "refused" | "undecided";

export interface Reading {
  readonly signals: readonly Signal[];
  /** Null when the transaction presented no token to a server. */
  readonly outcome: Outcome | null;
}

/**
 * Reads the signals of one transaction. `mayTrustSuccess`: the server has been seen to ask for authentication, so that
 * a 2xx of an endpoint that could be public counts as acceptance.
 */
export function readSignals(
  transaction: HttpTransaction,
  facts: TransactionFacts,
  role: Role,
  mayTrustSuccess: boolean,
): Reading {
  const status = transaction.response?.status ?? null;
  switch (role) {
    case "probe":
      return { signals: status === 401 ? ["probed", "challenged"] : ["probed"], outcome: null };
    case "anonymous":
      return { signals: status === 401 ? ["challenged"] : [], outcome: null };
    case "call": {
      const outcome = judgeAnswer(transaction, facts, mayTrustSuccess);
      return { signals: outcome === "undecided" ? ["token-presented"] : ["token-presented", outcome], outcome };
    }
    case "token-request":
      return { signals: readTokenAnswer(facts, status), outcome: null };
    default:
      return { signals: [], outcome: null };
  }
}

function readTokenAnswer(facts: TransactionFacts, status: number | null): readonly Signal[] {
  if (facts.tokenAnswer?.isIssued === true) return ["token-issued"];
  // RFC 6749 5.2: a refusal is a 400 or 401 with `error`; a 5xx is the service's own trouble and proves nothing.
  const isRefused = status !== null && status >= 400 && status < 500 && status !== 429;
  return isRefused ? ["token-denied"] : [];
}

function judgeAnswer(transaction: HttpTransaction, facts: TransactionFacts, mayTrustSuccess: boolean): Outcome {
  const { response } = transaction;
  if (response === null) return "undecided";
  const { status } = response;
  if (status >= 400) return isTokenRefusal(status, facts) ? "refused" : "undecided";
  if (status < 200 || status >= 300 || isWebPage(transaction, facts)) return "undecided";
  // What was accepted is not known to be a token at all, or shows no caller, no realm or no signature.
  const token = presentedToken(facts);
  if (token === null || !hasSomeSignature(token) || callerDoubt(token) !== null) return "undecided";
  return mayTrustSuccess || requiresAuthentication(transaction, facts) ? "accepted" : "undecided";
}

/** False for a token that nobody signed, at any layer: whoever takes it has not checked it, so taking it shows no trust. */
export function hasSomeSignature(token: S2sToken): boolean {
  const signed = token.actor?.ok === true ? token.actor.value : token;
  return signed.signature !== "absent";
}

/** True when such an answer refuses a token that was presented: any 401, else one that says so. */
export function isTokenRefusal(status: number, facts: TransactionFacts): boolean {
  return status === 401 || (status >= 400 && isOAuthRefusal(facts));
}

// Observed: 403 with invalid_token where the linked account is bad, 500 where the OAuth configuration is not loaded.
// A 403 of an EWS policy says so in its own header and is no refusal of the token.
function isOAuthRefusal(facts: TransactionFacts): boolean {
  if (facts.policyReason !== "") return false;
  return facts.diagnostics !== null || (facts.bearerChallenge?.error ?? "") !== "";
}

/** True for an HTML page or a redirect in answer to a posted service call: a sign-in page of a device, nothing that EWS says. */
export function isWebPage({ request, response }: HttpTransaction, facts: TransactionFacts): boolean {
  if (response === null || request.method !== "POST" || facts.endpoint !== "ews") return false;
  if (response.status >= 300 && response.status < 400) return true;
  return response.status < 300 && /^text\/html\b/i.test(firstHeader(response.headers, "content-type") ?? "");
}

/** True for endpoints that answer 2xx only to someone who is authenticated; metadata and Autodiscover v2 answer anyone. */
export function requiresAuthentication(transaction: HttpTransaction, facts: TransactionFacts): boolean {
  switch (facts.endpoint) {
    case "ews":
    case "mapi":
    case "rest":
    case "ucwa":
    case "activesync":
    case "rpc":
    case "oab":
      return true;
    case "autodiscover":
      return transaction.request.method !== "GET" && !/\/autodiscover\.json/i.test(requestPath(transaction));
    default:
      return false;
  }
}

/** The servers that an answer names: the one that took the request, and the one behind it that it was passed on to. */
export interface Route {
  /** Printable ASCII, cut; empty when it is not named. */
  readonly front: string;
  readonly back: string;
}

/** The Exchange servers that say that they answered behind a shared name; null when none does. */
export function routeOf({ response }: HttpTransaction): Route | null {
  if (response === null) return null;
  const front = serverNamed(response.headers, ["x-feserver"]);
  const back = serverNamed(response.headers, ["x-beserver", "x-calculatedbetarget", "x-diaginfo"]);
  return front === "" && back === "" ? null : { front, back };
}

function serverNamed(headers: Headers, fields: readonly string[]): string {
  for (const field of fields) {
    const name = (firstHeader(headers, field) ?? "").replace(/[^A-Za-z0-9._-]/g, "").slice(0, 64);
    if (name !== "") return name;
  }
  return "";
}
