// How a row changes the handshake of rows that it belongs to.
import type { LogRow } from "../../core/log-row.ts";
import { endpointOf } from "../../decoders/messages/endpoint.ts";
import { tokenServiceOf } from "../../decoders/tokens/token-service.ts";
import { type Direction, nextRoute } from "../direction.ts";
import { withEvidence } from "../evidence.ts";
import type { EwsPolicy } from "../ews-policy.ts";
import {
  type Handshake,
  type LogState,
  newHandshake,
  type OtherSignIn,
  type StepName,
  type StepRecord,
  signInAnswer,
  withOperation,
  withSignIn,
} from "../reduce.ts";
import type { Outcome } from "../signals.ts";
import { nextStage, type Signal } from "../stages.ts";
import { signInNote } from "../step-notes.ts";
import type { RowReading } from "./read-row.ts";
import { callNote, rowAnswerNote, tokenNote } from "./row-notes.ts";

/** A new handshake of rows. */
export function newLogHandshake(id: string, server: string, row: LogRow): Handshake {
  const direction: Direction = row.direction === "to-exchange" ? "inbound" : "outbound";
  return { ...newHandshake(id, row.client, server, startOf(row)), log: { ...noRows, direction } };
}

const noRows: Omit<LogState, "direction"> = {
  stage: "idle",
  lanes: {},
  isTokenDenied: false,
  otherSignIns: [],
  policy: null,
  steps: {},
  callerShownBy: null,
  calls: 0,
  accepted: 0,
  operations: [],
  isCloudService: false,
  hasFailed: false,
  isFormUnproven: false,
};

function startOf({ startedAt, endedAt }: LogRow): number {
  return startedAt ?? endedAt;
}

/** Adds the row as evidence, with what it says of the caller, the client and the time. */
export function withRow(handshake: Handshake, row: LogRow, reading: RowReading): Handshake {
  const { caller, realm, token } = reading;
  return {
    ...handshake,
    evidence: withEvidence(handshake.evidence, row.id),
    startedAt: Math.min(handshake.startedAt, startOf(row)),
    endedAt: Math.max(handshake.endedAt, row.endedAt),
    client: handshake.client === row.client || row.client === "" ? handshake.client : "",
    caller: handshake.caller ?? caller,
    realm: handshake.realm || realm,
    issuerAsSeen: handshake.issuerAsSeen || (token?.caller?.asSeen ?? "").slice(0, 512),
    actingAs: actingAsOf(row, reading) ?? handshake.actingAs,
    isCalled: handshake.isCalled || reading.role === "call",
    route: isRequest(row) ? nextRoute(handshake.route, endpointOf(row.host, row.path)) : handshake.route,
    tokenService: (token === null ? null : tokenServiceOf(token)) ?? handshake.tokenService,
    log: withShownBy(logOf(handshake), row, reading),
  };
}

function actingAsOf({ actsAs }: LogRow, { role, lane }: RowReading): string | null {
  return role === "call" && lane === "user" ? (actsAs?.keys[0] ?? "unknown") : null;
}

function withShownBy(log: LogState, row: LogRow, { shownBy }: RowReading): LogState {
  return {
    ...log,
    callerShownBy: log.callerShownBy ?? shownBy,
    isFormUnproven: log.isFormUnproven || row.isFormUnproven,
  };
}

/** Adds the id of a row to the evidence. */
export function withRowId(handshake: Handshake, id: string): Handshake {
  return { ...handshake, evidence: withEvidence(handshake.evidence, id) };
}

/** Adds a row about a request of the traffic, which has the better evidence: nothing else changes. */
export function withRowBeside(handshake: Handshake, row: LogRow): Handshake {
  const log = logOf(handshake);
  return {
    ...handshake,
    evidence: withEvidence(handshake.evidence, row.id),
    startedAt: Math.min(handshake.startedAt, startOf(row)),
    endedAt: Math.max(handshake.endedAt, row.endedAt),
    log: { ...log, isFormUnproven: log.isFormUnproven || row.isFormUnproven },
  };
}

/** Only these rows hold the path of a request. */
function isRequest({ log, path }: LogRow): boolean {
  return (log === "http-proxy" || log === "ews" || log === "autodiscover") && path !== "";
}

/** What a row says of a call. */
export interface CallChange {
  readonly row: LogRow;
  readonly reading: RowReading;
  readonly outcome: Outcome;
  /** The outcome that was counted for this call; null for a call that was not counted. */
  readonly before: Outcome | null;
  readonly operation: string;
}

