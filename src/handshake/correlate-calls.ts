// Calls with a token: what they and their answers do to a handshake.
import type { S2sToken } from "../decoders/facts.ts";
import { callIdentity, findCall } from "./find-call.ts";
import { startFrontEnds } from "./front-ends.ts";
import type { CallKey, HandshakeStore } from "./handshake-store.ts";
import {
  absorbHandshake,
  type Handshake,
  laneOf,
  reduceHandshake,
  type StepRecord,
  withTransaction,
} from "./reduce.ts";
import { presentedToken } from "./role.ts";
import type { Correlated, Sighting } from "./sighting.ts";
import { type Outcome, readSignals } from "./signals.ts";
import { answerNote } from "./step-notes.ts";

/** Starts the part of the correlator that handles calls; it remembers which server said what to which token. */
export function startCorrelateCalls(store: HandshakeStore): { accept(sighting: Sighting): Correlated } {
  const compareServers = startFrontEnds();
  return {
    accept(sighting) {
      const { place, conversation, facts } = sighting;
      const token = presentedToken(facts);
      const key: CallKey = { ...place, callerId: token?.caller?.id ?? "", realm: realmOf(token) };
      dropStalePrelude(store, sighting);
      const found = findCall(store, sighting, key);
      const changed = leavePrelude(store, sighting, found.handshake);
      const before = identify(takeIn(store, found.handshake, found.preludes), token, key);
      const { after, outcome } = call(before, sighting);
      const handshake = compareServers(after, sighting, outcome);
      store.put(handshake);
      if (key.callerId !== "") store.byCall.name(key, handshake.id);
      if (token !== null) store.byToken.name(callIdentity(token, key), handshake.id);
      conversation.handshakeId = handshake.id;
      const lane = laneOf(token);
      const isRecovered = before.lanes[lane] === "refused" && handshake.lanes[lane] === "accepted";
      const named = found.preludes.filter(({ id }) => id !== "");
      return {
        handshake,
        outcome,
        changed,
        absorbed: named.map(({ id }) => ({ id, into: handshake.id })),
        recovered: isRecovered ? lane : null,
      };
    },
  };
}

/** Realm of the caller: of its own name where it has one, else the tenant that the token names. */
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

function call(before: Handshake, sighting: Sighting): { readonly after: Handshake; readonly outcome: Outcome } {
  const { transaction, facts, place, conversation } = sighting;
  const mayTrustSuccess = conversation.isChallenged || before.hasChallenge;
  const reading = readSignals(transaction, facts, "call", mayTrustSuccess);
  const outcome = reading.outcome ?? "undecided";
  let after = before;
  for (const signal of reading.signals) after = reduceHandshake(after, signal);
  after = withTransaction(after, transaction.id, [place.at, place.endedAt]);
  return { after: withAnswer(after, sighting, outcome), outcome };
}

/**
 * An approach that was counted with a handshake can only be moved while nothing else has happened to that handshake;
 * after that it stays there, so that nothing is counted twice.
 */
function dropStalePrelude(store: HandshakeStore, { conversation }: Sighting): void {
  const { restore } = conversation;
  if (restore === null || store.get(restore.after.id) === restore.after) return;
  conversation.restore = null;
  conversation.prelude = null;
}

/** Takes a renewed approach back from the handshake it was counted with, when its token is another caller's. */
function leavePrelude(store: HandshakeStore, { conversation }: Sighting, target: Handshake): readonly Handshake[] {
  const { restore } = conversation;
  conversation.restore = null;
  conversation.prelude = null;
  if (restore === null || restore.after.id === target.id) return [];
  store.put(restore.before);
  return [restore.before];
}

function identify(handshake: Handshake, token: S2sToken | null, key: CallKey): Handshake {
  const caller = token?.caller ?? null;
  return {
    ...handshake,
    isCalled: true,
    caller: caller ?? handshake.caller,
    realm: key.realm === "" ? handshake.realm : key.realm,
    issuerAsSeen: (caller?.asSeen ?? token?.issuerText ?? handshake.issuerAsSeen).slice(0, 512),
    actingAs: laneOf(token) === "user" ? (token?.user?.kind ?? "unknown") : handshake.actingAs,
  };
}

function withAnswer(handshake: Handshake, { transaction, facts }: Sighting, outcome: Outcome): Handshake {
  const token = presentedToken(facts);
  const lane = laneOf(token);
  const call: StepRecord = { state: "ok", transactionId: transaction.id, note: callNote(token) };
  const state = outcome === "accepted" ? "ok" : "failed";
  const answer: StepRecord = { state, transactionId: transaction.id, note: answerNote(transaction, facts) };
  // An unknown user, after the same kind of call was accepted, is that user's trouble: the trust stands.
  const isUsersOwn = facts.diagnostics?.cause === "invalid_user" && handshake.lanes[lane] === "accepted";
  const isDecided = outcome !== "undecided" && !(outcome === "refused" && isUsersOwn);
  const lanes = isDecided ? { ...handshake.lanes, [lane]: outcome } : handshake.lanes;
  return { ...handshake, lanes, steps: { ...handshake.steps, call, answer } };
}

function callNote(token: S2sToken | null): string {
  if (token === null) return "a token that cannot be read";
  return laneOf(token) === "user" ? "token acts as a user" : "token of the application alone";
}
