// The object of `--json` for checked traces: an analysis (schema realmscope.analysis/1) of all traces with the result of
// each check.

import { safeJson } from "../../core/safe-json.ts";
import type { CaptureOutcome, DirectionReport, Directions } from "../../diagnosis/analysis.ts";
import { joinDirections } from "../../diagnosis/directions.ts";
import { joinChecklists, sumOf, worstOf } from "../../diagnosis/join-analyses.ts";
import { captureJson, handshakeJson } from "../analysis-json.ts";
import { type CheckedRun, type TraceReport, totalsOf } from "./trace-report.ts";

/** One line of JSON. */
export function jsonReport(run: CheckedRun): string {
  const { traces } = run;
  const analyses = traces.flatMap(({ analysis }) => analysis ?? []);
  const captures = traces.length === 1 ? capturesInside(traces[0]?.analysis?.captures) : traces.flatMap(captureOf);
  const own = (trace: TraceReport): object => (traces.length === 1 ? {} : { trace: trace.path });
  const report = {
    schema: "realmscope.analysis/1",
    tool: { name: "realmscope", version: run.version },
    sources: traces.map(({ source }) => source),
    verdict: worstOf(analyses),
    directions: directionsOfRun(traces),
    counts: sumOf(analyses),
    handshakes: traces.flatMap((trace) =>
      (trace.analysis?.handshakes ?? []).map((handshake) => ({ ...handshakeJson(handshake), ...own(trace) })),
    ),
    findings: traces.flatMap((trace) =>
      (trace.analysis?.findings ?? []).map((finding) => ({ ...finding, ...own(trace) })),
    ),
    checklist: joinChecklists(analyses),
    ...(captures.length === 0 ? {} : { captures }),
    traces: traces.map(traceJson),
    checks: traces.flatMap((trace) => trace.checks.map((check) => ({ trace: trace.path, ...check }))),
    summary: totalsOf(run),
    exitCode: run.exitCode,
  };
  return `${safeJson(report)}\n`;
}

/** The directions over all traces. Ids are those of a trace: for several traces only `traces` has the evidence. */
function directionsOfRun(traces: readonly TraceReport[]): Directions {
  const analyses = traces.flatMap(({ analysis }) => analysis ?? []);
  const { inbound, outbound } = joinDirections(analyses.map(({ directions }) => directions));
  if (traces.length === 1) return { inbound, outbound };
  return { inbound: withoutEvidence(inbound), outbound: withoutEvidence(outbound) };
}

function withoutEvidence(report: DirectionReport | null): DirectionReport | null {
  return report === null ? null : { ...report, evidence: [] };
}

/** The same as in the object of a plain replay; empty for a trace that could not be read. */
function captureOf({ path, analysis }: TraceReport): readonly object[] {
  if (analysis === null) return [];
  return analysis.captures === undefined ? [captureJson({ ...analysis, path })] : capturesInside(analysis.captures);
}

/** The captures inside a file that was exported from several. */
function capturesInside(captures: readonly CaptureOutcome[] = []): readonly object[] {
  return captures.map(captureJson);
}

function traceJson(trace: TraceReport): object {
  const { path, expectations, outcome, problem, exitCode, analysis, difference } = trace;
  return {
    path,
    expectations,
    outcome,
    problem,
    exitCode,
    verdict: analysis?.verdict ?? null,
    directions: analysis?.directions ?? null,
    ...(difference.length === 0 ? {} : { difference }),
  };
}
