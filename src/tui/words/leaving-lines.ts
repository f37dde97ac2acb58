// The lines on the terminal after the screen has closed: the conclusion, and the command that opens it again.

import { safe } from "../../core/safe-text.ts";
import type { Analysis } from "../../diagnosis/analysis.ts";
import { severitiesWorstFirst } from "../../diagnosis/catalogue/finding-text.ts";
import { renderVerdictLines } from "./plain-text.ts";

export interface LeavingSummary {
  readonly analysis: Analysis;
  /** The files with the captured traffic; empty when nothing was saved. */
  readonly files: readonly string[];
  /** The files were judged as one capture. */
  readonly isTogether?: boolean;
}

/** The verdicts, the counts, and the command that opens the same again. */
export function leavingLines({ analysis, files, isTogether = false }: LeavingSummary): readonly string[] {
  const { counts, handshakes, findings } = analysis;
  const problems = severitiesWorstFirst.flatMap((severity) => {
    const count = findings.filter((finding) => finding.severity === severity).length;
    return count === 0 || severity === "info" ? [] : [`${count} ${severity}${count === 1 ? "" : "s"}`];
  });
  const found = problems.length === 0 ? "nothing worse than information" : problems.join(", ");
  return [
    ...renderVerdictLines(analysis),
    `${countText(counts.transactions, "request")}, ${countText(handshakes.length, "handshake")}; found: ${found}`,
    files.length === 0
      ? "This capture was not saved; --save FILE keeps one."
      : `Open it again: realmscope replay ${files.map(argument).join(" ")}${isTogether ? " --together" : ""} --tui`,
  ];
}

function countText(count: number, what: string): string {
  return `${count} ${what}${count === 1 ? "" : "s"}`;
}

/** A path quoted for a shell. Control characters are escaped; such a path cannot be pasted. */
function argument(path: string): string {
  const shown = safe(path);
  return /^[\w./@%+,:~-]+$/.test(shown) && !shown.startsWith("~") ? shown : `'${shown.replaceAll("'", "'\\''")}'`;
}
