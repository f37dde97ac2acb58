// Events in, conclusions out. A state machine without clock or I/O: the same events in the same order give the same
// analysis, in O(1) per event and bounded memory (docs/decisions/0002).
import { boundedMap } from "../core/bounded-map.ts";
import { type CaptureEvent, type SignatureCheck, timeOfEvent } from "../core/capture-event.ts";
import type { HttpTransaction } from "../core/http-transaction.ts";
import type { Applications } from "../core/principals.ts";
import { printable } from "../core/printable-text.ts";
import { recentMap } from "../core/recent-map.ts";
import type { Authorization, TransactionFacts } from "../decoders/facts.ts";
import { decodeTransaction } from "../decoders/messages/decode-transaction.ts";
import { type Correlator, startCorrelator } from "../handshake/correlate.ts";
import { startHandshakeStore } from "../handshake/handshake-store.ts";
import type { Handshake } from "../handshake/reduce.ts";
import { startRowCorrelator } from "../handshake/rows/correlate-rows.ts";
import type { Analysis, CaptureVerdict, HandshakeReport } from "./analysis.ts";
import { type AnalysisChange, TransactionChange } from "./analysis-change.ts";
import { keyOwner } from "./catalogue/token.ts";
import { startChecklist } from "./checklist.ts";
import { startConclusions } from "./conclusions.ts";
import { directionsOf } from "./directions.ts";
import { startForgottenHandshakes } from "./forgotten-handshakes.ts";
import { startRowJudge } from "./judge-log-row.ts";
import { judgeTransaction } from "./judge-transaction.ts";
import { type Ledger, type SightingTime, startLedger, timesOf } from "./ledger.ts";
import type { ReadinessCollector } from "./readiness-evidence.ts";
import { reportHandshake } from "./report-handshake.ts";
import type { RemovalKind } from "./rules/credential-record.ts";
import { judgeEvent, keyIdText } from "./rules/judge-event.ts";
import { presentedTokens, type RuleInput } from "./rules/rule.ts";
import { startTally } from "./tally.ts";
import { judgeHandshake, worseVerdict } from "./verdict.ts";

export interface AnalysisOptions {
  /** The realm that callers must have; without it only the challenge's realm is compared. */
  readonly realm?: string;
  /** Applications by id in lower case, beside the well-known ones. */
  readonly applications?: ReadonlyMap<string, string>;
  /** The tenant's dedicated hybrid application: its id in lower case. */
  readonly hybridApp?: string;
  /** Prefix of handshake ids when several captures are judged separately, such as `f2.`. */
  readonly prefix?: string;
  /** Names of the captures for the rows, by the number in transaction ids (`f2.t7` is the second). */
  readonly captures?: readonly string[];
  /** Time at which every token's validity is judged (epoch milliseconds); without it, the time of its request. */
  readonly clock?: number;
  /** The input is one pasted message: nothing is concluded from what it lacks. */
  readonly isExcerpt?: boolean;
  /** Starts the collector of `Analysis.readiness`, one for each capture; without it that member is left out. */
  readonly startReadiness?: () => ReadinessCollector;
}

export type { AnalysisChange };

export interface Analyzer {
  /** `facts` is the result of `decodeTransaction` when the caller already has it. */
  accept(event: CaptureEvent, facts?: TransactionFacts): AnalysisChange;
  /** A recent request of the capture has this client-request-id: a row of a log with it is judged here. */
  knowsRequest(clientRequestId: string): boolean;
  /** The current analysis, in time proportional to handshakes and findings, not to transactions. */
  snapshot(): Analysis;
}

const noCaptures: readonly string[] = [];
const callLimit = 8_192;
const authorizationLimit = 256;

function expectedOf({ realm, hybridApp }: AnalysisOptions): Pick<RuleInput, "realm" | "hybridApp"> {
  return { realm: realm ?? null, hybridApp: hybridApp ?? null };
}

