// What checking saved traces came to: the one thing that every CI report is written from.
import type { Analysis } from "../../diagnosis/analysis.ts";
import type { CheckResult } from "../../expectations/check-entries.ts";
import type { LineChange } from "../../expectations/line-diff.ts";
import type { AnalysisSource } from "../analysis-json.ts";

/** Where an entry stands in its file, and what it is, in one line of printable text. */
export interface EntryPlace {
  readonly id: string;
  /** From 1; null where the format has no lines. */
  readonly line: number | null;
  readonly text: string;
  /** The entries before and after it, for a code frame. */
  readonly around: { readonly before: string | null; readonly after: string | null };
}

export interface TraceReport {
  /** As it was named on the command line. */
  readonly path: string;
  readonly source: AnalysisSource;
  /** Null when the trace could not be read. */
  readonly analysis: Analysis | null;
  readonly checks: readonly CheckResult[];
  /** The file or preset that the checks are of; null for those that every trace must meet. */
  readonly expectations: string | null;
  /** `error`: it could not be judged, and `problem` says why. */
  readonly outcome: "passed" | "failed" | "error";
  readonly problem: string | null;
  /** What to do about the problem; empty when there is none. */
  readonly hint: string;
  readonly exitCode: number;
  /** Places of the entries that checks and findings name. */
  readonly places: readonly EntryPlace[];
  /** How the snapshot differs; empty when it does not or none was asked for. */
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

/** How much was checked and how much of it failed. */
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
