// The report for a terminal or a log: each trace, its failed checks, and the entries that show them.
import { withoutCommands } from "../../core/runner-commands.ts";
import { directionsSummary } from "../../diagnosis/direction-words.ts";
import type { CheckResult } from "../../expectations/check-entries.ts";
import type { LineChange } from "../../expectations/line-diff.ts";
import { type CheckedRun, type EntryPlace, type TraceReport, totalsSentence } from "./trace-report.ts";

/** Makes text harmless for a terminal (`safe` in core/safe-text.ts). */
export type SafeText = (text: string) => string;

const marks = { passed: "ok", failed: "FAILED", error: "NOT JUDGED" } as const;
const mostFrames = 3;

/** The report in lines. Passed checks are listed when `isDetailed`. */
export function prettyReport(
  run: CheckedRun,
  options: { readonly safe: SafeText; readonly isDetailed: boolean },
): string {
  const lines = run.traces.flatMap((trace) => traceLines(trace, options.isDetailed));
  return [...lines, totalsSentence(run)].map((line) => `${withoutCommands(options.safe(line))}\n`).join("");
}

function traceLines(trace: TraceReport, isDetailed: boolean): readonly string[] {
  const { verdict = "", directions = null } = trace.analysis ?? {};
  const both = directions === null ? "" : directionsSummary(directions);
  const head = `${marks[trace.outcome]} ${trace.path}${verdict === "" ? "" : `: ${verdict}`}${both === "" ? "" : ` (${both})`}`;
  const problem = trace.problem === null ? [] : [`  ${trace.problem} ${trace.hint}`.trimEnd()];
  return [head, ...problem, ...trace.source.problems.map((text) => `  ${text}`), ...checkLines(trace, isDetailed)];
}

function checkLines(trace: TraceReport, isDetailed: boolean): readonly string[] {
  const lines: string[] = [];
  for (const check of trace.checks) {
    if (check.outcome === "passed") {
      if (isDetailed) lines.push(`  ok ${check.name}: ${check.message}`);
      continue;
    }
    const where = trace.expectations === null ? "" : ` (${trace.expectations}:${check.line})`;
    lines.push(`  x ${check.name}${where}`, `    ${check.message}`, ...frames(trace, check));
  }
  return [...lines, ...trace.difference.map((change) => `    ${renderChange(change)}`)];
}

function frames(trace: TraceReport, check: CheckResult): readonly string[] {
  const places = trace.places.filter(({ id }) => check.entries.includes(id));
  const shown = places.slice(0, mostFrames).flatMap((place) => frame(trace.path, place));
  return places.length > mostFrames ? [...shown, `    and ${places.length - mostFrames} more entries`] : shown;
}

/** The entry in its file, with its neighbours. */
function frame(path: string, place: EntryPlace): readonly string[] {
  const number = place.line === null ? "" : String(place.line);
  const blank = " ".repeat(number.length);
  const { before, after } = place.around;
  return [
    `    --> ${path}${place.line === null ? "" : `:${place.line}`}`,
    ...(before === null ? [] : [`      ${blank} | ${before}`]),
    `    > ${number} | ${place.text}`,
    ...(after === null ? [] : [`      ${blank} | ${after}`]),
  ];
}

/** One line of a difference: `-` only in the snapshot, `+` only in the new result. */
export function renderChange({ kind, text }: LineChange): string {
  switch (kind) {
    case "removed":
      return `- ${text}`;
    case "added":
      return `+ ${text}`;
    case "kept":
      return `  ${text}`;
    case "skipped":
      return "  ...";
  }
}
