// Which handshake a transaction belongs to. A handshake is one caller (application and realm) at one client address
// talking to one server. It is found by client-request-id, by the token (also the issued one), by caller and server, and, before
// the caller is known, by connection and time. Every event costs O(1); all memory is bounded.
//
// Until a token is presented, an approach is a handshake without a caller. The token then names it, or merges it into the
// handshake that already has that name. An approach on a connection with a known handshake is counted there at once, and moved
// (`prelude`, `restore`) when its token has another caller.
import type { HttpTransaction } from "../core/http-transaction.ts";
import { recentMap } from "../core/recent-map.ts";
import type { TransactionFacts } from "../decoders/facts.ts";
import { type Place, placeOf, startConversations } from "./conversation.ts";
import {
  acceptApproach,
  acceptOtherSignIn,
  acceptUserCall,
  addPassword,
  openWindowsSignIn,
} from "./correlate-approach.ts";
import { startCorrelateCalls } from "./correlate-calls.ts";
import { acceptDiscovery } from "./correlate-discovery.ts";
import { acceptTokenRequest, isServiceRequest } from "./correlate-tokens.ts";
import {
  type ConversationFacts,
  type Correlation,
  type CorrelationInput,
  type FallbackEvidence,
  noHandshake,
  type RoleCorrelation,
} from "./correlation.ts";
import { type HandshakeStore, startHandshakeStore } from "./handshake-store.ts";
import type { Handshake, OtherSignIn } from "./reduce.ts";
import { hasPassword, isServiceEndpoint, isUserClient, presentedToken, type Role, roleOf } from "./role.ts";

export interface Correlator {
  accept(transaction: HttpTransaction, facts: TransactionFacts): Correlation;
  /** Records the result of a signature check for a handshake; null when nothing changes. */
  setSignature(handshakeId: string, outcome: "verified" | "failed" | "no-key", signingKey?: string): Handshake | null;
  get(handshakeId: string): Handshake | undefined;
  /** In the order of their first transactions. */
  handshakes(): readonly Handshake[];
  /** Handshakes that were evicted since the last call. */
  takeEvicted(): readonly Handshake[];
}

/**
 * Starts a correlator; the same events in the same order give the same handshakes, whose ids begin with `prefix`. `store` when rows of
 * logs are correlated beside (`rows/correlate-rows.ts`).
 */
