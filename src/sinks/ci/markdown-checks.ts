// A job summary ($GITHUB_STEP_SUMMARY takes 1 MiB): a table of the traces, then the problems, the worst first.
import { withoutMarkers } from "../../core/runner-commands.ts";
import { directionSummary } from "../../diagnosis/direction-words.ts";
import { renderChange } from "./pretty-report.ts";
import { annotationsOf } from "./report-problems.ts";
import { type CheckedRun, totalsSentence } from "./trace-report.ts";

const mostTraces = 200;
const mostProblems = 100;
const mostDifference = 60;

/** The page. */
export function markdownChecks(run: CheckedRun): string {
  const worstFirst = [...run.traces].sort((one, other) => rank(one.outcome) - rank(other.outcome));
  const rows = worstFirst.slice(0, mostTraces).map((trace) => {
    const failed = trace.checks.filter(({ outcome }) => outcome === "failed").length;
    const { verdict = "-", directions } = trace.analysis ?? {};
    const both = [directions?.inbound, directions?.outbound].map((report) =>
      directions === undefined ? "-" : directionSummary(report ?? null),
    );
    return `| ${[marks[trace.outcome], code(trace.path), verdict, ...both].join(" | ")} | ${trace.checks.length - failed} of ${trace.checks.length} |`;
  });
  const more =
    run.traces.length > mostTraces ? [`\n${run.traces.length - mostTraces} more traces are not listed.`] : [];
  return `${[
    "## realmscope",
    "",
    `${totalsSentence(run)}.`,
    "",
    "| | Trace | Verdict | Inbound | Outbound | Checks met |",
    "|---|---|---|---|---|---|",
    ...rows,
    ...more,
    ...problemLines(run),
    ...differenceLines(run),
  ].join("\n")}\n`;
}

const marks = { passed: "✅", failed: "❌", error: "⚠️" } as const;

function rank(outcome: "passed" | "failed" | "error"): number {
  return ["error", "failed", "passed"].indexOf(outcome);
}

function problemLines(run: CheckedRun): readonly string[] {
  const problems = annotationsOf(run);
  if (problems.length === 0) return [];
  const shown = problems.slice(0, mostProblems);
  const lines = shown.map(
    (problem) =>
      `- **${problem.severity}** ${text(problem.title)}: ${text(problem.message)} (${code(`${problem.path}:${problem.line}`)})`,
  );
  const more =
    problems.length > shown.length ? [`- and ${problems.length - shown.length} more of ${problems.length}`] : [];
  return ["", "### What is wrong", "", ...lines, ...more];
}

function differenceLines(run: CheckedRun): readonly string[] {
  return run.traces
    .filter(({ difference }) => difference.length > 0)
    .slice(0, 20)
    .flatMap((trace) => {
      const lines = trace.difference
        .slice(0, mostDifference)
        .map((change) => withoutControls(renderChange(change)).replaceAll("`", "'"));
      return ["", `Snapshot of ${code(trace.path)}:`, "", "```diff", ...lines, "```"];
    });
}

/** Markdown text without markup, HTML or mentions. */
function text(value: string): string {
  return printable(value).replace(/[\\`*_{}[\]<>()#+!|~@]/g, (character) => `&#${character.charCodeAt(0)};`);
}

function code(value: string): string {
  return `<code>${text(value)}</code>`;
}

function printable(value: string): string {
  return withoutControls(value).replaceAll("&", "&amp;");
}

function withoutControls(value: string): string {
  return withoutMarkers(value.replace(/[\p{Cc}\p{Cf}\p{Cs}\p{Co}\p{Zl}\p{Zp}]/gu, "?"));
}
