// Transactions before a token and in place of one: probes, challenges, passwords, Windows sign-ins.

import { takeDiscovered } from "./correlate-discovery.ts";
import { type CorrelationInput, noHandshake, type RoleCorrelation } from "./correlation.ts";
import { nextRoute } from "./direction.ts";
import type { HandshakeStore } from "./handshake-store.ts";
import {
  type Handshake,
  newHandshake,
  type OtherSignIn,
  reduceHandshake,
  signInAnswer,
  withOtherSignIn,
  withTransaction,
} from "./reduce.ts";
import { isUserClient, type Role } from "./role.ts";
import { readSignals } from "./signals.ts";
import { answerNote, challengeNote, signInNote } from "./step-notes.ts";

/** A probe, or an anonymous request: part of a handshake when a service sent it. */
export function acceptApproach(
  store: HandshakeStore,
  input: CorrelationInput,
  role: "probe" | "anonymous",
): RoleCorrelation {
  const { facts, place, conversation } = input;
  const isService = role === "probe" ? !isUserClient(facts) : facts.isCloudUserAgent;
  const isChallenge = input.transaction.response?.status === 401;
  if (!isService || !(role === "probe" || isChallenge)) return rememberAnonymous(store, input, isChallenge);
  const before = approach(store, input);
  const after = approached(before, input, role);
  if (before.isCalled) {
    // An approach can no longer be moved once the handshake has changed in another way.
    const isGoingOn = conversation.restore?.after === before;
    const prelude = isGoingOn ? conversation.prelude : null;
    const empty = newHandshake("", place.client, place.server, place.at);
    conversation.prelude = approached(prelude ?? empty, input, role);
    conversation.restore = { before: isGoingOn ? (conversation.restore?.before ?? before) : before, after };
  }
  store.put(after);
  return { ...noHandshake, handshake: after };
}

/** The first message of NTLM, which carries no credentials: it belongs to the handshake and decides nothing. */
export function openWindowsSignIn(store: HandshakeStore, input: CorrelationInput): RoleCorrelation {
  const { transaction, facts, place } = input;
  const opened = withTransaction(approach(store, input), transaction.id, [place.at, place.endedAt]);
  const handshake = { ...opened, route: nextRoute(opened.route, facts.endpoint) };
  store.put(handshake);
  return { ...noHandshake, handshake };
}

/** A password or a Windows sign-in in place of a service's token. */
export function acceptOtherSignIn(store: HandshakeStore, input: CorrelationInput, kind: OtherSignIn): RoleCorrelation {
  const { transaction, place } = input;
  const status = transaction.response?.status ?? null;
  const signIn = { scheme: kind, answer: signInAnswer(status), afterBearer: input.before.isBearerOffered };
  const signedIn = withOtherSignIn(approach(store, input), signIn);
  const added = withTransaction(signedIn, transaction.id, [place.at, place.endedAt]);
  const handshake = { ...added, route: nextRoute(added.route, input.facts.endpoint) };
  const call = { state: "failed", transactionId: transaction.id, note: signInNote(kind) } as const;
  const state = status !== null && status < 400 ? "ok" : "failed";
  const answer = { state, transactionId: transaction.id, note: answerNote(transaction, input.facts) } as const;
  const hasCalls = handshake.lanes.application !== undefined || handshake.lanes.user !== undefined;
  const shown = hasCalls ? handshake : { ...handshake, steps: { ...handshake.steps, call, answer } };
  store.put(shown);
  return { ...noHandshake, handshake: shown };
}

/** A service's password, in place of a token or in a second field. */
export function addPassword(
  store: HandshakeStore,
  input: CorrelationInput,
  correlated: RoleCorrelation,
): RoleCorrelation {
  const { handshake } = correlated;
  if (handshake === null) return { ...correlated, handshake: acceptOtherSignIn(store, input, "basic").handshake };
  const status = input.transaction.response?.status ?? null;
  const afterBearer = input.before.isBearerOffered;
  const after = withOtherSignIn(handshake, { scheme: "basic", answer: signInAnswer(status), afterBearer });
  store.put(after);
  return { ...correlated, handshake: after };
}

/** A person's token: an earlier probe of the conversation was sent by that person's program and not by a service. */
export function acceptUserCall(store: HandshakeStore, { conversation }: CorrelationInput): RoleCorrelation {
  const open = store.get(conversation.handshakeId);
  conversation.prelude = null;
  if (open === undefined || open.isCalled || open.otherSignIns.length > 0) return noHandshake;
  store.remove(open.id);
  conversation.handshakeId = null;
  return { ...noHandshake, absorbed: [{ id: open.id, into: null }] };
}

/** The handshake of a transaction without a token; a new one without a caller when there is none. */
function approach(store: HandshakeStore, { place, conversation }: CorrelationInput): Handshake {
  const current = store.get(conversation.handshakeId) ?? takeDiscovered(store, place);
  const open = current ?? newHandshake(store.nextId(), place.client, place.server, place.at);
  conversation.handshakeId = open.id;
  if (!open.isCalled) store.byPending.name(store.callName({ ...place, callerId: "", realm: "" }), open.id);
  return open;
}

/** An anonymous 401 of an unknown program: kept for a call that may follow. */
function rememberAnonymous(store: HandshakeStore, input: CorrelationInput, isChallenge: boolean): RoleCorrelation {
  const { conversation, place, facts } = input;
  const isOpen = store.get(conversation.handshakeId) !== undefined;
  if (!isChallenge || isOpen || isUserClient(facts)) return noHandshake;
  const prelude = conversation.prelude ?? newHandshake("", place.client, place.server, place.at);
  conversation.prelude = approached(prelude, input, "anonymous");
  return noHandshake;
}

function approached(handshake: Handshake, input: CorrelationInput, role: Role): Handshake {
  const { transaction, facts, place } = input;
  let next = withTransaction(handshake, transaction.id, [place.at, place.endedAt]);
  for (const signal of readSignals(transaction, facts, role, false).signals) next = reduceHandshake(next, signal);
  const probe = { state: "ok", transactionId: transaction.id, note: "empty Bearer" } as const;
  const state = role === "probe" && facts.bearerChallenge === null ? "failed" : "ok";
  const challenge = { state, transactionId: transaction.id, note: challengeNote(facts) } as const;
  const isChallenge = transaction.response?.status === 401;
  return {
    ...next,
    route: nextRoute(next.route, facts.endpoint),
    hasChallenge: next.hasChallenge || facts.bearerChallenge !== null,
    steps: { ...next.steps, ...(role === "probe" ? { probe } : {}), ...(isChallenge ? { challenge } : {}) },
  };
}