export function startCorrelator(prefix = "", store: HandshakeStore = startHandshakeStore(prefix)): Correlator {
  const conversations = startConversations();
  const calls = startCorrelateCalls(store);
  const signedIn = startSignedInConnections();
  const dispatch = (input: CorrelationInput, role: Role): RoleCorrelation => {
    switch (role) {
      case "probe":
      case "anonymous":
        return acceptApproach(store, input, role);
      case "discovery":
        return acceptDiscovery(store, input);
      case "call":
        return calls.accept(input);
      case "user-call":
        return isUnreadableCall(input) ? calls.accept(input) : acceptUserCall(store, input);
      case "token-request":
        return acceptTokenRequest(store, input);
      case "windows":
        return acceptWindows(store, input);
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
      const isSignedIn = signedIn.isSignedIn(place, transaction, facts);
      const before: ConversationFacts = { isBearerOffered, isProbed, hasServiceToken, challenge, isSignedIn };
      const role = roleOf(facts);
      const input: CorrelationInput = { transaction, facts, place, conversation, before };
      learn(input, role);
      const isPassword = hasPassword(facts);
      const fallback = isPassword ? fallbackEvidence(input, role) : null;
      const dispatched = dispatch(input, role);
      const correlated = fallback === null ? dispatched : addPassword(store, input, dispatched);
      const { handshake, outcome } = correlated;
      if (handshake !== null && place.requestId !== "")
        store.requests.note(place.requestId, handshake.id, { outcome, isPassword });
      return { ...correlated, role, fallback, conversation: before, server: place.server };
    },
    setSignature(handshakeId, outcome, signingKey = "") {
      const handshake = store.get(handshakeId);
      if (handshake === undefined || (handshake.signature === outcome && handshake.signingKey === signingKey))
        return null;
      // A missing key does not replace the result of a check.
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

const rememberedConnections = 4_096;

/** NTLM signs a connection in, not a request ([MS-NTHT]): the requests after the sign-in carry no credentials. */
function startSignedInConnections(): {
  isSignedIn(place: Place, transaction: HttpTransaction, facts: TransactionFacts): boolean;
} {
  const connections = recentMap<string, boolean>(rememberedConnections);
  return {
    isSignedIn({ client, server, connection }, { response }, { authorization, ntlmSent }) {
      if (connection === "") return false;
      const key = `${client} ${server} ${connection}`;
      const isLast = ntlmSent?.isNtlm === true && ntlmSent.type === "authenticate";
      const isSignedIn = authorization.scheme === "none" && connections.get(key) === true;
      const status = response?.status ?? null;
      if (status === 401) connections.set(key, false);
      else if (isLast && status !== null) connections.set(key, true);
      return isSignedIn && status !== 401;
    },
  };
}

function numberOf({ id }: Handshake, prefix: string): number {
  return Number(id.slice(prefix.length + 1));
}

/** Updates the conversation for its later transactions. */
function learn({ transaction, facts, conversation }: CorrelationInput, role: Role): void {
  if (role === "probe" && !isUserClient(facts)) conversation.isProbed = true;
  if ((role === "call" && presentedToken(facts) !== null) || (role === "token-request" && isServiceRequest(facts)))
    conversation.program.hasServiceToken = true;
  // A 401 to the look-up is a device's: it does not show that EWS requires authentication.
  if (transaction.response?.status !== 401 || role === "discovery") return;
  conversation.isChallenged = true;
  // A password sent unprompted: Bearer was not offered before it, even when the refusal lists Bearer.
  if (facts.bearerChallenge === null || role === "basic" || role === "windows") return;
  conversation.isBearerOffered = true;
  conversation.challenge = facts.bearerChallenge;
}

/**
 * The evidence that a service sent a password, on EWS, Autodiscover or metadata; null without evidence. An earlier 401 that offered
 * Bearer is not evidence: user programs receive it, too, and no list of them is complete.
 */
function fallbackEvidence({ facts, before }: CorrelationInput, role: Role): FallbackEvidence | null {
  if (role === "token-request" || !isServiceEndpoint(facts.endpoint)) return null;
  if (role === "call") return "beside-token";
  if (before.hasServiceToken) return "after-service-token";
  if (isUserClient(facts)) return null;
  const isProbe = role === "probe" || facts.otherCredentials.some(({ scheme }) => scheme === "bearer-probe");
  if (before.isProbed || isProbe) return "after-probe";
  if (facts.isCloudUserAgent) return "cloud-user-agent";
  // Only servers request metadata.
  return facts.endpoint === "metadata" ? "service-endpoint" : null;
}

// Front ends and load balancer probes use Negotiate by default, so a 401 that offered Bearer is not enough.
function isServiceSignIn({ facts, before }: CorrelationInput): boolean {
  if (isUserClient(facts) || facts.federation === "common-access-token") return false;
  return facts.isCloudUserAgent || before.isProbed;
}

function acceptWindows(store: HandshakeStore, input: CorrelationInput): RoleCorrelation {
  if (!isServiceSignIn(input)) return noHandshake;
  if (input.facts.ntlmSent?.type === "negotiate") return openWindowsSignIn(store, input);
  return acceptOtherSignIn(store, input, windowsKind(input.facts));
}

function windowsKind(facts: TransactionFacts): OtherSignIn {
  return facts.authorization.scheme === "ntlm" || facts.ntlmSent?.isNtlm === true ? "ntlm" : "negotiate";
}

/** An unreadable Bearer value after a probe of a service: the broken token of that service. */
function isUnreadableCall({ facts, before }: CorrelationInput): boolean {
  const { authorization } = facts;
  if (authorization.scheme !== "bearer" || !before.isProbed || isUserClient(facts)) return false;
  return !authorization.token.ok || authorization.token.value.tokenKind === "unknown";
}
