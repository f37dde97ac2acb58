// The findings of a capture: equal ones are joined, evidence and numbers are bounded, O(1) per finding.
//
// Two rules weaken an error to a warning (never an alarm): the server accepted the token that the finding is about, or the
// same kind of call of the same handshake was accepted later, which recovers the refusal (an expired token that was renewed,
// for example).
import type { HttpTransaction } from "../core/http-transaction.ts";
import { explain, type Finding, type FindingCode, type FindingReport, findingTexts } from "./catalogue/finding.ts";

interface Entry {
  readonly report: Pick<FindingReport, "code" | "severity" | "message" | "remedy">;
  /** Replaced when it grows, never mutated, because reports share it. */
  evidence: readonly string[];
  count: number;
  /** Number of sightings that still count at full severity. */
  standing: number;
  /** When it was first seen. */
  first: SightingTime;
}

interface WordedFinding {
  readonly report: Entry["report"];
  /** The same for equal findings. */
  readonly key: string;
}

/** A time in whole epoch milliseconds: the end of an exchange and its beginning, or the one time of another event. */
export interface SightingTime {
  readonly end: number;
  readonly start: number;
}

export function timesOf({ startedAt, durationMs }: Pick<HttpTransaction, "startedAt" | "durationMs">): SightingTime {
  return { end: Math.floor(startedAt + (durationMs ?? 0)), start: Math.floor(startedAt) };
}

export interface Sighting {
  readonly transactionId: string | null;
  readonly at: SightingTime;
  /** The server accepted what the finding is about. */
  readonly isAccepted: boolean;
  /** Key of the later success that recovers the finding; null when none does. */
  readonly recovery: string | null;
}

export interface Ledger {
  /** Records one sighting and returns the finding in its current state. */
  record(finding: Finding, sighted: Sighting): FindingReport;
  /** Reports a success by its recovery key; returns the findings that it changed. */
  recover(recovery: string): readonly FindingReport[];
  /** Removes a finding that no longer holds. */
  withdraw(finding: Finding): void;
  /** All findings in order of time, which can differ from the order in which a live capture receives its events. */
  all(): readonly FindingReport[];
}

const evidenceLimit = 20;
const perCodeLimit = 50;
const wordingLimit = 256;

/** An empty ledger. */
export function startLedger(): Ledger {
  const entries = new Map<string, Entry>();
  const perCode = new Map<FindingCode, { count: number; last: Entry }>();
  const pending = new Map<string, Map<Entry, number>>();

  const wordingOf = startWordings();

  const entryOf = (finding: Finding, first: SightingTime): Entry => {
    const { report, key } = wordingOf(finding);
    const known = entries.get(key);
    if (known !== undefined) return known;
    const ofCode = perCode.get(report.code);
    // A hostile or very long capture can vary one finding without end: further variants are counted with the last.
    if (ofCode !== undefined && ofCode.count >= perCodeLimit) return ofCode.last;
    const entry: Entry = { report, evidence: [], count: 0, standing: 0, first };
    entries.set(key, entry);
    perCode.set(report.code, { count: (ofCode?.count ?? 0) + 1, last: entry });
    return entry;
  };

  return {
    record(finding, { transactionId, isAccepted, recovery, at }) {
      const entry = entryOf(finding, at);
      if (compareTimes(at, entry.first) < 0) entry.first = at;
      const text = findingTexts[finding.code];
      entry.count += 1;
      if (transactionId !== null && entry.evidence.length < evidenceLimit && entry.evidence.at(-1) !== transactionId)
        entry.evidence = [...entry.evidence, transactionId];
      if (isAccepted && text.isServersToJudge === true) return reportOf(entry);
      entry.standing += 1;
      if (recovery !== null && text.outlivesRecovery !== true) {
        const waiting = pending.get(recovery) ?? new Map<Entry, number>();
        waiting.set(entry, (waiting.get(entry) ?? 0) + 1);
        pending.set(recovery, waiting);
        forgetOldest(pending);
      }
      return reportOf(entry);
    },
    recover(recovery) {
      const waiting = pending.get(recovery);
      if (waiting === undefined) return [];
      pending.delete(recovery);
      for (const [entry, sightings] of waiting) entry.standing -= sightings;
      return [...waiting.keys()].map(reportOf);
    },
    withdraw(finding) {
      entries.delete(wordingOf(finding).key);
    },
    all: () => [...entries.values()].sort((one, other) => compareTimes(one.first, other.first)).map(reportOf),
  };
}

/** Words findings, each once: the same finding recurs in request after request. */
function startWordings(): (finding: Finding) => WordedFinding {
  const wordingByDetails = new Map<string, WordedFinding>();
  const wordingByObject = new Map<Finding, WordedFinding>();
  return (finding) => {
    const same = wordingByObject.get(finding);
    if (same !== undefined) return same;
    const details = JSON.stringify(finding);
    const known = wordingByDetails.get(details) ?? putIntoWords(finding);
    if (wordingByDetails.size >= wordingLimit) wordingByDetails.clear();
    wordingByDetails.set(details, known);
    if (wordingByObject.size >= wordingLimit) wordingByObject.clear();
    wordingByObject.set(finding, known);
    return known;
  };
}

function compareTimes(one: SightingTime, other: SightingTime): number {
  return one.end === other.end ? one.start - other.start : one.end - other.end;
}

function putIntoWords(finding: Finding): WordedFinding {
  const report = explain(finding);
  return { report, key: `${report.code} ${report.message}` };
}

const pendingLimit = 4_096;

function forgetOldest(pending: Map<string, unknown>): void {
  if (pending.size <= pendingLimit) return;
  const oldest = pending.keys().next();
  if (oldest.done !== true) pending.delete(oldest.value);
}

function reportOf({ report, evidence, count, standing }: Entry): FindingReport {
  const severity = report.severity === "error" && standing <= 0 ? "warning" : report.severity;
  const { code, message, remedy } = report;
  return { code, severity, message, remedy, evidence, count };
}
