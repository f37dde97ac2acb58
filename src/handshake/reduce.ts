// One handshake's state and how signals change it. Immutable: every change gives a new record, all lists are bounded.
import type { Principal } from "../core/principals.ts";
import type { S2sToken } from "../decoders/facts.ts";
import { nextStage, type Signal, type Stage } from "./stages.ts";

/** Something other than a token that a service signed in with. */
export type OtherSignIn = "basic" | "ntlm" | "negotiate" | "ws-security";

/** A call as the application alone, or acting as a user: the server checks them differently. */
export type Lane = "application" | "user";

export interface StepRecord {
  readonly state: "ok" | "failed";
  readonly transactionId: string;
  readonly note: string;
}
export type StepName = "probe" | "challenge" | "token" | "call" | "answer";

export interface Handshake {
  readonly id: string;
  readonly client: string;
  readonly server: string;
  /** Null while only a probe, a challenge or another sign-in was seen. */
  readonly caller: Principal | null;
  readonly realm: string;
  readonly issuerAsSeen: string;
  /** User form of the last call that acted as a user, else null. */
  readonly actingAs: string | null;
  /** A call with a token has named caller and realm; until then they are what a token request said. */
  readonly isCalled: boolean;
  readonly stage: Stage;
  /** The last answer to a token, kept for each lane: one lane working does not excuse the other. */
  readonly lanes: Readonly<Partial<Record<Lane, "accepted" | "refused">>>;
  /** The token service refused the last request, and nothing has worked since. */
  readonly isTokenDenied: boolean;
  readonly otherSignIns: readonly OtherSignIn[];
  /** Servers behind the one name that refused a token which another of them accepted. */
  readonly refusingServers: readonly string[];
  /** The 401 of this handshake offered Bearer, and what it said. */
  readonly hasChallenge: boolean;
  readonly evidence: readonly string[];
  /** How many transactions there were; `evidence` holds the first and the last of them. */
  readonly transactionCount: number;
  readonly unexpected: readonly Signal[];
  readonly steps: Readonly<Partial<Record<StepName, StepRecord>>>;
  readonly signature: "verified" | "failed" | "no-key" | "unchecked";
  readonly startedAt: number;
  readonly endedAt: number;
}

/** The lane of a token: acting as a user needs more than the application's own trust. Null for an unreadable token. */
export function laneOf(token: S2sToken | null): Lane {
  if (token === null) return "application";
  return token.tokenKind === "app-acts-as-user" || token.tokenKind === "app-asserted-user" ? "user" : "application";
}

/** An empty handshake between a client and a server, begun at `at`. */
export function newHandshake(id: string, client: string, server: string, at: number): Handshake {
  return {
    id,
    client,
    server,
    caller: null,
    realm: "",
    issuerAsSeen: "",
    actingAs: null,
    isCalled: false,
    stage: "idle",
    lanes: {},
    isTokenDenied: false,
    otherSignIns: [],
    refusingServers: [],
    hasChallenge: false,
    evidence: [],
    transactionCount: 0,
    unexpected: [],
    steps: {},
    signature: "unchecked",
    startedAt: at,
    endedAt: at,
  };
}

/** Moves the stage by the table; a signal that the table does not expect is kept as unexpected. */
export function reduceHandshake(handshake: Handshake, signal: Signal): Handshake {
  const stage = nextStage[handshake.stage][signal];
  if (stage !== undefined) return { ...handshake, stage, isTokenDenied: isDeniedAfter(handshake, signal) };
  if (handshake.unexpected.length >= unexpectedLimit) return handshake;
  return { ...handshake, unexpected: [...handshake.unexpected, signal] };
}

function isDeniedAfter({ isTokenDenied }: Handshake, signal: Signal): boolean {
  if (signal === "token-denied") return true;
  return isTokenDenied && signal !== "token-issued" && signal !== "accepted";
}

/** Counts a transaction as part of the handshake and widens its time. */
export function withTransaction(
  handshake: Handshake,
  id: string,
  span: readonly [from: number, to: number],
): Handshake {
  return {
    ...handshake,
    evidence: appendBounded(handshake.evidence, id),
    transactionCount: handshake.transactionCount + 1,
    startedAt: Math.min(handshake.startedAt, span[0]),
    endedAt: Math.max(handshake.endedAt, span[1]),
  };
}

/** Joins what came before the caller was known (`prelude`) into the handshake that it turned out to belong to. */
export function absorbHandshake(into: Handshake, prelude: Handshake): Handshake {
  const isLater = prelude.startedAt >= into.startedAt;
  const otherSignIns = new Set([...into.otherSignIns, ...prelude.otherSignIns]);
  let merged: Handshake = {
    ...into,
    otherSignIns: [...otherSignIns],
    lanes: { ...prelude.lanes, ...into.lanes },
    hasChallenge: into.hasChallenge || prelude.hasChallenge,
    refusingServers: [...new Set([...into.refusingServers, ...prelude.refusingServers])],
    steps: isLater ? { ...into.steps, ...prelude.steps } : { ...prelude.steps, ...into.steps },
    startedAt: Math.min(into.startedAt, prelude.startedAt),
    endedAt: Math.max(into.endedAt, prelude.endedAt),
    transactionCount: into.transactionCount + prelude.transactionCount,
  };
  for (const signal of signalsOf(prelude.stage)) merged = reduceHandshake(merged, signal);
  const [first, second] = isLater ? [into, prelude] : [prelude, into];
  return { ...merged, evidence: second.evidence.reduce(appendBounded, first.evidence) };
}

/** A sign-in other than by token, kept once for each kind. */
export function withOtherSignIn(handshake: Handshake, kind: OtherSignIn): Handshake {
  if (handshake.otherSignIns.includes(kind)) return handshake;
  return { ...handshake, otherSignIns: [...handshake.otherSignIns, kind] };
}

const unexpectedLimit = 20;
const evidenceHead = 50;
const evidenceLimit = 100;

function appendBounded(evidence: readonly string[], id: string): readonly string[] {
  if (evidence.length < evidenceLimit) return [...evidence, id];
  // One copy, moved along in place: a long handshake comes here with each of its transactions.
  const next = evidence.slice();
  next.copyWithin(evidenceHead, evidenceHead + 1);
  next[next.length - 1] = id;
  return next;
}

// Which signals a prelude must have had to be where it is: told again to the handshake that takes it in.
function signalsOf(stage: Stage): readonly Signal[] {
  switch (stage) {
    case "probing":
      return ["probed"];
    case "challenged":
      return ["challenged"];
    case "holding-token":
      return ["token-issued"];
    case "rejected":
      return ["token-denied"];
    default:
      return [];
  }
}
