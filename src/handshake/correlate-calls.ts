// Calls with a token: how they and their answers change a handshake.
import { isPersonsName } from "../core/principals.ts";
import type { S2sToken } from "../decoders/facts.ts";
import { tokenServiceOf } from "../decoders/tokens/token-service.ts";
import { type CorrelationInput, noHandshake, type RoleCorrelation } from "./correlation.ts";
import { nextRoute } from "./direction.ts";
import { ewsPolicyOf } from "./ews-policy.ts";
import { type Call, findCall } from "./find-call.ts";
import { startFrontEnds } from "./front-ends.ts";
import { isPermissionRefused, refusedCallsAfter } from "./graph-outcome.ts";
import type { HandshakeStore } from "./handshake-store.ts";
import { absorbHandshake, addSignal, addTransaction, type Draft, type Handshake, type Lane, laneOf } from "./reduce.ts";
import { presentedToken } from "./role.ts";
import { type Outcome, readSignals } from "./signals.ts";
import { answerNote } from "./step-notes.ts";
import { tokenIdentity } from "./token-identity.ts";
import { notePresented } from "./token-index.ts";

/** Starts the part of the correlator that handles calls. It records the answers of the servers by kind of token. */
export function startCorrelateCalls(store: HandshakeStore): { accept(input: CorrelationInput): RoleCorrelation } {
  const compareServers = startFrontEnds(store);
  return {
    accept(input) {
      const call = callOf(store, input);
      const { token } = call;
      dropStalePrelude(store, input);
      const found = findCall(store, input, call);
      const changed = leavePrelude(store, input, found.handshake);
      const before = takeIn(store, found.handshake, found.preludes);
      const lane = laneOf(token);
      const draft: Draft = { ...before };
      identify(draft, call);
      const outcome = addCall(draft, input, token);
      const { handshake, changed: compared, servers } = compareServers(draft, input, call, outcome);
      store.put(handshake);
      if (call.callerId !== "") store.byCall.name(call.name, handshake.id);
      if (call.record !== undefined) notePresented(call.record, call.server, handshake.id);
      input.conversation.handshakeId = handshake.id;
      return {
        handshake,
        outcome,
        changed: compared.length === 0 ? changed : [...changed, ...compared],
        absorbed: absorbedBy(handshake, found.preludes),
        recovered: isGotOver(before, handshake, lane) ? lane : null,
        servers,
      };
    },
  };
}

/** The lane whose calls work again at every server that refused them. */
function isGotOver(before: Handshake, now: Handshake, lane: Lane): boolean {
  if (now.lanes[lane] !== "accepted" || now.refusingServers.length > 0) return false;
  return before.lanes[lane] === "refused" || before.refusingServers.length > 0;
}

function callOf(store: HandshakeStore, { place, facts }: CorrelationInput): Call {
  const token = presentedToken(facts);
  const { client, server } = place;
  const key = { client, server, callerId: token?.caller?.id ?? "", realm: realmOf(token) };
  const record = token === null ? undefined : store.tokens.at(tokenIdentity(token));
  return { ...key, name: store.callName(key), token, record };
}

function absorbedBy({ id: into }: Handshake, preludes: readonly Handshake[]): RoleCorrelation["absorbed"] {
  if (preludes.length === 0) return noHandshake.absorbed;
  return preludes.filter(({ id }) => id !== "").map(({ id }) => ({ id, into }));
}

/** The realm of the caller: of its principal, else the tenant of the token. */
function realmOf(token: S2sToken | null): string {
  return (token?.caller?.realm || token?.tenant || "").slice(0, 256);
}

function takeIn(store: HandshakeStore, into: Handshake, preludes: readonly Handshake[]): Handshake {
  let handshake = into;
  for (const prelude of preludes) {
    handshake = absorbHandshake(handshake, prelude);
    if (prelude.id !== "") store.redirect(prelude.id, into.id);
  }
  return handshake;
}

function addCall(draft: Draft, input: CorrelationInput, token: S2sToken | null): Outcome {
  const { transaction, facts, place, conversation } = input;
  const mayTrustSuccess = conversation.isChallenged || draft.hasChallenge;
  const reading = readSignals(transaction, facts, "call", mayTrustSuccess);
  const outcome = reading.outcome ?? "undecided";
  for (const signal of reading.signals) addSignal(draft, signal);
  addTransaction(draft, transaction.id, place.at, place.endedAt);
  const isOneFamily = outcome === "refused" && isPermissionRefused(facts.graph);
  // Graph checks a permission only after it has taken the token; `refusedGraphCalls` holds what it refused.
  if (!isOneFamily) addAnswer(draft, outcome, laneOf(token));
  if (facts.graph !== null) draft.refusedGraphCalls = refusedCallsAfter(draft.refusedGraphCalls, facts.graph, outcome);
  if (facts.policyReason !== "") draft.policy = ewsPolicyOf(facts.policyReason, place.server);
  else if (outcome === "accepted" && facts.endpoint === "ews") draft.policy = null;
  draft.route = nextRoute(draft.route, facts.endpoint);
  if (token !== null) draft.tokenService = tokenServiceOf(token) ?? draft.tokenService;
  draft.steps = {
    ...draft.steps,
    call: { state: "ok", transactionId: transaction.id, note: callNote(token) },
    answer: {
      state: outcome === "accepted" ? "ok" : "failed",
      transactionId: transaction.id,
      note: answerNote(transaction, facts),
    },
  };
  return outcome;
}

/**
 * An approach that was counted in a handshake can be moved only while that handshake is otherwise unchanged; afterwards it stays, so
 * that nothing is counted twice.
 */
function dropStalePrelude(store: HandshakeStore, { conversation }: CorrelationInput): void {
  const { restore } = conversation;
  if (restore === null || store.get(restore.after.id) === restore.after) return;
  conversation.restore = null;
  conversation.prelude = null;
}

/** Removes a renewed approach from the handshake that it was counted in, when its token has another caller. */
function leavePrelude(
  store: HandshakeStore,
  { conversation }: CorrelationInput,
  target: Handshake,
): readonly Handshake[] {
  const { restore } = conversation;
  conversation.restore = null;
  conversation.prelude = null;
  if (restore === null || restore.after.id === target.id) return noHandshake.changed;
  store.put(restore.before);
  return [restore.before];
}

function identify(draft: Draft, { token, realm }: Call): void {
  const caller = token?.caller ?? null;
  draft.isCalled = true;
  draft.caller = caller ?? draft.caller;
  draft.realm = realm === "" ? draft.realm : realm;
  draft.issuerAsSeen = (seenIssuer(token) ?? draft.issuerAsSeen).slice(0, 512);
  draft.actingAs = laneOf(token) === "user" ? (token?.user?.kind ?? "unknown") : draft.actingAs;
}

function seenIssuer(token: S2sToken | null): string | undefined {
  const named = token?.caller ?? token?.issuer ?? null;
  return named === null || isPersonsName(named) ? undefined : named.asSeen;
}

function addAnswer(draft: Draft, outcome: Outcome, lane: Lane): void {
  if (outcome === "undecided" || draft.lanes[lane] === outcome) return;
  draft.lanes = { ...draft.lanes, [lane]: outcome };
}

function callNote(token: S2sToken | null): string {
  if (token === null) return "a token that cannot be read";
  return laneOf(token) === "user" ? "token acts as a user" : "token of the application alone";
}
