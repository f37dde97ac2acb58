// A row of a log: correlated, judged, and shown as a row of the traffic.
import type { LogRow } from "../core/log-row.ts";
import type { RowCorrelation, RowCorrelator } from "../handshake/rows/correlate-rows.ts";
import { type AnalysisChange, RowChange, type RowChangeParts } from "./analysis-change.ts";
import type { FindingReport } from "./catalogue/finding.ts";
import type { Ledger, Sighting } from "./ledger.ts";
import { findInRow } from "./logs/row-findings.ts";

/** Judges a row and records its findings. */
export function judgeLogRow(
  row: LogRow,
  rows: RowCorrelator,
  ledger: Ledger,
  shown: Pick<RowChangeParts, "captures" | "hybridApp">,
): { readonly change: AnalysisChange; readonly correlation: RowCorrelation } {
  const correlation = rows.accept(row);
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
  const distinct: readonly FindingReport[] = [
    ...new Map(findings.map((report) => [`${report.code} ${report.message}`, report])).values(),
  ];
  return { correlation, change: new RowChange({ row, correlation, findings: distinct, ...shown }) };
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
