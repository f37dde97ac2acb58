// One transaction → the signals that it proves, independent of any other transaction.
import { firstHeader, type Headers } from "../core/headers.ts";
import { type HttpTransaction, requestPath } from "../core/http-transaction.ts";
import type { S2sToken, TransactionFacts } from "../decoders/facts.ts";
import { callerDoubt } from "./caller-proof.ts";
import { graphOutcome } from "./graph-outcome.ts";
import { presentedToken, type Role } from "./role.ts";
import type { Signal } from "./stages.ts";

/** The answer to a token. `undecided`: without an answer, or with one that does not tell (503, a policy's 403, a redirect). */
export type Outcome = "accepted" | "refused" | "undecided";

export interface TransactionSignals {
  readonly signals: readonly Signal[];
  /** Null when the transaction did not present a token to a server. */
  readonly outcome: Outcome | null;
}

/**
 * Reads the signals of one transaction. `mayTrustSuccess`: the server is known to require authentication, so that a 2xx of a
 * possibly public endpoint counts as acceptance.
 */
export function readSignals(
  transaction: HttpTransaction,
  facts: TransactionFacts,
  role: Role,
  mayTrustSuccess: boolean,
): TransactionSignals {
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
  // RFC 6749 5.2: a refusal is a 400 or 401 with `error`; a 5xx is a failure of the service and proves nothing.
  const isRefused = status !== null && status >= 400 && status < 500 && status !== 429;
  return isRefused ? ["token-denied"] : [];
}

function judgeAnswer(transaction: HttpTransaction, facts: TransactionFacts, mayTrustSuccess: boolean): Outcome {
  const { response } = transaction;
  if (response === null) return "undecided";
  const { status } = response;
  if (status >= 400 && isTokenRefusal(status, facts)) return "refused";
  if (isWebPage(transaction, facts)) return "undecided";
  const answered = facts.graph === null ? plainOutcome(status, facts) : graphOutcome(status, facts.graph);
  if (answered !== "accepted") return answered;
  // Accepting an unreadable token, or one without caller, realm or signature, proves nothing.
  const token = presentedToken(facts);
  if (token === null || !hasSomeSignature(token) || callerDoubt(token) !== null) return "undecided";
  return mayTrustSuccess || requiresAuthentication(transaction, facts) ? "accepted" : "undecided";
}

function plainOutcome(status: number, facts: TransactionFacts): Outcome {
  return (status >= 200 && status < 300) || isEwsFault(status, facts) ? "accepted" : "undecided";
}

/** False for a token without a signature at any layer: a server that accepts it has not checked it, so it proves no trust. */
export function hasSomeSignature(token: S2sToken): boolean {
  const signed = token.actor?.ok === true ? token.actor.value : token;
  return signed.signature !== "absent";
}

/** True when the answer refuses a presented token: any 401, or an error status with a reason about the token. */
export function isTokenRefusal(status: number, facts: TransactionFacts): boolean {
  if (status === 401 || (status >= 400 && isOAuthRefusal(facts))) return true;
  return facts.graph !== null && graphOutcome(status, facts.graph) === "refused";
}

// Observed: 403 with invalid_token for a bad linked account, 500 while the OAuth configuration is not loaded.
// A 403 of an EWS policy has its own header and is not a refusal of the token.
function isOAuthRefusal(facts: TransactionFacts): boolean {
  if (facts.policyReason !== "") return false;
  return facts.diagnostics !== null || (facts.bearerChallenge?.error ?? "") !== "";
}

/**
 * True for an error that EWS itself reports with status 500 about the mailbox or the call (`ErrorNonExistentMailbox`): it reads the
 * call only after the sign-in. Its errors about itself (busy, internal) do not tell.
 */
function isEwsFault(status: number, facts: TransactionFacts): boolean {
  if (status !== 500 || facts.endpoint !== "ews" || isOAuthRefusal(facts)) return false;
  const { soapAnswer } = facts;
  if (soapAnswer === null || !soapAnswer.isError) return false;
  return /^Error[A-Z]/.test(soapAnswer.code) && !aboutTheServer.test(soapAnswer.code);
}

const aboutTheServer = /^Error(?:InternalServer|ServerBusy|TimeoutExpired|ExceededConnectionCount|NotEnoughMemory)/;

/**
 * True for an HTML page or a redirect in answer to a posted EWS call, and for an HTML page in answer to a Graph call: the sign-in page
 * of a device, not an answer of the service.
 */
export function isWebPage({ request, response }: HttpTransaction, facts: TransactionFacts): boolean {
  if (response === null) return false;
  const isEws = facts.endpoint === "ews" && request.method === "POST";
  if (!isEws && facts.endpoint !== "graph") return false;
  // Graph itself redirects, for example to the content of a file.
  if (response.status >= 300 && response.status < 400) return isEws;
  return response.status < 300 && /^text\/html\b/i.test(firstHeader(response.headers, "content-type") ?? "");
}

/** True for endpoints that answer 2xx to authenticated callers only; metadata and Autodiscover v2 are public. */
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
    case "graph":
      return !isPublicOfGraph(requestPath(transaction));
    case "autodiscover":
      return isAuthenticatedDiscovery(transaction.request.method, requestPath(transaction));
    default:
      return false;
  }
}

/**
 * A GET of autodiscover.xml is answered to authenticated callers only, with error 600 (Microsoft's tests of Autodiscover by a
 * browser rest on it); other documents of Autodiscover are public to GET.
 */
function isAuthenticatedDiscovery(method: string, path: string): boolean {
  if (/\/autodiscover\.json/i.test(path)) return false;
  return method !== "GET" || /\/autodiscover\.xml(?:[?#]|$)/i.test(path);
}

/** Graph shows its service document and its schema to everybody. */
function isPublicOfGraph(path: string): boolean {
  return /^\/+(?:(?:v\d{1,2}\.\d{1,2}|beta)\/*)?(?:(?:\$|%24)metadata\/*)?(?:[?#]|$)/i.test(path);
}

/** The servers that an answer names: the front end, and the back end that it relayed the request to. */
export interface Route {
  /** Printable ASCII, truncated; empty when not named. */
  readonly front: string;
  readonly back: string;
}

/** The Exchange servers that an answer names; null when it names none. */
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
