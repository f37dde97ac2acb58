// The object of `--json` for checked traces: that of an analysis (schema realmscope.analysis/1), of all traces together,
// with what each check said.
import type { Analysis, CaptureVerdict, ChecklistItem, Counts } from "../../diagnosis/analysis.ts";
import { worseVerdict } from "../../diagnosis/verdict.ts";
import { handshakeJson } from "../analysis-json.ts";
import { safeJson } from "../safe-json.ts";
import { type CheckedRun, type TraceReport, totalsOf } from "./trace-report.ts";

/** One line of JSON. */
export function jsonReport(run: CheckedRun): string {
  const { traces } = run;
  const analyses = traces.flatMap(({ analysis }) => analysis ?? []);
  const own = (trace: TraceReport): object => (traces.length === 1 ? {} : { trace: trace.path });
  const report = {
    schema: "realmscope.analysis/1",
    tool: { name: "realmscope", version: run.version },
    sources: traces.map(({ source }) => source),
    verdict: analyses.map(({ verdict }) => verdict).reduce<CaptureVerdict>(worseVerdict, "none"),
    counts: sumOf(analyses),
    handshakes: traces.flatMap((trace) =>
      (trace.analysis?.handshakes ?? []).map((handshake) => ({ ...handshakeJson(handshake), ...own(trace) })),
    ),
    findings: traces.flatMap((trace) =>
      (trace.analysis?.findings ?? []).map((finding) => ({ ...finding, ...own(trace) })),
    ),
    checklist: joinChecklists(analyses),
    traces: traces.map(traceJson),
    checks: traces.flatMap((trace) => trace.checks.map((check) => ({ trace: trace.path, ...check }))),
    summary: totalsOf(run),
    exitCode: run.exitCode,
  };
  return `${safeJson(report)}\n`;
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
    ...(difference.length === 0 ? {} : { difference }),
  };
}

function sumOf(analyses: readonly Analysis[]): Record<string, number> {
  const sum: Record<string, number> = { ...noCounts };
  for (const { counts } of analyses) {
    for (const [name, count] of Object.entries(counts)) sum[name] = (sum[name] ?? 0) + Number(count);
  }
  return sum;
}

const noCounts: Counts = {
  transactions: 0,
  jwts: 0,
  actorTokens: 0,
  basicCredentials: 0,
  bearerProbes: 0,
  challenges: 0,
  ntlmMessages: 0,
  tokenRequests: 0,
  status401: 0,
};

function joinChecklists(analyses: readonly Analysis[]): readonly ChecklistItem[] {
  const joined = new Map<string, ChecklistItem>();
  for (const item of analyses.flatMap(({ checklist }) => checklist)) {
    const known = joined.get(item.sign);
    if (known === undefined || (item.isSeen && !known.isSeen)) joined.set(item.sign, item);
  }
  return [...joined.values()];
}
