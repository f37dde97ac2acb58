// Events in, conclusions out. A state machine without clock or I/O: the same events in the same order give the same
// analysis, in O(1) per event and bounded memory (docs/decisions/0002).
import { boundedMap } from "../core/bounded-map.ts";
import { type CaptureEvent, type SignatureCheck, timeOfEvent } from "../core/capture-event.ts";
import type { HttpTransaction } from "../core/http-transaction.ts";
import { printable } from "../core/printable-text.ts";
import { recentMap } from "../core/recent-map.ts";
import type { Authorization, TransactionFacts } from "../decoders/facts.ts";
import { decodeTransaction } from "../decoders/messages/decode-transaction.ts";
import { startCorrelator } from "../handshake/correlate.ts";
import type { Handshake } from "../handshake/reduce.ts";
import type { Analysis, CaptureVerdict, HandshakeReport, TrafficRow } from "./analysis.ts";
import type { FindingReport } from "./catalogue/finding.ts";
import { keyOwner } from "./catalogue/key-owner.ts";
import { startChecklist } from "./checklist.ts";
import { startConclusions } from "./conclusions.ts";
import { directionsOf } from "./directions.ts";
import { startForgottenHandshakes } from "./forgotten-handshakes.ts";
import { captureOf } from "./join-analyses.ts";
import { judgeTransaction } from "./judge-transaction.ts";
import { type SightingTime, startLedger, timesOf } from "./ledger.ts";
import type { ReadinessCollector } from "./readiness-evidence.ts";
import { reportHandshake } from "./report-handshake.ts";
import type { RemovalKind } from "./rules/credential-record.ts";
import { judgeEvent, keyIdText } from "./rules/judge-event.ts";
import { presentedTokens, type RuleInput } from "./rules/rule.ts";
import { startTally } from "./tally.ts";
import { trafficRow } from "./traffic-row.ts";
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

/** The changes that one event made. `findings` and `handshakes` hold the new and changed ones in their current state. */
export interface AnalysisChange {
  readonly row: TrafficRow | null;
  /** Null for every event that is not a transaction. */
  readonly facts: TransactionFacts | null;
  readonly findings: readonly FindingReport[];
  readonly handshakes: readonly HandshakeReport[];
  /** Handshakes that were merged into another, or (`into: null`) dropped because they are a person's sign-in. */
  readonly absorbed: readonly { readonly id: string; readonly into: string | null }[];
}

export interface Analyzer {
  /** `facts` is the result of `decodeTransaction` when the caller already has it. */
  accept(event: CaptureEvent, facts?: TransactionFacts): AnalysisChange;
  /** The current analysis, in time proportional to handshakes and findings, not to transactions. */
  snapshot(): Analysis;
}

/** Builds row and handshakes on demand from values that no longer change: a replay of a large file reads none before its end. */
class TransactionChange implements AnalysisChange {
  readonly facts: TransactionFacts;
  readonly findings: readonly FindingReport[];
  readonly #input: RuleInput;
  readonly #captures: readonly string[];
  #row: TrafficRow | null = null;

  constructor(input: RuleInput, findings: readonly FindingReport[], captures: readonly string[]) {
    this.facts = input.facts;
    this.findings = findings;
    this.#input = input;
    this.#captures = captures;
  }

  get row(): TrafficRow {
    this.#row ??= this.#makeRow();
    return this.#row;
  }

  #makeRow(): TrafficRow {
    const { transaction, facts, correlation, host } = this.#input;
    const row = trafficRow(transaction, facts, correlation, { host, findings: this.findings });
    const capture = captureOf(transaction.id, this.#captures);
    return capture === null ? row : { ...row, capture };
  }

  get handshakes(): readonly HandshakeReport[] {
    const { handshake, changed } = this.#input.correlation;
    return (handshake === null ? changed : [handshake, ...changed]).map((one) =>
      reportHandshake(one, this.#input.hybridApp),
    );
  }

  get absorbed(): AnalysisChange["absorbed"] {
    return this.#input.correlation.absorbed;
  }
}

const noCaptures: readonly string[] = [];
const callLimit = 8_192;
const authorizationLimit = 256;

function expectedOf({ realm, hybridApp }: AnalysisOptions): Pick<RuleInput, "realm" | "hybridApp"> {
  return { realm: realm ?? null, hybridApp: hybridApp ?? null };
}

/** Starts an analysis; feed it every event of a capture in order. */
export function startAnalysis(options: AnalysisOptions): Analyzer {
  const correlator = startCorrelator(options.prefix);
  const ledger = startLedger();
  const tally = startTally();
  const checklist = startChecklist();
  const conclusions = startConclusions(options.isExcerpt === true);
  const handshakeOfCall = recentMap<string, string>(callLimit);
  const readiness = options.startReadiness?.() ?? null;
  const authorizations = boundedMap<string, Authorization>(authorizationLimit);
  // A signature check has no time; it takes that of the last event.
  let lastAt: SightingTime = { end: 0, start: 0 };
  const forgotten = startForgottenHandshakes();

  const decode = (transaction: HttpTransaction): TransactionFacts => {
    const { applications } = options;
    return decodeTransaction(transaction, { authorizations, ...(applications === undefined ? {} : { applications }) });
  };

  const acceptTransaction = (transaction: HttpTransaction, facts: TransactionFacts): AnalysisChange => {
    lastAt = timesOf(transaction);
    const correlation = correlator.accept(transaction, facts);
    for (const handshake of correlator.takeEvicted()) forgotten.add(handshake);
    tally.add(transaction, facts);
    const { handshake, server: host } = correlation;
    if (correlation.role === "call" && handshake !== null) handshakeOfCall.set(transaction.id, handshake.id);
    if (correlation.outcome === "accepted") checklist.tick(transaction.id, facts);
    const at = options.clock ?? transaction.startedAt;
    const tokens = presentedTokens(facts);
    const input = { transaction, facts, tokens, correlation, host, at, ...expectedOf(options) };
    conclusions.add(input);
    readiness?.add(input);
    const findings = judgeTransaction(input, ledger);
    return new TransactionChange(input, findings, options.captures ?? noCaptures);
  };

  const acceptSignature = (check: SignatureCheck): readonly HandshakeReport[] => {
    const { token, keyId, outcome, keySource, keyHost } = check;
    // The key arrived after the token, so the finding that it is missing no longer holds.
    if (outcome !== "no-key") ledger.withdraw({ code: "SIGNATURE_NO_KEY", token, keyId: keyIdText(keyId) });
    const id = handshakeOfCall.get(check.transactionId);
    if (id === undefined || !token.startsWith("authorization")) return [];
    const owner = keySource === null ? "" : keyOwner(keySource, printable(keyHost ?? ""));
    const handshake = correlator.setSignature(id, outcome, owner);
    return handshake === null ? [] : [reportHandshake(handshake, options.hybridApp)];
  };

  return {
    accept(event, facts) {
      if (event.kind === "transaction") return acceptTransaction(event.transaction, facts ?? decode(event.transaction));
      const handshakes = event.kind === "signature" ? acceptSignature(event.check) : [];
      const transactionId = event.kind === "signature" ? event.check.transactionId : null;
      const time = timeOfEvent(event);
      if (time !== null) lastAt = { end: Math.floor(time), start: Math.floor(time) };
      const sighted = { transactionId, isAccepted: false, recovery: null, at: lastAt };
      tally.addEvent(event);
      const findings = judgeEvent(event).map((finding) => ledger.record(finding, sighted));
      return { row: null, facts: null, findings, handshakes, absorbed: [] };
    },
    snapshot() {
      const handshakes = correlator.handshakes();
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
