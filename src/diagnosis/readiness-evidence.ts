// What a capture shows about the ten questions of `readiness`: plain data, joined over equal sightings and bounded. The collector
// that gathers it is in readiness/, so that a command that asks none of the questions does not load it. Texts are captured text
// unless stated otherwise.
import type { TokenService } from "../decoders/facts.ts";
import type { Route } from "../handshake/direction.ts";
import type { EwsPolicy } from "../handshake/ews-policy.ts";
import type { Outcome } from "../handshake/signals.ts";
import type { RuleInput } from "./rules/rule.ts";

export interface ReadinessCollector {
  add(input: RuleInput): void;
  evidence(): ReadinessEvidence;
}

export interface ReadinessEvidence {
  readonly calls: readonly CloudCalls[];
  readonly grants: readonly SeenGrant[];
  readonly requests: readonly TokenRequests[];
  readonly servers: readonly SeenServer[];
  /** Sightings that are in none of the lists above, because a list was full. */
  readonly beyond: number;
}

/** How many sightings, and the rows of some of them. */
export interface Sightings {
  readonly count: number;
  readonly evidence: readonly string[];
}

/** How calls ended, by the answer; `last` is the one that ended last, epoch milliseconds. */
export interface Answers {
  readonly accepted: Sightings;
  /** Refused by the service, whatever the reason: token, permission or policy. */
  readonly refused: Sightings;
  readonly undecided: Sightings;
  readonly last: Outcome;
  readonly lastAt: number;
  /** Status of that answer; null while none decided. */
  readonly lastStatus: number | null;
  /** The policy of EWS that explains the last refusal; null without one. */
  readonly policy: EwsPolicy | null;
}

/** A Microsoft service that Exchange Server calls. */
export type CloudService = "exchange-online" | "graph";

/** Calls to Exchange Online or Graph by one application from one address. */
export interface CloudCalls extends Answers {
  /** Address without port; empty where the source has none. */
  readonly client: string;
  /** Build of the caller as its User-Agent says; empty when it does not. */
  readonly build: string;
  /** Application id in lower case; empty when it cannot be read. */
  readonly caller: string;
  readonly callerName: string | null;
  readonly signIn: "token" | "federation";
  readonly tokenService: TokenService | null;
  readonly service: CloudService;
  readonly host: string;
  readonly route: Route;
}

/** The permissions in the tokens of one application for one service. */
export interface SeenGrant extends Answers {
  readonly caller: string;
  readonly service: CloudService;
  /** The permission that the calls need; empty for a token that was not used yet and for calls whose need is not known. */
  readonly wanted: string;
  /** Sorted. */
  readonly roles: readonly string[];
}

/** Token requests for a Microsoft service, or by the shared principal or an application of the tenant. */
export interface TokenRequests {
  readonly client: string;
  readonly caller: string;
  readonly callerName: string | null;
  readonly service: CloudService | null;
  /** Thumbprints of the certificate that signed the assertion, base64url as in its header; empty when it has none. */
  readonly x5t: string;
  readonly x5tS256: string;
  readonly issued: Sightings;
  readonly denied: Sightings;
  readonly lastIsIssued: boolean | null;
  readonly lastAt: number;
  /** Public code of the last refusal (`AADSTS700027`); empty when there was none. */
  readonly error: string;
}

/** A server of Exchange that answered, by the name and build in its answers. */
export interface SeenServer {
  /** `X-FEServer`, else the host that was called. */
  readonly name: string;
  /** `X-OWA-Version`; empty when no answer had it. */
  readonly build: string;
  readonly answers: Sightings;
}
