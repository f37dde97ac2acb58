// A row of a log: correlated, judged, and shown as a row of the traffic.
import type { LogRow } from "../core/log-row.ts";
import type { RowCorrelator } from "../handshake/rows/correlate-rows.ts";
import type { RowCorrelation } from "../handshake/rows/row-correlation.ts";
import { type AnalysisChange, RowChange } from "./analysis-change.ts";
import type { FindingReport } from "./catalogue/finding.ts";
import type { Conclusions } from "./conclusions.ts";
import type { Ledger, Sighting } from "./ledger.ts";
import { findInRow } from "./logs/row-findings.ts";

/** The parts of an analysis that a row changes. */
interface RowJudgeParts {
  readonly rows: RowCorrelator;
  readonly ledger: Ledger;
  readonly conclusions: Pick<Conclusions, "addRow">;
  readonly options: { readonly captures?: readonly string[]; readonly hybridApp?: string };
}

/** Starts to judge rows. */
export function startRowJudge({ rows, ledger, conclusions, options }: RowJudgeParts): (row: LogRow) => AnalysisChange {
  const { captures = [], hybridApp = null } = options;
  return (row) => {
    const correlation = rows.accept(row);
    conclusions.addRow(row, correlation);
    const findings = record(row, correlation, ledger);
    return new RowChange({ row, correlation, findings, captures, hybridApp });
  };
}

function record(row: LogRow, correlation: RowCorrelation, ledger: Ledger): readonly FindingReport[] {
  const at = { end: Math.floor(row.endedAt), start: Math.floor(row.startedAt ?? row.endedAt) };
  const sighted: Sighting = {
    transactionId: row.id,
    at,
    isAccepted: correlation.outcome === "accepted",
    recovery: recoveryOf(correlation, row),
  };
  const findings = [
    ...findInRow(row, correlation).map((finding) => ledger.record(finding, sighted)),
    ...recoveredBy(correlation, row).flatMap((name) => ledger.recover(name)),
  ];
  return [...new Map(findings.map((report) => [`${report.code} ${report.message}`, report])).values()];
}

/** The key of the success that recovers a refusal. */
function recoveryOf({ handshake, outcome, reading }: RowCorrelation, { isTokenGiven }: LogRow): string | null {
  if (handshake === null) return null;
  if (isTokenGiven === false) return `${handshake.id} token`;
  return outcome === "refused" ? `${handshake.id} ${reading.lane}` : null;
}

function recoveredBy(
  { handshake, outcome, reading, absorbed }: RowCorrelation,
  { isTokenGiven }: LogRow,
): readonly string[] {
  if (handshake === null) return [];
  if (isTokenGiven === true) return [`${handshake.id} token`];
  if (outcome !== "accepted") return [];
  return [handshake.id, ...absorbed.map(({ id }) => id)].map((id) => `${id} ${reading.lane}`);
}
