// One handshake's state and how signals change it. Immutable once it is kept: a change begins with a copy, which is written
// to until it is kept in its turn. All lists are bounded.
import type { Principal } from "../core/principals.ts";
import type { S2sToken } from "../decoders/facts.ts";
import { type Evidence, evidenceIds, noEvidence, withEvidence } from "./evidence.ts";
import { nextStage, type Signal, type Stage } from "./stages.ts";

/** Something other than a token that a service signed in with. */
export type OtherSignIn = "basic" | "ntlm" | "negotiate" | "ws-security";

/** How such a sign-in was answered: once accepted, it stays so. `undecided`: no answer, or one that does not tell. */
export interface SignIn {
  readonly scheme: OtherSignIn;
  readonly answer: "accepted" | "refused" | "undecided";
  /** A 401 of the conversation had offered Bearer before. */
  readonly afterBearer: boolean;
}

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
  /** One for each scheme. */
  readonly otherSignIns: readonly SignIn[];
  /** Servers behind the one name that refused a token which another of them accepted. */
  readonly refusingServers: readonly string[];
  /** The 401 of this handshake offered Bearer, and what it said. */
  readonly hasChallenge: boolean;
  readonly evidence: Evidence;
  /** How many transactions there were; `evidence` holds the first and the last of them. */
  readonly transactionCount: number;
  readonly unexpected: readonly Signal[];
  readonly steps: Readonly<Partial<Record<StepName, StepRecord>>>;
  readonly signature: "verified" | "failed" | "no-key" | "unchecked";
  /** Whose key it was checked with, our words and a host; empty while it was not. */
  readonly signingKey: string;
  readonly startedAt: number;
  readonly endedAt: number;
}

/** A copy of a handshake that nobody else has seen yet. */
export type Draft = { -readonly [Name in keyof Handshake]: Handshake[Name] };

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
    evidence: noEvidence,
    transactionCount: 0,
    unexpected: [],
    steps: {},
    signature: "unchecked",
    signingKey: "",
    startedAt: at,
    endedAt: at,
  };
}

/** Moves the stage by the table; a signal that the table does not expect is kept as unexpected. */
export function reduceHandshake(handshake: Handshake, signal: Signal): Handshake {
  const draft: Draft = { ...handshake };
  addSignal(draft, signal);
  return draft;
}

/** As `reduceHandshake`, in a copy that was made already. */
export function addSignal(draft: Draft, signal: Signal): void {
  const stage = nextStage[draft.stage][signal];
  if (stage !== undefined) {
    draft.stage = stage;
    draft.isTokenDenied = isDeniedAfter(draft, signal);
  } else if (draft.unexpected.length < unexpectedLimit) draft.unexpected = [...draft.unexpected, signal];
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
  const draft: Draft = { ...handshake };
  addTransaction(draft, id, span[0], span[1]);
  return draft;
}

/** As `withTransaction`, in a copy that was made already. */
export function addTransaction(draft: Draft, id: string, from: number, to: number): void {
  draft.evidence = withEvidence(draft.evidence, id);
  draft.transactionCount += 1;
  draft.startedAt = Math.min(draft.startedAt, from);
  draft.endedAt = Math.max(draft.endedAt, to);
}

/** Joins what came before the caller was known (`prelude`) into the handshake that it turned out to belong to. */
export function absorbHandshake(into: Handshake, prelude: Handshake): Handshake {
  const isLater = prelude.startedAt >= into.startedAt;
  const merged: Draft = {
    ...into,
    otherSignIns: prelude.otherSignIns.reduce(withSignIn, into.otherSignIns),
    lanes: { ...prelude.lanes, ...into.lanes },
    hasChallenge: into.hasChallenge || prelude.hasChallenge,
    refusingServers: [...new Set([...into.refusingServers, ...prelude.refusingServers])],
    steps: isLater ? { ...into.steps, ...prelude.steps } : { ...prelude.steps, ...into.steps },
    startedAt: Math.min(into.startedAt, prelude.startedAt),
    endedAt: Math.max(into.endedAt, prelude.endedAt),
    transactionCount: into.transactionCount + prelude.transactionCount,
  };
  for (const signal of signalsOf(prelude.stage)) addSignal(merged, signal);
  const [first, second] = isLater ? [into, prelude] : [prelude, into];
  merged.evidence = evidenceIds(second.evidence).reduce(withEvidence, first.evidence);
  return merged;
}

/** What a status says to credentials that are not a token; a redirect and a server's own trouble do not tell. */
export function signInAnswer(status: number | null): SignIn["answer"] {
  if (status === null) return "undecided";
  if (status === 401 || status === 403) return "refused";
  return status >= 200 && status < 300 ? "accepted" : "undecided";
}

/** A sign-in other than by token, kept once for each kind. */
export function withOtherSignIn(handshake: Handshake, signIn: SignIn): Handshake {
  return { ...handshake, otherSignIns: withSignIn(handshake.otherSignIns, signIn) };
}

function withSignIn(signIns: readonly SignIn[], now: SignIn): readonly SignIn[] {
  const before = signIns.find(({ scheme }) => scheme === now.scheme);
  if (before === undefined) return [...signIns, now];
  // NTLM opens each connection with a 401, and an answer that tells says more than one that does not.
  const isKept = before.answer === "accepted" || now.answer === "undecided";
  const merged = {
    ...now,
    answer: isKept ? before.answer : now.answer,
    afterBearer: before.afterBearer || now.afterBearer,
  };
  return signIns.map((signIn) => (signIn === before ? merged : signIn));
}

const unexpectedLimit = 20;
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
