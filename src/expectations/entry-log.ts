// The entries of one trace for its checks: of each, only the facts that some check needs.
import type { CaptureEvent, SignatureCheck } from "../core/capture-event.ts";
import type { HttpTransaction } from "../core/http-transaction.ts";
import { printable } from "../core/printable-text.ts";
import type { TransactionFacts } from "../decoders/facts.ts";
import { withoutTokens } from "../decoders/token-in-text.ts";
import type { Analysis, HandshakeReport, TrafficRow } from "../diagnosis/analysis.ts";
import type { AnalysisChange } from "../diagnosis/analyze.ts";
import type { FindingReport } from "../diagnosis/catalogue/finding.ts";
import { presentedToken } from "../handshake/role.ts";
import { tokenIdentity } from "../handshake/token-identity.ts";
import { type EntryOutcome, type FactDefinition, type FactValue, type InputFact, valuesOf } from "./fact.ts";
import { eventFacts } from "./message-facts.ts";
import { findFact } from "./vocabulary.ts";

/** One entry of a trace. `ordinal` counts the transactions from 0; null for any other event. */
export interface LoggedEntry {
  readonly id: string;
  readonly ordinal: number | null;
  readonly at: number;
  /** The entry in one line of printable text, for a code frame. */
  readonly line: string;
  readonly facts: ReadonlyMap<string, readonly FactValue[]>;
}

export interface EntryLog {
  /** Adds an event of the trace with its change of the analysis. */
  accept(event: CaptureEvent, change: AnalysisChange): void;
  /** All entries in the order of the trace, with the facts that are known only at its end. */
  entries(analysis: Analysis): readonly LoggedEntry[];
}

interface StoredEntry {
  readonly id: string;
  readonly ordinal: number | null;
  readonly at: number;
  readonly line: string;
  readonly facts: Map<string, readonly FactValue[]>;
  readonly findings: Set<string>;
  readonly handshakeId: string | null;
  /** Name of the Authorization token, whose signature is checked once for all its uses; empty without a token. */
  readonly token: string;
  verified: EntryOutcome["verified"];
}

export interface EntryLogOptions {
  /** Names of facts; unknown ones are ignored. */
  readonly factNames: ReadonlySet<string>;
  /** Judge tokens at this time instead of the time of the entry, epoch milliseconds. */
  readonly clock: number | null;
}

/** Starts an empty log. */
export function startEntryLog({ factNames, clock }: EntryLogOptions): EntryLog {
  const definitions = [...factNames].flatMap((name) => findFact(name) ?? []);
  const inputFacts = definitions.filter(isInputFact);
  const hasOutcomeFacts = definitions.length > inputFacts.length;
  const stored: StoredEntry[] = [];
  const byId = new Map<string, StoredEntry>();
  const absorbed = new Map<string, string | null>();
  const counts = new Map<string, number>();
  let transactions = 0;

  const keep = (entry: Omit<StoredEntry, "findings" | "verified">): void => {
    const whole: StoredEntry = { ...entry, findings: new Set(), verified: "unchecked" };
    stored.push(whole);
    byId.set(entry.id, whole);
  };

  const keepTransaction = (transaction: HttpTransaction, facts: TransactionFacts, row: TrafficRow): void => {
    const input = { transaction, facts, row, at: clock ?? transaction.startedAt };
    keep({
      id: transaction.id,
      ordinal: transactions,
      at: transaction.startedAt,
      line: renderEntry(row),
      facts: new Map(inputFacts.map((fact) => [fact.name, valuesOf(fact.read(input))])),
      handshakeId: row.handshakeId,
      token: hasOutcomeFacts ? identityOf(facts) : "",
    });
    transactions += 1;
  };

  const keepEvent = (event: CaptureEvent, row: TrafficRow | null): void => {
    const facts = eventFacts(event);
    if (facts === null) return;
    const at = Number(facts.get("at")?.[0] ?? 0);
    // Events but rows of logs have no ids: their kind and number tell them apart.
    const id = row?.id ?? `${event.kind} ${stored.length + 1}`;
    const line = row === null ? event.kind : renderEntry(row);
    const handshakeId = row?.handshakeId ?? null;
    keep({ id, ordinal: null, at, line, facts: new Map(facts), handshakeId, token: "" });
  };

  return {
    accept(event, change) {
      if (event.kind === "signature") noteCheck(byId, event.check);
      else if (event.kind !== "transaction") keepEvent(event, change.row);
      else if (change.facts !== null && change.row !== null)
        keepTransaction(event.transaction, change.facts, change.row);
      for (const { id, into } of change.absorbed) absorbed.set(id, into);
      if (hasOutcomeFacts) noteFindings(counts, change.findings, byId.get(subjectOf(event)));
    },
    entries(analysis) {
      if (hasOutcomeFacts) addOutcomes(stored, definitions, analysis, absorbed);
      return stored;
    },
  };
}

