// Several Exchange servers can answer under one name. When one accepts what another refuses, the trust is incomplete, whichever of
// them answered last. Tokens differ between calls, and a client may always reach the same server, so calls of one kind are
// compared (caller, realm, lane, issuer, audience), of any client.
import { boundedMap } from "../core/bounded-map.ts";
import type { S2sToken } from "../decoders/facts.ts";
import type { CorrelationInput, ServerComparison } from "./correlation.ts";
import type { Call } from "./find-call.ts";
import type { HandshakeStore } from "./handshake-store.ts";
import { startKeyJoiner } from "./joined-keys.ts";
import { mapByThreeTexts } from "./map-by-three-texts.ts";
import { type Handshake, laneOf } from "./reduce.ts";
import { type Outcome, type Route, routeOf } from "./signals.ts";

/** The state of the servers behind one name after a call. */
export interface Comparison {
  /** The handshake of the call, with the servers that refused it while others accept. */
  readonly handshake: Handshake;
  /** Other handshakes whose servers this call changed. */
  readonly changed: readonly Handshake[];
  readonly servers: ServerComparison | null;
}

/** The last answer of one server to one kind of call. */
interface Answer {
  readonly route: Route;
  outcome: "accepted" | "refused";
  /** Handshakes that it has refused since it last accepted one. */
  readonly refused: Set<string>;
}

/** The servers that answered one kind of call, in the order of their first answers. */
interface Group {
  readonly id: string;
  answers: Answer[];
}

const groupLimit = 4_096;
const routeLimit = 16;
const handshakeLimit = 2_000;
const none: readonly string[] = [];

/** Starts the comparison over the handshakes of a store. */
export function startFrontEnds(
  store: HandshakeStore,
): (handshake: Handshake, input: CorrelationInput, call: Call, outcome: Outcome) => Comparison {
  const groups = mapByThreeTexts<Group>(groupLimit);
  const nameToken = startKeyJoiner();
  const groupsOf = boundedMap<string, Set<Group>>(handshakeLimit);

  let count = 0;
  const newGroup = (): Group => ({ id: `${++count}`, answers: [] });

  const groupOf = (call: Call, token: S2sToken, handshakeId: string): Group => {
    const { issuer, audience } = signedPart(token);
    const name = store.callName({ client: "", server: call.server, callerId: call.callerId, realm: call.realm });
    const kind = nameToken(issuer?.asSeen ?? "", audience?.asSeen ?? "", "", "");
    const group = groups.get(name, laneOf(token), kind) ?? newGroup();
    if (group.answers.length === 0) groups.set(name, laneOf(token), kind, group);
    const known = groupsOf.get(handshakeId);
    if (known === undefined) groupsOf.set(handshakeId, new Set([group]));
    else if (known.size < routeLimit) known.add(group);
    return group;
  };

  const compared = (handshake: Handshake): Handshake => {
    const joined = [...(groupsOf.get(handshake.id) ?? [])];
    const names = new Set(joined.flatMap((group) => [...refusingNames(group, handshake.id)]));
    const before = handshake.refusingServers;
    const isSame = names.size === before.length && before.every((name) => names.has(name));
    return isSame ? handshake : { ...handshake, refusingServers: [...names] };
  };

  const comparedAgain = (ids: ReadonlySet<string>): readonly Handshake[] => {
    const changed: Handshake[] = [];
    for (const id of ids) {
      const before = store.get(id);
      const now = before === undefined ? undefined : compared(before);
      if (now === undefined || now === before) continue;
      store.put(now);
      changed.push(now);
    }
    return changed;
  };

  return (handshake, input, call, outcome) => {
    const route = routeOf(input.transaction);
    const { token } = call;
    const isCounted = route !== null && token !== null && outcome !== "undecided";
    if (!isCounted || (outcome === "refused" && !isAboutTrust(input, token)))
      return { handshake, changed: [], servers: null };
    const group = groupOf(call, token, handshake.id);
    const touched = note(group, route, outcome, handshake.id);
    touched.delete(handshake.id);
    return {
      handshake: compared(handshake),
      changed: comparedAgain(touched),
      servers: { id: group.id, refusing: refusingNames(group, null) },
    };
  };
}

/** Records an answer; returns the handshakes whose servers may have changed. */
function note(group: Group, route: Route, outcome: "accepted" | "refused", id: string): Set<string> {
  const touched = new Set<string>();
  for (const answer of group.answers) for (const refused of answer.refused) touched.add(refused);
  // An earlier, different answer of the same server no longer counts.
  const others = group.answers.filter((answer) => answer.outcome === outcome || !isSameRoute(answer.route, route));
  const known = others.find((answer) => answer.route.front === route.front && answer.route.back === route.back);
  const answer = known ?? { route, outcome, refused: new Set<string>() };
  if (outcome === "refused") answer.refused.add(id);
  else answer.refused.clear();
  group.answers = known === undefined && others.length < routeLimit ? [...others, answer] : others;
  return touched;
}

/** The servers that refused last (the given handshake, unless null) while another one accepted. */
function refusingNames({ answers }: Group, handshakeId: string | null): readonly string[] {
  if (answers.length < 2) return none;
  const accepted = answers.filter(({ outcome }) => outcome === "accepted");
  if (accepted.length === 0 || accepted.length === answers.length) return none;
  const names = answers
    .filter(({ outcome, refused }) => outcome === "refused" && (handshakeId === null || refused.has(handshakeId)))
    .map(({ route }) => nameOf(route, accepted));
  return [...new Set(names)];
}

/** The front end, or, when it also accepts, the back end that it relayed the call to. */
function nameOf({ front, back }: Route, accepted: readonly Answer[]): string {
  const isShared = back !== "" && accepted.some(({ route }) => isSameServer(route.front, front));
  return front === "" || isShared ? back : front;
}

/** True for two answers of one server: they share a name and contradict each other in none. */
function isSameRoute(one: Route, other: Route): boolean {
  const isFrontOther = one.front !== "" && other.front !== "" && !isSameServer(one.front, other.front);
  const isBackOther = one.back !== "" && other.back !== "" && !isSameServer(one.back, other.back);
  if (isFrontOther || isBackOther) return false;
  return isSameServer(one.front, other.front) || isSameServer(one.back, other.back);
}

/** `EX01` and `ex01.contoso.com` are one server, two full names only when they are equal. */
function isSameServer(one: string, other: string): boolean {
  if (one === "" || other === "") return false;
  const [a, b] = [one.toLowerCase(), other.toLowerCase()];
  if (a === b || (a.includes(".") && b.includes("."))) return a === b;
  return a.split(".", 1)[0] === b.split(".", 1)[0];
}

/** True for refusals that depend on the server: not for an expired token or an unknown user. */
function isAboutTrust({ facts, place }: CorrelationInput, token: S2sToken): boolean {
  const { expires } = signedPart(token);
  if (expires !== null && place.at >= expires) return false;
  return facts.diagnostics?.cause !== "token_expired" && facts.diagnostics?.cause !== "invalid_user";
}

function signedPart(token: S2sToken): S2sToken {
  return token.actor?.ok === true ? token.actor.value : token;
}