/** Starts an analysis; feed it every event of a capture in order. */
export function startAnalysis(options: AnalysisOptions): Analyzer {
  const store = startHandshakeStore(options.prefix ?? "");
  const correlator = startCorrelator(options.prefix, store);
  const rows = startRowCorrelator(store, options);
  const ledger = startLedger();
  const tally = startTally();
  const checklist = startChecklist();
  const conclusions = startConclusions(options.isExcerpt === true);
  const signatures = startSignatures(correlator, ledger, options.hybridApp ?? null);
  const readiness = options.startReadiness?.() ?? null;
  const decode = startDecoder(options.applications);
  // A signature check has no time; it takes that of the last event.
  let lastAt: SightingTime = { end: 0, start: 0 };
  const forgotten = startForgottenHandshakes();
  const acceptRow = startRowJudge({ rows, ledger, conclusions, options });

  const acceptTransaction = (transaction: HttpTransaction, facts: TransactionFacts): AnalysisChange => {
    lastAt = timesOf(transaction);
    const correlation = rows.join(correlator.accept(transaction, facts));
    for (const handshake of correlator.takeEvicted()) forgotten.add(handshake);
    tally.add(transaction, facts);
    const { handshake, server: host } = correlation;
    if (correlation.role === "call" && handshake !== null) signatures.noteCall(transaction.id, handshake.id);
    if (correlation.outcome === "accepted") checklist.tick(transaction.id, facts);
    const at = options.clock ?? transaction.startedAt;
    const tokens = presentedTokens(facts);
    const input = { transaction, facts, tokens, correlation, host, at, ...expectedOf(options) };
    conclusions.add(input);
    readiness?.add(input);
    const findings = judgeTransaction(input, ledger);
    return new TransactionChange(input, findings, options.captures ?? noCaptures);
  };

  return {
    accept(event, facts) {
      if (event.kind === "transaction") return acceptTransaction(event.transaction, facts ?? decode(event.transaction));
      tally.addEvent(event);
      if (event.kind === "log-row") {
        const change = acceptRow(event.row);
        for (const handshake of correlator.takeEvicted()) forgotten.add(handshake);
        return change;
      }
      const handshakes = event.kind === "signature" ? signatures.accept(event.check) : [];
      lastAt = sightingTimeOf(event) ?? lastAt;
      const transactionId = event.kind === "signature" ? event.check.transactionId : null;
      const sighted = { transactionId, isAccepted: false, recovery: null, at: lastAt };
      if (event.kind === "log-file") conclusions.addFile(event.report);
      const findings = judgeEvent(event).map((finding) => ledger.record(finding, sighted));
      return { row: null, facts: null, findings, handshakes, absorbed: [] };
    },
    knowsRequest: (id) => store.requests.find(id) !== undefined,
    snapshot() {
      const handshakes = rows.views(correlator.handshakes());
      const counts = tally.counts();
      const drawn = conclusions.draw(handshakes, counts.transactions, forgotten.count());
      const reports = handshakes.map((one) => reportHandshake(one, options.hybridApp));
      return {
        verdict: withRemoved(worstVerdict(handshakes, forgotten.verdict()), drawn.removed),
        directions: directionsOf(reports, forgotten.byDirection),
        counts,
        handshakes: reports,
        findings: [...ledger.all(), ...drawn.findings],
        checklist: checklist.items(),
        ...(drawn.ewsOnline.length === 0 ? {} : { ewsOnline: drawn.ewsOnline }),
        ...(readiness === null ? {} : { readiness: readiness.evidence() }),
      };
    },
  };
}

function sightingTimeOf(event: Exclude<CaptureEvent, { kind: "transaction" }>): SightingTime | null {
  const time = timeOfEvent(event);
  return time === null ? null : { end: Math.floor(time), start: Math.floor(time) };
}

/** Equal credentials are decoded once. */
function startDecoder(applications?: Applications): (transaction: HttpTransaction) => TransactionFacts {
  const authorizations = boundedMap<string, Authorization>(authorizationLimit);
  const options = { authorizations, ...(applications === undefined ? {} : { applications }) };
  return (transaction) => decodeTransaction(transaction, options);
}

interface Signatures {
  /** Remembers the handshake of a call, as a check comes after it. */
  noteCall(transactionId: string, handshakeId: string): void;
  /** Records the result of a check; returns the handshake when it changes. */
  accept(check: SignatureCheck): readonly HandshakeReport[];
}

function startSignatures(correlator: Correlator, ledger: Ledger, hybridApp: string | null): Signatures {
  const handshakeOfCall = recentMap<string, string>(callLimit);
  return {
    noteCall: (transactionId, handshakeId) => handshakeOfCall.set(transactionId, handshakeId),
    accept({ transactionId, token, keyId, outcome, keySource, keyHost }) {
      // The key arrived after the token, so the finding that it is missing no longer holds.
      if (outcome !== "no-key") ledger.withdraw({ code: "SIGNATURE_NO_KEY", token, keyId: keyIdText(keyId) });
      const id = handshakeOfCall.get(transactionId);
      if (id === undefined || !token.startsWith("authorization")) return [];
      const owner = keySource === null ? "" : keyOwner(keySource, printable(keyHost ?? ""));
      const handshake = correlator.setSignature(id, outcome, owner);
      return handshake === null ? [] : [reportHandshake(handshake, hybridApp)];
    },
  };
}

function worstVerdict(handshakes: readonly Handshake[], forgotten: CaptureVerdict): CaptureVerdict {
  return handshakes.map(judgeHandshake).reduce<CaptureVerdict>(worseVerdict, forgotten);
}

/**
 * With markers in place of credentials, a password may have been sent unseen, so the verdict is at best inconclusive. Missing
 * fields only matter where there is no other verdict: they concern one host and leave the evidence of others intact.
 */
function withRemoved(verdict: CaptureVerdict, removed: RemovalKind | null): CaptureVerdict {
  return removed === "masked" || (removed === "missing" && verdict === "none")
    ? worseVerdict(verdict, "inconclusive")
    : verdict;
}
