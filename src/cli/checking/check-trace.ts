// One trace, read, judged and checked by itself.
import { dirname, join } from "node:path";
import { ToolError } from "../../core/tool-error.ts";
import type { Analysis } from "../../diagnosis/analysis.ts";
import { type CheckResult, checkEntries } from "../../expectations/check-entries.ts";
import { type LoggedEntry, startEntryLog } from "../../expectations/entry-log.ts";
import { type Expectations, factsAsked } from "../../expectations/expectations.ts";
import { factsToWrite, writeExpectations } from "../../expectations/write-expectations.ts";
import type { AnalysisSource } from "../../sinks/analysis-json.ts";
import type { TraceReport } from "../../sinks/ci/trace-report.ts";
import { openCapture } from "../../sources/open-capture.ts";
import { exitCode, exitCodeOf } from "../exit-codes.ts";
import { startPipeline } from "../run-pipeline.ts";
import { readVerificationOptions } from "../verification-options.ts";
import { type CheckPlan, nameFor } from "./check-plan.ts";
import { placesOf } from "./entry-places.ts";
import { loadExpectations } from "./load-expectations.ts";
import { checkSnapshot } from "./snapshot-file.ts";
import { failOnCheck, usualChecks } from "./usual-checks.ts";
import { writeWhole } from "./write-whole.ts";

/** Reads and checks one trace. What is wrong with the trace or its own files is in the report; only a bug throws. */
export async function checkTrace(path: string, plan: CheckPlan): Promise<TraceReport> {
  try {
    const expectations = plan.expect === null ? null : loadExpectations(nameFor(plan.expect, path));
    const read = await readTrace(path, plan, expectations);
    return await report(path, plan, { expectations, ...read });
  } catch (error) {
    if (!(error instanceof ToolError)) throw error;
    const source: AnalysisSource = { path, format: "unknown", transactions: 0, truncated: false, problems: [] };
    const expectations = plan.expect === null ? null : nameFor(plan.expect, path);
    return notJudged({ ...empty, path, source, expectations, problem: error.message, hint: error.hint });
  }
}

interface ReadTrace {
  readonly analysis: Analysis;
  readonly source: AnalysisSource;
  readonly entries: readonly LoggedEntry[];
}

async function readTrace(path: string, plan: CheckPlan, expectations: Expectations | null): Promise<ReadTrace> {
  const clock = expectations === null || expectations.clock === "trace" ? null : expectations.clock;
  const asked = new Set([
    ...(expectations === null ? [] : factsAsked(expectations)),
    ...(plan.writeExpect === null ? [] : factsToWrite),
  ]);
  const log = startEntryLog({ asked, clock });
  const pipeline = startPipeline({
    ...(plan.realm === null ? {} : { realm: plan.realm }),
    ...(clock === null ? {} : { clock }),
    applications: new Map(plan.applications),
    verification: readVerificationOptions(plan),
    // Nothing of the traffic is written by this run.
    pseudonymise: () => "",
    journal: null,
    onChange: (event, change) => log.accept(event, change),
  });
  const capture = await openCapture(path);
  for await (const event of capture.events) await pipeline.accept(event);
  const analysis = pipeline.snapshot();
  return { analysis, source: capture.summary(), entries: log.entries(analysis) };
}

const empty = {
  analysis: null,
  checks: [],
  outcome: "error",
  exitCode: exitCode.cannotJudge,
  places: [],
  difference: [],
} as const;

type NotJudged = Omit<TraceReport, "outcome" | "exitCode" | "places" | "difference">;

function notJudged(report: NotJudged): TraceReport {
  return { ...empty, ...report };
}

async function report(
  path: string,
  plan: CheckPlan,
  trace: ReadTrace & { readonly expectations: Expectations | null },
): Promise<TraceReport> {
  const { analysis, source, entries, expectations } = trace;
  const base = { path, source, analysis, expectations: expectations?.source ?? null };
  const problem = whyNotJudged(trace, plan);
  if (problem !== null) return notJudged({ ...base, checks: [], ...problem });
  if (plan.writeExpect !== null)
    await writeWhole(nameFor(plan.writeExpect, path), writeExpectations(analysis, entries, path), { mode: "new" });
  const compared = await checkSnapshot(snapshotPath(path, plan, expectations), analysis, plan.isSnapshotUpdated);
  const isUsual = expectations === null && plan.snapshot === null && plan.writeExpect === null;
  const checks: readonly CheckResult[] = [
    ...(isUsual ? usualChecks(analysis, plan) : []),
    ...(expectations === null ? [] : checkEntries(expectations, { ...trace, truncated: source.truncated })),
    ...(!isUsual && plan.failOn !== null ? [failOnCheck(analysis, plan.failOn)] : []),
    ...(compared === null ? [] : [compared.check]),
  ];
  const isFailed = checks.some(({ outcome }) => outcome === "failed");
  return {
    ...base,
    checks,
    outcome: isFailed ? "failed" : "passed",
    problem: null,
    hint: "",
    // With checks of its own they decide; without, verdict and findings do, as in any other replay.
    exitCode: isUsual ? exitCodeOf(analysis, plan.failOn ?? plan.usualFailOn) : codeOf(isFailed),
    places: await placesOf(path, entries, wanted(analysis, checks)),
    difference: compared?.difference ?? [],
  };
}

function whyNotJudged(
  { analysis, source }: ReadTrace,
  plan: CheckPlan,
): { readonly problem: string; readonly hint: string } | null {
  if (source.truncated && !plan.isTruncatedAllowed)
    return { problem: "The trace is cut short.", hint: "Use --allow-truncated to judge what is whole." };
  if (analysis.counts.transactions > 0) return null;
  return { problem: "There is no HTTP transaction in the trace.", hint: "Capture again while the handshake happens." };
}

function codeOf(isFailed: boolean): number {
  return isFailed ? exitCode.problemFound : exitCode.trustShown;
}

function snapshotPath(trace: string, plan: CheckPlan, expectations: Expectations | null): string | null {
  if (plan.snapshot !== null) return nameFor(plan.snapshot, trace);
  if (expectations?.snapshot == null) return null;
  return join(dirname(expectations.source), nameFor(expectations.snapshot.path, trace));
}

/** Entries that a report may name. */
function wanted(analysis: Analysis, checks: readonly CheckResult[]): ReadonlySet<string> {
  const failed = checks.filter(({ outcome }) => outcome === "failed");
  return new Set([
    ...failed.flatMap((check) => check.entries),
    ...analysis.findings.flatMap((finding) => finding.evidence.slice(0, 1)),
  ]);
}
