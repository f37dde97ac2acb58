// Several Exchange servers can stand behind one name. When one accepts a token that another refuses, the trust is not
// whole, whichever of them answered last.
import type { S2sToken } from "../decoders/facts.ts";
import { pairMap } from "./pair-map.ts";
import { type Handshake, laneOf } from "./reduce.ts";
import { presentedToken } from "./role.ts";
import type { Sighting } from "./sighting.ts";
import { frontEndOf, type Outcome } from "./signals.ts";
import { tokenIdentity } from "./token-identity.ts";

interface Answer {
  readonly server: string;
  readonly outcome: Outcome;
}

const serverLimit = 16;

/** Starts the comparison; it gives the handshake with the servers that refuse what another accepted. */
export function startFrontEnds(): (handshake: Handshake, sighting: Sighting, outcome: Outcome) => Handshake {
  const answers = pairMap<Answer>(4_096);
  return (handshake, sighting, outcome) => {
    const server = frontEndOf(sighting.transaction);
    const token = presentedToken(sighting.facts);
    if (server === "" || token === null || outcome === "undecided") return handshake;
    if (outcome === "refused" && !isAboutTrust(sighting, token)) return handshake;
    const [identity, lane, asked] = [identityOf(token), laneOf(token), sighting.place.server];
    const last = answers.get(identity, lane, asked);
    if (last?.server !== server || last.outcome !== outcome) answers.set(identity, lane, asked, { server, outcome });
    const refusingServers = refusingAfter(handshake.refusingServers, { server, outcome }, last);
    const isUnchanged = refusingServers.length === 0 && handshake.refusingServers.length === 0;
    return isUnchanged ? handshake : { ...handshake, refusingServers };
  };
}

function refusingAfter(refusing: readonly string[], now: Answer, last: Answer | undefined): readonly string[] {
  if (refusing.length === 0 && last?.server === now.server) return refusing;
  const others = refusing.filter((server) => server !== now.server);
  const isOther = last !== undefined && last.server !== now.server;
  if (now.outcome === "accepted") return isOther && last.outcome === "refused" ? added(others, last.server) : others;
  const isDisagreement = isOther && (last.outcome === "accepted" || others.length > 0);
  return isDisagreement ? added(others, now.server) : refusing;
}

function added(servers: readonly string[], server: string): readonly string[] {
  return servers.includes(server) || servers.length >= serverLimit ? servers : [...servers, server];
}

/** Only such refusals tell one server from another: not an expired token, not an unknown user. */
function isAboutTrust({ facts, place }: Sighting, token: S2sToken): boolean {
  const { expires } = signedPart(token);
  if (expires !== null && place.at >= expires) return false;
  return facts.diagnostics?.cause !== "token_expired" && facts.diagnostics?.cause !== "invalid_user";
}

// The outer token of a call as a user is made anew for each call; the actor token inside is what is seen again.
function identityOf(token: S2sToken): string {
  return tokenIdentity(signedPart(token));
}

function signedPart(token: S2sToken): S2sToken {
  return token.actor?.ok === true ? token.actor.value : token;
}
