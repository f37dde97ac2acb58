// What one event changed. Row and handshakes are built on demand from values that no longer change: a replay of a large file reads none
// before its end.
import type { LogRow } from "../core/log-row.ts";
import type { TransactionFacts } from "../decoders/facts.ts";
import type { Handshake } from "../handshake/reduce.ts";
import type { RowCorrelation } from "../handshake/rows/row-correlation.ts";
import type { HandshakeReport, TrafficRow } from "./analysis.ts";
import type { FindingReport } from "./catalogue/finding.ts";
import { captureOf } from "./join-analyses.ts";
import { reportHandshake } from "./report-handshake.ts";
import type { RuleInput } from "./rules/rule.ts";
import { logTrafficRow, trafficRow } from "./traffic-row.ts";

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

export class TransactionChange implements AnalysisChange {
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
    return ofCapture(row, this.#captures);
  }

  get handshakes(): readonly HandshakeReport[] {
    const { handshake, changed } = this.#input.correlation;
    return reportsOf(handshake, changed, this.#input.hybridApp);
  }

  get absorbed(): AnalysisChange["absorbed"] {
    return this.#input.correlation.absorbed;
  }
}

/** What a change by a row of a log is made of. */
interface RowChangeParts {
  readonly row: LogRow;
  readonly correlation: RowCorrelation;
  readonly findings: readonly FindingReport[];
  readonly captures: readonly string[];
  readonly hybridApp: string | null;
}

export class RowChange implements AnalysisChange {
  readonly facts = null;
  readonly findings: readonly FindingReport[];
  readonly #parts: RowChangeParts;
  #row: TrafficRow | null = null;

  constructor(parts: RowChangeParts) {
    this.findings = parts.findings;
    this.#parts = parts;
  }

  get row(): TrafficRow {
    const { row, correlation, captures } = this.#parts;
    this.#row ??= ofCapture(logTrafficRow(row, correlation, this.findings), captures);
    return this.#row;
  }

  get handshakes(): readonly HandshakeReport[] {
    const { handshake, changed } = this.#parts.correlation;
    return reportsOf(handshake, changed, this.#parts.hybridApp);
  }

  get absorbed(): AnalysisChange["absorbed"] {
    return this.#parts.correlation.absorbed;
  }
}

function ofCapture(row: TrafficRow, captures: readonly string[]): TrafficRow {
  const capture = captureOf(row.id, captures);
  return capture === null ? row : { ...row, capture };
}

function reportsOf(
  handshake: Handshake | null,
  changed: readonly Handshake[],
  hybridApp: string | null,
): readonly HandshakeReport[] {
  return (handshake === null ? changed : [handshake, ...changed]).map((one) => reportHandshake(one, hybridApp));
}
