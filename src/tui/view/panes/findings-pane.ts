// The findings with their remedies.
import { safe } from "../../../core/safe-text.ts";
import type { Analysis } from "../../../diagnosis/analysis.ts";
import type { FindingReport } from "../../../diagnosis/catalogue/finding.ts";
import { type Severity, severitiesWorstFirst, worstFirst } from "../../../diagnosis/catalogue/finding-text.ts";
import { wrap } from "../../lines/cell-text.ts";
import { type PaneLine, textLine } from "../../lines/pane-line.ts";
import { type Meaning, type ScreenLine, spread } from "../../lines/screen-line.ts";

const marks: Readonly<Record<Severity, readonly [mark: string, meaning: Meaning]>> = {
  alarm: ["[ALARM]", "bad"],
  error: ["[ERROR]", "bad"],
  warning: ["[WARN ]", "warning"],
  info: ["[INFO ]", "dim"],
};

/** All findings, the worst first, each with its remedy. Enter selects the newest row of its evidence. */
export function findingsPane(analysis: Analysis | null, columns: number): readonly PaneLine[] {
  const findings = analysis?.findings ?? [];
  const captures = captureLines(analysis?.captures ?? []);
  if (findings.length === 0) return [...captures, textLine("Nothing was found yet.", "dim")];
  return [...captures, ...worstFirst(findings).flatMap((finding) => findingLines(finding, columns))];
}

/** The verdict of each capture, where several are judged each by itself. */
function captureLines(captures: NonNullable<Analysis["captures"]>): readonly PaneLine[] {
  return captures.map(({ path, verdict, handshakes }): PaneLine => {
    const line: ScreenLine = [[safe(`${verdict}  ${path}`), verdict === "oauth-confirmed" ? "good" : "bad"]];
    const rowId = handshakes.at(-1)?.transactions.at(-1);
    return rowId === undefined ? { line } : { line, rowId };
  });
}

/** One finding: mark, code, message and evidence; below it the remedy of a warning or worse. */
export function findingLines(finding: FindingReport, columns: number): readonly PaneLine[] {
  const { code, severity, message, remedy, count, evidence } = finding;
  const [mark, meaning] = marks[severity];
  const rows = evidence.slice(-3).join(" ");
  const right: ScreenLine = [
    [safe(rows), "strong"],
    [count > 1 ? ` ×${count}` : "", "plain"],
  ];
  const indent = " ".repeat(mark.length + 1);
  const [first = "", ...rest] = wrap(safe(`${code}  ${message}`), columns - indent.length - rows.length - 8);
  const advice = severity === "info" || remedy === "" ? [] : wrap(safe(`Do: ${remedy}`), columns - indent.length);
  const rowId = evidence.at(-1);
  const linked = (line: ScreenLine): PaneLine => ({
    line,
    copy: { name: code, text: `${code}: ${message} ${remedy}` },
    cell: { field: "finding", value: code },
    ...(rowId === undefined ? {} : { rowId }),
  });
  return [
    linked(
      spread(
        [
          [`${mark} `, meaning],
          [first, "plain"],
        ],
        right,
        columns,
      ),
    ),
    ...rest.map((text) => linked([[indent + text, "plain"]])),
    ...advice.map((text) => linked([[indent + text, "strong"]])),
  ];
}

/** `1 ALARM 2 ERROR`, the worst first; empty without findings. */
export function countsText(analysis: Analysis | null): readonly (readonly [text: string, meaning: Meaning])[] {
  const findings = analysis?.findings ?? [];
  return severitiesWorstFirst.flatMap((severity) => {
    const count = findings.filter((finding) => finding.severity === severity).length;
    return count === 0 ? [] : [[`${count} ${severity.toUpperCase()} `, marks[severity][1]] as const];
  });
}
