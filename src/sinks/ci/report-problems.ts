// The problems of a run as a flat list, the worst first, for annotations, code quality and SARIF.

import type { FindingReport } from "../../diagnosis/catalogue/finding.ts";
import { type Severity, worstFirst } from "../../diagnosis/catalogue/finding-text.ts";
import { findingWord } from "../../expectations/vocabulary.ts";
import type { CheckedRun, TraceReport } from "./trace-report.ts";

export interface ReportProblem {
  /** Stable name of the rule: `finding.basic-fallback`, `expectation-not-met`, `trace-not-judged`. */
  readonly rule: string;
  readonly severity: Severity;
  readonly title: string;
  readonly message: string;
  /** What to do; empty when there is no advice. */
  readonly remedy: string;
  readonly path: string;
  readonly line: number;
  /** Ids of the entries that show it. */
  readonly entries: readonly string[];
  /** Stable between runs: free of times, ids and line numbers. */
  readonly fingerprint: string;
}

/** Every problem of the run, the worst first, then in the order of the traces. */
export function problemsOf(run: CheckedRun): readonly ReportProblem[] {
  return worstFirst(run.traces.flatMap(problemsOfTrace));
}

/** The problems that need a person: those of failed traces, except severity `info`. A passed trace has none, whatever its findings. */
export function annotationsOf(run: CheckedRun): readonly ReportProblem[] {
  const failing = run.traces.filter(({ outcome }) => outcome !== "passed");
  return problemsOf({ ...run, traces: failing }).filter(({ severity }) => severity !== "info");
}

function problemsOfTrace(trace: TraceReport): readonly ReportProblem[] {
  const failed = trace.checks.filter(({ outcome }) => outcome === "failed");
  return [
    ...(trace.problem === null ? [] : [notJudged(trace, trace.problem)]),
    ...failed.map(
      (check): ReportProblem => ({
        rule: "expectation-not-met",
        severity: "error",
        title: check.name,
        message: check.message,
        remedy: trace.expectations === null ? "" : `The check is in ${trace.expectations}, line ${check.line}.`,
        path: trace.path,
        line: lineOf(trace, check.entries),
        entries: check.entries,
        fingerprint: `${trace.path}\ncheck\n${check.name}`,
      }),
    ),
    ...(trace.analysis?.findings ?? []).map((finding) => findingProblem(trace, finding)),
  ];
}

function notJudged(trace: TraceReport, problem: string): ReportProblem {
  return {
    rule: "trace-not-judged",
    severity: "error",
    title: "the trace could not be judged",
    message: problem,
    remedy: trace.hint,
    path: trace.path,
    line: 1,
    entries: [],
    fingerprint: `${trace.path}\nnot-judged`,
  };
}

function findingProblem(trace: TraceReport, finding: FindingReport): ReportProblem {
  return {
    rule: `finding.${findingWord(finding.code)}`,
    severity: finding.severity,
    title: finding.code,
    message: finding.message,
    remedy: finding.remedy,
    path: trace.path,
    line: lineOf(trace, finding.evidence),
    entries: finding.evidence,
    fingerprint: `${trace.path}\n${finding.code}\n${withoutVariables(finding.message)}`,
  };
}

/** Times and request ids change with every capture; numbers of lines and requests too. */
function withoutVariables(message: string): string {
  return message.replace(/\d{4}-\d\d-\d\dT[\d:.]+Z?/g, "<time>").replace(/\b[tf]\d+(?:\.t\d+)?\b|\b\d+\b/g, "<n>");
}

function lineOf(trace: TraceReport, entries: readonly string[]): number {
  const place = trace.places.find(({ id }) => entries.includes(id));
  return place?.line ?? 1;
}
