// The state of one handshake and its changes by signals. A stored handshake is immutable: a change writes to a copy that is then
// stored. All lists are bounded.
import type { CallerSource } from "../core/log-row.ts";
import type { Principal } from "../core/principals.ts";
import type { S2sToken, TokenService } from "../decoders/facts.ts";
import type { GraphFamily } from "../decoders/graph-facts.ts";
import type { Direction, Route } from "./direction.ts";
import { type Evidence, evidenceIds, noEvidence, withEvidence } from "./evidence.ts";
import type { EwsPolicy } from "./ews-policy.ts";
import { nextStage, type Signal, type Stage } from "./stages.ts";

/** A sign-in of a service other than by token. */
export type OtherSignIn = "basic" | "ntlm" | "negotiate" | "ws-security";

/** The answer to such a sign-in; an accepted one stays accepted. `undecided`: without an answer, or with one that does not tell. */
export interface SignIn {
  readonly scheme: OtherSignIn;
  readonly answer: "accepted" | "refused" | "undecided";
  /** An earlier 401 of the conversation offered Bearer. */
  readonly afterBearer: boolean;
}

/** Calls as the application alone, or acting as a user: the server checks them differently. */
export type Lane = "application" | "user";

export interface StepRecord {
  readonly state: "ok" | "failed";
  readonly transactionId: string;
  readonly note: string;
}
export type StepName = "discovery" | "probe" | "challenge" | "token" | "call" | "answer";

/** What rows of logs say of a handshake: the same members as those of traffic, which they never change. */
export interface LogState {
  /** Of the rows: who calls whom. */
  readonly direction: Direction;
  readonly stage: Stage;
  readonly lanes: Handshake["lanes"];
  readonly isTokenDenied: boolean;
  readonly otherSignIns: readonly SignIn[];
  readonly policy: EwsPolicy | null;
  readonly steps: Handshake["steps"];
  readonly callerShownBy: CallerSource | null;
  /** Calls that no captured transaction shows; a front-end row and its back-end row are one call. */
  readonly calls: number;
  readonly accepted: number;
  /** Operations of accepted calls, at most 8. */
  readonly operations: readonly string[];
  /** Accepted calls act as a user for a cloud service, and no row names the application. */
  readonly isCloudService: boolean;
  /** The last call failed after the sign-in. */
  readonly hasFailed: boolean;
  /** Rests on members of a log whose form is not proven for that version of Exchange. */
  readonly isFormUnproven: boolean;
}

export interface Handshake {
  readonly id: string;
  readonly client: string;
  readonly server: string;
  /** Null while there was only a probe, a challenge or another sign-in. */
  readonly caller: Principal | null;
  readonly realm: string;
  readonly issuerAsSeen: string;
  /** User form of the last call that acted as a user, else null. */
  readonly actingAs: string | null;
  /** A call with a token has named caller and realm; until then they come from a token request. */
  readonly isCalled: boolean;
  readonly stage: Stage;
  /** The last answer to a token for each lane: the success of one does not excuse the other. */
  readonly lanes: Readonly<Partial<Record<Lane, "accepted" | "refused">>>;
  /** The token service refused the last request, and nothing has worked since. */
  readonly isTokenDenied: boolean;
  /** One for each scheme. */
  readonly otherSignIns: readonly SignIn[];
  /** Servers behind the name that refused a token while another one accepted it. */
  readonly refusingServers: readonly string[];
  /** The policy that refused the last call to EWS, and not its token; null when none did, or a later call was accepted. */
  readonly policy: EwsPolicy | null;
  /** Families of Graph calls whose last answer was the refusal of a permission: another family has other permissions. */
  readonly refusedGraphCalls: readonly GraphFamily[];
  /** The 401 of this handshake offered Bearer, with these parameters. */
  readonly hasChallenge: boolean;
  readonly evidence: Evidence;
  /** How many transactions there were; `evidence` holds the first and the last of them. */
  readonly transactionCount: number;
  readonly unexpected: readonly Signal[];
  readonly steps: Readonly<Partial<Record<StepName, StepRecord>>>;
  readonly signature: "verified" | "failed" | "no-key" | "unchecked";
  /** Owner of the key of the check, in words of this program and a host; empty while unchecked. */
  readonly signingKey: string;
  /** The interface of the last call that is not discovery; null while only a token was requested. */
  readonly route: Route | null;
  /** Issuer of the last token that was presented, else of the one that was requested; null when neither tells. */
  readonly tokenService: TokenService | null;
  /** What rows of logs say of it; the members above are of captured traffic. Null without rows. */
  readonly log: LogState | null;
  readonly startedAt: number;
  readonly endedAt: number;
}

/** A copy of a handshake that is not stored yet. */
export type Draft = { -readonly [Name in keyof Handshake]: Handshake[Name] };

/** The lane of a token; `application` for an unreadable one (null). */
export function laneOf(token: S2sToken | null): Lane {
  if (token === null) return "application";
  return token.tokenKind === "app-acts-as-user" || token.tokenKind === "app-asserted-user" ? "user" : "application";
}

