// The results of checked traces, from which every CI report is written.
import type { Analysis } from "../../diagnosis/analysis.ts";
import type { CheckResult } from "../../expectations/check-entries.ts";
import type { LineChange } from "../../expectations/line-diff.ts";
import type { AnalysisSource } from "../analysis-json.ts";

/** An entry's place in its file, and the entry in one line of printable text. */
export interface EntryPlace {
  readonly id: string;
  /** From 1; null when the format has no lines. */
  readonly line: number | null;
  readonly text: string;
  /** The entries before and after it, for a code frame. */
  readonly around: { readonly before: string | null; readonly after: string | null };
}

export interface TraceReport {
  /** The trace as named on the command line. */
  readonly path: string;
  readonly source: AnalysisSource;
  /** Null when the trace could not be read. */
  readonly analysis: Analysis | null;
  readonly checks: readonly CheckResult[];
  /** The file or preset with the checks; null for the checks that every trace must meet. */
  readonly expectations: string | null;
  /** `error`: the trace could not be judged; `problem` has the reason. */
  readonly outcome: "passed" | "failed" | "error";
  readonly problem: string | null;
  /** What to do about the problem; empty when there is none. */
  readonly hint: string;
  readonly exitCode: number;
  /** Places of the entries that checks and findings name. */
  readonly places: readonly EntryPlace[];
  /** The difference from the snapshot; empty when there is none or no snapshot was requested. */
  readonly difference: readonly LineChange[];
}

export interface CheckedRun {
  readonly version: string;
  readonly traces: readonly TraceReport[];
  readonly exitCode: number;
}

export interface RunTotals {
  readonly traces: number;
  readonly failedTraces: number;
  readonly unreadableTraces: number;
  readonly checks: number;
  readonly failedChecks: number;
}

/** The numbers of traces and checks, and of those that failed. */
export function totalsOf({ traces }: Pick<CheckedRun, "traces">): RunTotals {
  const count = (test: (trace: TraceReport) => boolean): number => traces.filter(test).length;
  const checks = traces.flatMap((trace) => trace.checks);
  return {
    traces: traces.length,
    failedTraces: count(({ outcome }) => outcome === "failed"),
    unreadableTraces: count(({ outcome }) => outcome === "error"),
    checks: checks.length,
    failedChecks: checks.filter(({ outcome }) => outcome === "failed").length,
  };
}

/** The totals in one sentence, the same in every report. */
export function totalsSentence(run: Pick<CheckedRun, "traces">): string {
  const { traces, failedTraces, unreadableTraces, checks, failedChecks } = totalsOf(run);
  const could = unreadableTraces === 0 ? "" : `, ${unreadableTraces} could not be judged`;
  return `${checks} checks over ${traces} ${traces === 1 ? "trace" : "traces"}: ${failedChecks} failed (in ${failedTraces})${could}`;
}