function isInputFact(fact: FactDefinition): fact is InputFact {
  return "read" in fact;
}

function subjectOf(event: CaptureEvent): string {
  if (event.kind === "transaction") return event.transaction.id;
  if (event.kind === "log-row") return event.row.id;
  return event.kind === "signature" ? event.check.transactionId : "";
}

const strength = ["unchecked", "no-key", "verified", "failed"] as const;

/** One failed check outweighs all others. */
function noteCheck(byId: ReadonlyMap<string, StoredEntry>, check: SignatureCheck): void {
  const entry = byId.get(check.transactionId);
  if (entry === undefined || !check.token.startsWith("authorization")) return;
  if (strength.indexOf(check.outcome) > strength.indexOf(entry.verified)) entry.verified = check.outcome;
}

function identityOf(facts: TransactionFacts): string {
  const token = presentedToken(facts);
  return token === null ? "" : tokenIdentity(token);
}

/** The result of the checks of each token, by its identity. */
function checksByToken(stored: readonly StoredEntry[]): ReadonlyMap<string, EntryOutcome["verified"]> {
  const checks = new Map<string, EntryOutcome["verified"]>();
  for (const { token, verified } of stored) {
    const known = checks.get(token) ?? "unchecked";
    if (token !== "" && strength.indexOf(verified) > strength.indexOf(known)) checks.set(token, verified);
  }
  return checks;
}

function keyOf(finding: Pick<FindingReport, "code" | "message">): string {
  return `${finding.code} ${finding.message}`;
}

/** A finding is about the entry when the entry raised its count: the evidence list is truncated in long traces. */
function noteFindings(
  counts: Map<string, number>,
  findings: readonly FindingReport[],
  entry: StoredEntry | undefined,
): void {
  for (const finding of findings) {
    const key = keyOf(finding);
    const before = counts.get(key) ?? 0;
    counts.set(key, finding.count);
    if (finding.count > before) entry?.findings.add(key);
  }
}

function addOutcomes(
  stored: readonly StoredEntry[],
  definitions: readonly FactDefinition[],
  analysis: Analysis,
  absorbed: ReadonlyMap<string, string | null>,
): void {
  const handshakes = new Map(analysis.handshakes.map((handshake) => [handshake.id, handshake]));
  const findings = new Map(analysis.findings.map((finding) => [keyOf(finding), finding]));
  const byEvidence = new Map<string, FindingReport[]>();
  for (const finding of analysis.findings) {
    for (const id of finding.evidence) byEvidence.set(id, [...(byEvidence.get(id) ?? []), finding]);
  }
  const checks = checksByToken(stored);
  for (const entry of stored) {
    const own = [...entry.findings].flatMap((key) => findings.get(key) ?? []);
    const outcome: EntryOutcome = {
      handshake: handshakeOf(entry.handshakeId, handshakes, absorbed),
      findings: [...new Set([...own, ...(byEvidence.get(entry.id) ?? [])])],
      verified: checks.get(entry.token) ?? entry.verified,
    };
    for (const fact of definitions) {
      if (!isInputFact(fact) && entry.ordinal !== null) entry.facts.set(fact.name, valuesOf(fact.readOutcome(outcome)));
    }
  }
}

function handshakeOf(
  id: string | null,
  handshakes: ReadonlyMap<string, HandshakeReport>,
  absorbed: ReadonlyMap<string, string | null>,
): HandshakeReport | null {
  let current = id;
  // A chain of merged handshakes is short; the bound ends a circular one.
  for (let step = 0; step < 32 && current !== null; step++) {
    const found = handshakes.get(current);
    if (found !== undefined) return found;
    current = absorbed.get(current) ?? null;
  }
  return null;
}

/** One entry in one line of printable text: id, request, sign-in, answer. Without query and secrets. */
function renderEntry(row: TrafficRow): string {
  const answer = row.status === null ? "no answer" : String(row.status);
  const detail = row.detail === "" ? "" : ` (${row.detail})`;
  return `${printable(row.id)}  ${printable(row.method)} ${row.scheme}://${printable(row.host)}${printable(withoutTokens(row.path))}  ${printable(row.auth)} -> ${answer}${printable(detail)}`;
}
