import { directionRows } from "./direction-rows.ts";
import { entraRows, graphRows, provisionRows, readinessRows, signatureRows } from "./field-rows.ts";
import { gateRows } from "./gate-rows.ts";
import { logEventsRows } from "./log-events-rows.ts";
import { logFilesRows } from "./log-files-rows.ts";
import { logJudgeRows } from "./log-judge-rows.ts";
import { logLiveRows } from "./log-live-rows.ts";
import { logRowRows } from "./log-row-rows.ts";
import { logSafeRows } from "./log-safe-rows.ts";
import { pasteRows } from "./paste-rows.ts";
import type { ProtocolRow } from "./protocol-row.ts";
import { targetRows } from "./target-rows.ts";
import { tlsRows } from "./tls-rows.ts";
import { tokenRows } from "./token-rows.ts";
import { wireRows } from "./wire-rows.ts";

export const protocolRows: readonly ProtocolRow[] = [
  ...tokenRows,
  ...wireRows,
  ...tlsRows,
  ...entraRows,
  ...graphRows,
  ...signatureRows,
  ...provisionRows,
  ...gateRows,
  ...readinessRows,
  ...directionRows,
  ...logEventsRows,
  ...logFilesRows,
  ...logRowRows,
  ...logJudgeRows,
  ...logLiveRows,
  ...logSafeRows,
  ...pasteRows,
  ...targetRows,
];

/** The page docs/protocol-coverage.md. */
export function renderCoverage(): string {
  const sections = [...new Set(protocolRows.map(({ section }) => section))];
  return `${[
    "# Which test holds which fact",
    "",
    "Generated from `test/protocol/`. Every fact of the protocol that this program relies on and that has a source, with the test",
    "that fails without it. **P**: a Microsoft specification, documentation or tool source. **W**: a published sample of the wire.",
    "**D**: observed, second-hand. Facts without a source decide nothing here.",
    "",
    "`npm run faults` breaks the source in one place for each row, in a copy, and expects exactly the named test to fail.",
    "",
    ...sections.flatMap((name) => [
      `## ${name}`,
      "",
      "| Fact | Source | Test |",
      "|---|---|---|",
      ...protocolRows.filter(({ section }) => section === name).map(renderRow),
      "",
    ]),
  ].join("\n")}`;
}

function renderRow({ fact, marks, file, title }: ProtocolRow): string {
  return `| ${cell(fact)} | ${marks.join(" ")} | \`${file}\`: ${cell(title)} |`;
}

function cell(text: string): string {
  return text.replace(/\n/g, " ").replace(/[<>|*_`]/g, (character) => `\\${character}`);
}
