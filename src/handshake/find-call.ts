// Finds the handshake of a call with a token.
import type { Principal } from "../core/principals.ts";
import type { S2sToken } from "../decoders/facts.ts";
import { takeDiscovered } from "./correlate-discovery.ts";
import type { CorrelationInput } from "./correlation.ts";
import type { CallKey, HandshakeStore } from "./handshake-store.ts";
import { type Handshake, newHandshake } from "./reduce.ts";
import { tokenIdentity } from "./token-identity.ts";
import { handshakePresentedAt, type TokenRecord } from "./token-index.ts";

/** The key of a call: caller, server and token. */
export interface Call extends CallKey {
  /** The name of the call in the store. */
  readonly name: string;
  /** Null where the token cannot be read. */
  readonly token: S2sToken | null;
  readonly record: TokenRecord | undefined;
}

export interface FoundCall {
  readonly handshake: Handshake;
  /** Approaches and token requests without a caller that belong to it. */
  readonly preludes: readonly Handshake[];
}

type Maybe = Handshake | undefined;

/** Finds the handshake by request id, token, caller and server, token request, or approach; else starts a new one. */
export function findCall(store: HandshakeStore, input: CorrelationInput, call: Call): FoundCall {
  const { place, conversation } = input;
  const { token, record, server } = call;
  const inner = token?.actor?.ok === true ? store.tokens.find(tokenIdentity(token.actor.value)) : undefined;
  const approach = store.get(conversation.handshakeId);
  const requested = store.get(store.requests.find(place.requestId)?.handshakeId);
  const issued = store.get(record?.issuedFor);
  const issuedInner = store.get(inner?.issuedFor);
  const resource = findByResource(store, call, token?.audience ?? null);
  const presented = store.get(handshakePresentedAt(record, server));
  const presentedInner = store.get(handshakePresentedAt(inner, server));
  const called = store.byCall.find(call.name);
  const known =
    ifNamed(requested, call) ??
    ifNamed(presented, call) ??
    ifNamed(presentedInner, call) ??
    ifNamed(called, call) ??
    ifNamed(issued, call) ??
    ifNamed(issuedInner, call) ??
    ifNamed(resource, call);
  const discovered = takeDiscovered(store, place);
  const open = openOnes(call, [issued, issuedInner], [requested, resource, approach, discovered]);
  const handshake =
    known ??
    (open === none ? undefined : oldest(open.filter((one) => isOpenFor(one, call)))) ??
    (call.callerId === "" ? approach : undefined) ??
    newHandshake(store.nextId(), place.client, place.server, place.at);
  const isElsewhere = approach?.id !== handshake.id;
  const prelude = isElsewhere ? conversation.prelude : null;
  if (open === none && prelude === null) return { handshake, preludes: none };
  const others = new Map(open.filter(({ id }) => id !== handshake.id).map((one) => [one.id, one]));
  return { handshake, preludes: [...others.values(), ...(prelude === null ? none : [prelude])] };
}

const none: readonly Handshake[] = [];

/** Finds a handshake by the token alone, also where it is presented to another server than it was requested for. */
function openOnes(call: Call, issued: readonly [Maybe, Maybe], others: readonly [Maybe, Maybe, Maybe, Maybe]) {
  const isAnyOpen = issued.some(isUncalled) || others.some((one) => isOpenFor(one, call));
  if (!isAnyOpen) return none;
  return [...issued.filter(isUncalled), ...others.filter((one): one is Handshake => isOpenFor(one, call))];
}

function oldest(handshakes: readonly Handshake[]): Handshake | undefined {
  return handshakes.reduce<Handshake | undefined>(
    (first, one) => (first === undefined || one.startedAt < first.startedAt ? one : first),
    undefined,
  );
}

function isUncalled(handshake: Maybe): handshake is Handshake {
  return handshake !== undefined && !handshake.isCalled;
}

/** True for a handshake without a call: an approach to the server, or a token request of the same application for it. */
function isOpenFor(handshake: Maybe, call: Call): boolean {
  if (!isUncalled(handshake) || handshake.server !== call.server) return false;
  return handshake.caller === null || handshake.caller.id === call.callerId;
}

function ifNamed(handshake: Maybe, call: Call): Maybe {
  if (handshake === undefined || !handshake.isCalled || handshake.server !== call.server) return undefined;
  return handshake.caller?.id === call.callerId && isSameRealm(handshake.realm, call.realm) ? handshake : undefined;
}

function isSameRealm(one: string, other: string): boolean {
  return one === other || one.toLowerCase() === other.toLowerCase();
}

function findByResource(store: HandshakeStore, call: Call, audience: Principal | null): Maybe {
  if (audience === null) return undefined;
  const { client, server, callerId } = call;
  const { realm } = audience;
  const named = realm === call.realm ? call.name : store.callName({ client, server, realm, callerId });
  return store.byResource.find(named) ?? store.byResource.find(store.callName({ client, server, realm, callerId: "" }));
}
