// Which handshake a call with a token belongs to.
import type { Principal } from "../core/principals.ts";
import type { S2sToken } from "../decoders/facts.ts";
import type { CallKey, HandshakeStore } from "./handshake-store.ts";
import { type Handshake, newHandshake } from "./reduce.ts";
import { presentedToken } from "./role.ts";
import type { Sighting } from "./sighting.ts";
import { tokenIdentity } from "./token-identity.ts";

export interface FoundCall {
  readonly handshake: Handshake;
  /** Approaches and token requests without a caller that turn out to be part of it. */
  readonly preludes: readonly Handshake[];
}

/** Finds the handshake by request id, token, caller and server, token request, approach; else begins a new one. */
export function findCall(store: HandshakeStore, sighting: Sighting, key: CallKey): FoundCall {
  const { place, conversation } = sighting;
  const token = presentedToken(sighting.facts);
  const seen = token === null ? [] : [token, ...(token.actor?.ok === true ? [token.actor.value] : [])];
  const approach = store.get(conversation.handshakeId);
  const byRequestId = store.byRequestId.find(place.requestId);
  const issued = seen.map((one) => store.byToken.find(tokenIdentity(one)));
  const issuedTo = [...issued, findByResource(store, key, token?.audience ?? null)];
  const named = [byRequestId, ...seen.map((one) => store.byToken.find(callIdentity(one, key))), store.byCall.find(key)];
  // The token itself is proof enough, also where it is presented to another server than it was asked for.
  const open = [...issued.filter(isUncalled), ...[byRequestId, ...issuedTo, approach].filter(isOpenFor(key))];
  const handshake =
    [...named, ...issuedTo].find((one) => one !== undefined && isNamed(one, key)) ??
    oldest(open.filter(isOpenFor(key))) ??
    (key.callerId === "" ? approach : undefined) ??
    newHandshake(store.nextId(), place.client, place.server, place.at);
  const others = new Map(open.filter(({ id }) => id !== handshake.id).map((one) => [one.id, one]));
  const isElsewhere = approach?.id !== handshake.id;
  const prelude = isElsewhere && conversation.prelude !== null ? [conversation.prelude] : [];
  return { handshake, preludes: [...others.values(), ...prelude] };
}

/** The name under which a token seen at a server is found again. */
export function callIdentity(token: S2sToken, { server }: Pick<CallKey, "server">): string {
  return `${server}\n${tokenIdentity(token)}`;
}

function oldest(handshakes: readonly Handshake[]): Handshake | undefined {
  return handshakes.reduce<Handshake | undefined>(
    (first, one) => (first === undefined || one.startedAt < first.startedAt ? one : first),
    undefined,
  );
}

function isUncalled(handshake: Handshake | undefined): handshake is Handshake {
  return handshake !== undefined && !handshake.isCalled;
}

/** Not yet named by a call: only an approach to that server, or a token request of the same application for it. */
function isOpenFor(key: CallKey): (handshake: Handshake | undefined) => handshake is Handshake {
  return (handshake): handshake is Handshake =>
    isUncalled(handshake) &&
    handshake.server === key.server &&
    (handshake.caller === null || handshake.caller.id === key.callerId);
}

function isNamed(handshake: Handshake, key: CallKey): boolean {
  return (
    handshake.isCalled &&
    handshake.server === key.server &&
    handshake.caller?.id === key.callerId &&
    handshake.realm.toLowerCase() === key.realm.toLowerCase()
  );
}

function findByResource(store: HandshakeStore, key: CallKey, audience: Principal | null): Handshake | undefined {
  if (audience === null) return undefined;
  const resource = { client: key.client, server: key.server, realm: audience.realm };
  return (
    store.byResource.find({ ...resource, callerId: key.callerId }) ??
    store.byResource.find({ ...resource, callerId: "" })
  );
}
