import type { Analysis } from "../../diagnosis/analysis.ts";
import { wrap } from "../cut.ts";
import { safe } from "../safe-text.ts";
import { type Meaning, plainLine, type ScreenLine } from "../screen-line.ts";

const order = ["alarm", "error", "warning", "info"] as const;
const meanings: Readonly<Record<(typeof order)[number], Meaning>> = {
  alarm: "bad",
  error: "bad",
  warning: "warning",
  info: "dim",
};

/** All findings, the worst first, each with what to do about it. */
export function findingsPane(analysis: Analysis | null, columns: number): readonly ScreenLine[] {
  const findings = analysis?.findings ?? [];
  if (findings.length === 0) return [plainLine("Nothing was found yet.", "dim")];
  return order.flatMap((severity) =>
    findings
      .filter((finding) => finding.severity === severity)
      .flatMap(({ code, message, remedy, count, evidence }) => {
        const times = count > 1 ? ` x${count}` : "";
        const rows = evidence.length === 0 ? "" : `  (${evidence.slice(0, 4).join(" ")})`;
        const head: ScreenLine = [
          [safe(`${severity.toUpperCase()} ${code}${times}`), meanings[severity]],
          [safe(rows), "dim"],
        ];
        const advice = severity === "info" ? [] : wrap(safe(`What to do: ${remedy}`), columns - 4);
        return [head, ...indented(wrap(safe(message), columns - 4)), ...indented(advice)];
      }),
  );
}

function indented(lines: readonly string[]): readonly ScreenLine[] {
  return lines.map((line) => plainLine(`    ${line}`));
}