/** Adds a call with a token. */
export function withCall(handshake: Handshake, { row, reading, outcome, before, operation }: CallChange): Handshake {
  const log = logOf(handshake);
  const { lane, isCloud, caller } = reading;
  // A call of which only the back end tells, and one whose end is not known, do not undo what was proven before.
  const isTelling = outcome !== "undecided" || log.stage !== "trusted" || row.side === "front-end";
  const signals: readonly Signal[] =
    outcome === "undecided" ? (isTelling ? ["token-presented"] : []) : ["token-presented", outcome];
  const isAccepted = outcome === "accepted";
  const policy = isAccepted ? null : (policyOf(row) ?? log.policy);
  return {
    ...handshake,
    log: {
      ...afterSignals(log, signals),
      lanes: outcome === "undecided" ? log.lanes : { ...log.lanes, [lane]: outcome },
      policy,
      calls: log.calls + Number(before === null),
      accepted: log.accepted + Number(isAccepted) - Number(before === "accepted"),
      operations: isAccepted && operation !== "" ? withOperation(log.operations, operation) : log.operations,
      isCloudService: log.isCloudService || (isAccepted && caller === null && isCloud),
      hasFailed: row.failure !== "",
      steps: { ...log.steps, ...callSteps(row, reading, outcome) },
    },
  };
}

function callSteps(row: LogRow, reading: RowReading, outcome: Outcome): LogState["steps"] {
  const { id } = row;
  return {
    call: { state: "ok", transactionId: id, note: callNote(row, reading) },
    answer: { state: outcome === "accepted" ? "ok" : "failed", transactionId: id, note: rowAnswerNote(row) },
  };
}

/** A policy of EWS that refused the call after its sign-in; null for another row. */
export function policyOf({ failure, refusal }: LogRow): EwsPolicy | null {
  return refusal === null && /not allowed to access ews|blocked by policy|ews is (?:disabled|blocked)/i.test(failure)
    ? "other"
    : null;
}

/** Adds the operation that the row of the back end names to an accepted call. */
export function withOperationOf(handshake: Handshake, operation: string): Handshake {
  const log = logOf(handshake);
  return { ...handshake, log: { ...log, operations: withOperation(log.operations, operation) } };
}

/** Takes a call away that another handshake counts. */
export function withoutCall(handshake: Handshake, outcome: Outcome | null): Handshake {
  const log = logOf(handshake);
  const accepted = log.accepted - Number(outcome === "accepted");
  return { ...handshake, log: { ...log, calls: log.calls - 1, accepted } };
}

/** Adds a sign-in other than by token. */
export function withRowSignIn(handshake: Handshake, row: LogRow, afterBearer: boolean): Handshake {
  const log = logOf(handshake);
  const scheme: OtherSignIn = row.signIn === "basic" || row.signIn === "ntlm" ? row.signIn : "negotiate";
  const signIn = { scheme, answer: signInAnswer(row.status), afterBearer };
  const call: StepRecord = { state: "failed", transactionId: row.id, note: signInNote(scheme) };
  const state = signIn.answer === "accepted" ? "ok" : "failed";
  const answer: StepRecord = { state, transactionId: row.id, note: rowAnswerNote(row) };
  return {
    ...handshake,
    log: { ...log, otherSignIns: withSignIn(log.otherSignIns, signIn), steps: { ...log.steps, call, answer } },
  };
}

/** Adds the answer of a token service. */
export function withTokenAnswer(handshake: Handshake, row: LogRow): Handshake {
  const log = logOf(handshake);
  const isGiven = row.isTokenGiven === true;
  const token: StepRecord = { state: isGiven ? "ok" : "failed", transactionId: row.id, note: tokenNote(row) };
  const steps: Partial<Record<StepName, StepRecord>> = { ...log.steps, token };
  return { ...handshake, log: { ...afterSignals(log, [isGiven ? "token-issued" : "token-denied"]), steps } };
}

function afterSignals(log: LogState, signals: readonly Signal[]): LogState {
  let { stage, isTokenDenied } = log;
  for (const signal of signals) {
    stage = nextStage[stage][signal] ?? stage;
    if (signal === "token-denied") isTokenDenied = true;
    else if (signal === "token-issued" || signal === "accepted") isTokenDenied = false;
  }
  return { ...log, stage, isTokenDenied };
}

/** The rows of a handshake; of one of traffic alone, none. */
function logOf({ log }: Handshake): LogState {
  return log ?? { ...noRows, direction: "inbound" };
}
