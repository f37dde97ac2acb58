// TAP version 14: one test for each check, with its detail in a YAML block.
import { withoutMarkers } from "../../core/runner-commands.ts";
import { safeJson } from "../../core/safe-json.ts";
import { directionsSummary } from "../../diagnosis/direction-words.ts";
import type { CheckResult } from "../../expectations/check-entries.ts";
import { type CheckedRun, type TraceReport, totalsSentence } from "./trace-report.ts";

/** The lines, plan first. A trace that could not be judged is one failed test. */
export function tapReport(run: CheckedRun): string {
  const tests = run.traces.flatMap((trace) => testsOf(trace));
  const lines = tests.flatMap(({ isPassed, name, detail }, index) => [
    `${isPassed ? "ok" : "not ok"} ${index + 1} - ${description(name)}`,
    ...(isPassed ? [] : block(detail)),
  ]);
  return [
    "TAP version 14",
    `1..${tests.length}`,
    ...lines,
    ...run.traces.flatMap(verdictComment),
    `# ${description(totalsSentence(run))}`,
  ]
    .map((line) => `${line}\n`)
    .join("");
}

/** Verdict and directions of a trace as a comment. */
function verdictComment({ path, analysis }: TraceReport): readonly string[] {
  if (analysis === null) return [];
  const both = directionsSummary(analysis.directions);
  return [`# ${description(`${path}: ${analysis.verdict}${both === "" ? "" : ` (${both})`}`)}`];
}

interface Test {
  readonly isPassed: boolean;
  readonly name: string;
  readonly detail: Readonly<Record<string, unknown>>;
}

function testsOf(trace: TraceReport): readonly Test[] {
  const checks = trace.checks.map((check) => ({
    isPassed: check.outcome === "passed",
    name: `${trace.path}: ${check.name}`,
    detail: detailOf(check, trace),
  }));
  if (trace.problem === null) return checks;
  const detail = { message: trace.problem, hint: trace.hint, severity: "fail" };
  return [...checks, { isPassed: false, name: `${trace.path}: the trace can be judged`, detail }];
}

function detailOf(check: CheckResult, trace: TraceReport): Record<string, unknown> {
  const at = trace.places.filter(({ id }) => check.entries.includes(id)).slice(0, 5);
  return {
    message: check.message,
    severity: "fail",
    at: at.map(({ line, text }) => `${trace.path}:${line ?? 1} ${text}`),
  };
}

/** JSON is YAML, and a JSON string holds no line end and no `...`. */
function block(detail: Readonly<Record<string, unknown>>): readonly string[] {
  const members = Object.entries(detail).map(([name, value]) => `  ${name}: ${safeJson(printable(value))}`);
  return ["  ---", ...members, "  ..."];
}

function printable(value: unknown): unknown {
  if (typeof value === "string") return value.replace(/[^\x20-\x7e]/g, "?");
  return Array.isArray(value) ? value.map((item: unknown) => printable(item)) : value;
}

/** Escapes `#`, which begins a directive, and the backslash. */
function description(text: string): string {
  return withoutMarkers(String(printable(text))).replace(/[\\#]/g, "\\$&");
}