/** An empty handshake between a client and a server, started at `at`. */
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
    policy: null,
    refusedGraphCalls: [],
    hasChallenge: false,
    evidence: noEvidence,
    transactionCount: 0,
    unexpected: [],
    steps: {},
    signature: "unchecked",
    signingKey: "",
    route: null,
    tokenService: null,
    log: null,
    startedAt: at,
    endedAt: at,
  };
}

/** Moves the stage by the table; a signal that the table does not list is recorded as unexpected. */
export function reduceHandshake(handshake: Handshake, signal: Signal): Handshake {
  const draft: Draft = { ...handshake };
  addSignal(draft, signal);
  return draft;
}

/** As `reduceHandshake`, in an existing copy. */
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

/** Adds a transaction to the handshake and widens its time. */
export function withTransaction(
  handshake: Handshake,
  id: string,
  span: readonly [from: number, to: number],
): Handshake {
  const draft: Draft = { ...handshake };
  addTransaction(draft, id, span[0], span[1]);
  return draft;
}

/** As `withTransaction`, in an existing copy. */
export function addTransaction(draft: Draft, id: string, from: number, to: number): void {
  draft.evidence = withEvidence(draft.evidence, id);
  draft.transactionCount += 1;
  draft.startedAt = Math.min(draft.startedAt, from);
  draft.endedAt = Math.max(draft.endedAt, to);
}

/** Merges the transactions before the caller was known (`prelude`) into the handshake of that caller. */
export function absorbHandshake(into: Handshake, prelude: Handshake): Handshake {
  const isLater = prelude.startedAt >= into.startedAt;
  const merged: Draft = {
    ...into,
    otherSignIns: prelude.otherSignIns.reduce(withSignIn, into.otherSignIns),
    lanes: { ...prelude.lanes, ...into.lanes },
    route: into.route ?? prelude.route,
    tokenService: into.tokenService ?? prelude.tokenService,
    hasChallenge: into.hasChallenge || prelude.hasChallenge,
    refusedGraphCalls: [...new Set([...into.refusedGraphCalls, ...prelude.refusedGraphCalls])],
    refusingServers: [...new Set([...into.refusingServers, ...prelude.refusingServers])],
    steps: isLater ? { ...into.steps, ...prelude.steps } : { ...prelude.steps, ...into.steps },
    startedAt: Math.min(into.startedAt, prelude.startedAt),
    endedAt: Math.max(into.endedAt, prelude.endedAt),
    transactionCount: into.transactionCount + prelude.transactionCount,
    log: joinLogs(into.log, prelude.log),
  };
  for (const signal of signalsOf(prelude.stage)) addSignal(merged, signal);
  const [first, second] = isLater ? [into, prelude] : [prelude, into];
  merged.evidence = evidenceIds(second.evidence).reduce(withEvidence, first.evidence);
  return merged;
}

/** The answer of a status to credentials other than a token; a redirect or a server error does not decide. */
export function signInAnswer(status: number | null): SignIn["answer"] {
  if (status === null) return "undecided";
  if (status === 401 || status === 403) return "refused";
  return status >= 200 && status < 300 ? "accepted" : "undecided";
}

/** Adds a sign-in other than by token, once for each kind. */
export function withOtherSignIn(handshake: Handshake, signIn: SignIn): Handshake {
  return { ...handshake, otherSignIns: withSignIn(handshake.otherSignIns, signIn) };
}

export function withSignIn(signIns: readonly SignIn[], now: SignIn): readonly SignIn[] {
  const before = signIns.find(({ scheme }) => scheme === now.scheme);
  if (before === undefined) return [...signIns, now];
  // NTLM begins each connection with a 401, so acceptance counts more, and a decided answer more than an undecided one.
  const isKept = before.answer === "accepted" || now.answer === "undecided";
  const merged = {
    ...now,
    answer: isKept ? before.answer : now.answer,
    afterBearer: before.afterBearer || now.afterBearer,
  };
  return signIns.map((signIn) => (signIn === before ? merged : signIn));
}

const operationLimit = 8;

/** Both states as one; `later` is that of the later rows. */
export function joinLogs(before: LogState | null, later: LogState | null): LogState | null {
  if (before === null || later === null) return before ?? later;
  return {
    ...later,
    stage: later.stage === "idle" ? before.stage : later.stage,
    lanes: { ...before.lanes, ...later.lanes },
    isTokenDenied: before.isTokenDenied || later.isTokenDenied,
    otherSignIns: later.otherSignIns.reduce(withSignIn, before.otherSignIns),
    policy: later.policy ?? before.policy,
    steps: { ...before.steps, ...later.steps },
    callerShownBy: before.callerShownBy ?? later.callerShownBy,
    calls: before.calls + later.calls,
    accepted: before.accepted + later.accepted,
    operations: later.operations.reduce(withOperation, before.operations),
    isCloudService: before.isCloudService || later.isCloudService,
    isFormUnproven: before.isFormUnproven || later.isFormUnproven,
  };
}

/** The operations with one more, in their order. */
export function withOperation(operations: readonly string[], name: string): readonly string[] {
  return operations.length >= operationLimit || operations.includes(name) ? operations : [...operations, name];
}

const unexpectedLimit = 20;
// The signals that lead to the stage of a prelude, repeated to the handshake that absorbs it.
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
