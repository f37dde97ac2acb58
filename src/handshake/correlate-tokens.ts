// Token requests: joined to the following call by the token, or by client, resource and realm.

import { type HttpTransaction, requestPath } from "../core/http-transaction.ts";
import type { S2sToken, TokenService, TransactionFacts } from "../decoders/facts.ts";
import { tokenServiceOf, tokenServiceOfPath } from "../decoders/tokens/token-service.ts";
import { type CorrelationInput, noHandshake, type RoleCorrelation } from "./correlation.ts";
import type { CallKey, HandshakeStore } from "./handshake-store.ts";
import { type Handshake, newHandshake, reduceHandshake, withTransaction } from "./reduce.ts";
import { assertionOf, issuedToken } from "./role.ts";
import { readSignals } from "./signals.ts";
import { tokenIdentity } from "./token-identity.ts";

/** A request to the token service and its answer. A person's grant does not belong to a handshake. */
export function acceptTokenRequest(store: HandshakeStore, input: CorrelationInput): RoleCorrelation {
  const { transaction, facts, place } = input;
  if (facts.tokenRequest === null || !isServiceRequest(facts)) return noHandshake;
  const issued = issuedToken(facts);
  const key = keyOf(input, issued);
  let handshake = findRequest(store, key) ?? newHandshake(store.nextId(), key.client, key.server, place.at);
  for (const signal of readSignals(transaction, facts, "token-request", false).signals)
    handshake = reduceHandshake(handshake, signal);
  handshake = withTransaction(handshake, transaction.id, [place.at, place.endedAt]);
  const tokenService = serviceOf(issued, transaction) ?? handshake.tokenService;
  handshake = { ...handshake, tokenService, ...named(handshake, input), steps: { ...handshake.steps, ...step(input) } };
  store.put(handshake);
  store.byResource.name(store.callName(key), handshake.id);
  if (issued !== null) store.tokens.at(tokenIdentity(issued)).issuedFor = handshake.id;
  return { ...noHandshake, handshake };
}

function serviceOf(issued: S2sToken | null, transaction: HttpTransaction): TokenService | null {
  const named = issued === null ? null : tokenServiceOf(issued);
  return named ?? tokenServiceOfPath(requestPath(transaction));
}

function keyOf({ facts, place }: CorrelationInput, issued: S2sToken | null): CallKey {
  const caller = assertionOf(facts)?.caller ?? issued?.caller ?? null;
  // The requested resource before the issued audience: a wrong audience must not hide the intended server.
  const asked = facts.tokenRequest?.resource ?? null;
  const resource = asked?.host === null || asked === null ? (issued?.audience ?? asked) : asked;
  const realm = resource?.realm || facts.tokenRequest?.realm || "";
  return {
    client: place.client,
    server: (resource?.host ?? place.server).slice(0, 256),
    callerId: caller?.id ?? "",
    realm: realm.slice(0, 256),
  };
}

/** True for a request of a service: with an assertion, or for the resource of a service. A password grant is a person's sign-in. */
export function isServiceRequest(facts: TransactionFacts): boolean {
  if (facts.tokenRequest === null || facts.tokenRequest.isPasswordGrant) return false;
  if (assertionOf(facts) !== null) return true;
  const { resource, grantType } = facts.tokenRequest;
  return resource !== null && resource.id !== "" && !/authorization_code|device_code|refresh_token/.test(grantType);
}

function findRequest(store: HandshakeStore, key: CallKey): Handshake | undefined {
  const asked = store.byResource.find(store.callName(key));
  if (asked !== undefined) return asked;
  // A renewal: the caller has called before, with a token that was requested outside of the capture.
  const called = key.callerId === "" ? undefined : store.byCall.find(store.callName(key));
  if (called !== undefined) return called;
  // A token request for a server that has just sent a challenge: the same handshake.
  const pending = store.byPending.find(store.callName({ ...key, callerId: "", realm: "" }));
  return pending !== undefined && pending.caller === null ? pending : undefined;
}

function named(handshake: Handshake, { facts }: CorrelationInput): Partial<Handshake> {
  if (handshake.isCalled || handshake.caller !== null) return {};
  const caller = issuedToken(facts)?.caller ?? assertionOf(facts)?.caller ?? null;
  if (caller === null) return {};
  // A client assertion of Entra has no realm; the endpoint of the request names the tenant.
  const realm = caller.realm || facts.tokenRequest?.realm || "";
  return { caller, realm: realm.slice(0, 256), issuerAsSeen: caller.asSeen.slice(0, 512) };
}

function step({ transaction, facts }: CorrelationInput): Pick<Handshake["steps"], "token"> {
  const isIssued = facts.tokenAnswer?.isIssued === true;
  const status = transaction.response?.status ?? null;
  const refusal = status === null ? "no answer of the token service" : `token service answered ${status}`;
  const note = isIssued ? "token issued" : refusal;
  return { token: { state: isIssued ? "ok" : "failed", transactionId: transaction.id, note } };
}
