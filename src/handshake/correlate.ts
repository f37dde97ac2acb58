// Which handshake a transaction belongs to. A handshake is one caller (application and realm) at one client address
// talking to one server. It is found again by client-request-id, by the token (also the one the STS gave out), by caller
// and server, and, before the caller is known, by connection and time. Every event costs O(1); all memory is bounded.
//
// While nobody has shown a token, the approach is a handshake without a caller. When a token comes, it gets its name, or
// is taken into the handshake that has that name already. An approach on a connection whose handshake is known is
// counted there at once, and moved (`prelude`, `restore`) when its token turns out to be another caller's.
import type { HttpTransaction } from "../core/http-transaction.ts";
import type { TransactionFacts } from "../decoders/facts.ts";
import { placeOf, startConversations } from "./conversation.ts";
import { acceptApproach, acceptOtherSignIn, acceptUserCall, addPassword } from "./correlate-approach.ts";
import { startCorrelateCalls } from "./correlate-calls.ts";
import { acceptTokenRequest, isServiceRequest } from "./correlate-tokens.ts";
import {
  type ConversationFacts,
  type Correlated,
  type Correlation,
  type CorrelationInput,
  type FallbackEvidence,
  noHandshake,
} from "./correlation.ts";
import { startHandshakeStore } from "./handshake-store.ts";
import type { Handshake, OtherSignIn } from "./reduce.ts";
import { hasPassword, isServiceEndpoint, isUserClient, presentedToken, type Role, roleOf } from "./role.ts";

export interface Correlator {
  accept(transaction: HttpTransaction, facts: TransactionFacts): Correlation;
  /** Records what checking a signature said about a handshake's token; null when that changes nothing. */
  setSignature(handshakeId: string, outcome: "verified" | "failed" | "no-key", signingKey?: string): Handshake | null;
  get(handshakeId: string): Handshake | undefined;
  /** In the order they began to be seen. */
  handshakes(): readonly Handshake[];
  /** Handshakes forgotten for want of room since the last call. */
  takeEvicted(): readonly Handshake[];
}

/** Starts a correlator; the same events in the same order give the same handshakes, whose ids begin with `prefix`. */
export function startCorrelator(prefix = ""): Correlator {
  const conversations = startConversations();
  const store = startHandshakeStore(prefix);
  const calls = startCorrelateCalls(store);
  const dispatch = (input: CorrelationInput, role: Role): Correlated => {
    switch (role) {
      case "probe":
      case "anonymous":
        return acceptApproach(store, input, role);
      case "call":
        return calls.accept(input);
      case "user-call":
        return isUnreadableCall(input) ? calls.accept(input) : acceptUserCall(store, input);
      case "token-request":
        return acceptTokenRequest(store, input);
      case "windows":
        return isServiceSignIn(input) ? acceptOtherSignIn(store, input, windowsKind(input.facts)) : noHandshake;
      case "federation":
        return acceptOtherSignIn(store, input, "ws-security");
      default:
        return noHandshake;
    }
  };
  return {
    accept(transaction, facts) {
      const place = placeOf(transaction, facts);
      const conversation = conversations.at(place);
      const { isBearerOffered, isProbed, challenge, program } = conversation;
      const { hasServiceToken } = program;
      const seen: ConversationFacts = { isBearerOffered, isProbed, hasServiceToken, challenge };
      const role = roleOf(facts);
      const input: CorrelationInput = { transaction, facts, place, conversation, seen };
      learn(input, role);
      const fallback = hasPassword(facts) ? fallbackEvidence(input, role) : null;
      const dispatched = dispatch(input, role);
      const correlated = fallback === null ? dispatched : addPassword(store, input, dispatched);
      const { handshake } = correlated;
      if (handshake !== null && place.requestId !== "") store.byRequestId.name(place.requestId, handshake.id);
      return { ...correlated, role, fallback, conversation: seen, server: place.server };
    },
    setSignature(handshakeId, outcome, signingKey = "") {
      const handshake = store.get(handshakeId);
      if (handshake === undefined || (handshake.signature === outcome && handshake.signingKey === signingKey))
        return null;
      // A missing key says less than a check that was made.
      if (outcome === "no-key" && handshake.signature !== "unchecked") return null;
      const checked: Handshake = { ...handshake, signature: outcome, signingKey };
      store.put(checked);
      return checked;
    },
    get: (id) => store.get(id),
    handshakes: () => [...store.all()].sort((one, other) => numberOf(one, prefix) - numberOf(other, prefix)),
    takeEvicted: () => store.takeEvicted(),
  };
}

function numberOf({ id }: Handshake, prefix: string): number {
  return Number(id.slice(prefix.length + 1));
}

/** What every later transaction of the conversation may rely on. */
function learn({ transaction, facts, conversation }: CorrelationInput, role: Role): void {
  if (role === "probe" && !isUserClient(facts)) conversation.isProbed = true;
  if ((role === "call" && presentedToken(facts) !== null) || (role === "token-request" && isServiceRequest(facts)))
    conversation.program.hasServiceToken = true;
  if (transaction.response?.status !== 401) return;
  conversation.isChallenged = true;
  // Who signs in with a password unasked was not offered Bearer first, even when the refusal then lists it.
  if (facts.bearerChallenge === null || role === "basic" || role === "windows") return;
  conversation.isBearerOffered = true;
  conversation.challenge = facts.bearerChallenge;
}

/**
 * The third rung of the ladder for passwords: on EWS, Autodiscover or metadata, and something shows that a service sent it.
 * That a 401 offered Bearer before shows nothing: user programs are answered so, too, and no list of them is ever whole.
 */
function fallbackEvidence({ facts, seen }: CorrelationInput, role: Role): FallbackEvidence | null {
  if (role === "token-request" || !isServiceEndpoint(facts.endpoint)) return null;
  if (role === "call") return "beside-token";
  if (seen.hasServiceToken) return "after-service-token";
  if (isUserClient(facts)) return null;
  const isProbe = role === "probe" || facts.otherCredentials.some(({ scheme }) => scheme === "bearer-probe");
  if (seen.isProbed || isProbe) return "after-probe";
  if (facts.isCloudUserAgent) return "cloud-user-agent";
  // Only servers ask for metadata.
  return facts.endpoint === "metadata" ? "service-endpoint" : null;
}

// Front end to back end and load balancer probes are Negotiate by default, so a 401 that offered Bearer is not enough.
function isServiceSignIn({ facts, seen }: CorrelationInput): boolean {
  if (isUserClient(facts) || facts.federation === "common-access-token") return false;
  return facts.isCloudUserAgent || seen.isProbed;
}

function windowsKind(facts: TransactionFacts): OtherSignIn {
  return facts.authorization.scheme === "ntlm" || facts.ntlmSent?.isNtlm === true ? "ntlm" : "negotiate";
}

/** A Bearer value that cannot be read, after a probe that no person's program sent: the service's own broken token. */
function isUnreadableCall({ facts, seen }: CorrelationInput): boolean {
  const { authorization } = facts;
  if (authorization.scheme !== "bearer" || !seen.isProbed || isUserClient(facts)) return false;
  return !authorization.token.ok || authorization.token.value.tokenKind === "unknown";
}
