// Reads, judges and checks one trace.
import { dirname, join } from "node:path";
import type { SourceSummary } from "../../core/capture-event.ts";
import { ToolError } from "../../core/tool-error.ts";
import type { Analysis } from "../../diagnosis/analysis.ts";
import type { Severity } from "../../diagnosis/catalogue/finding.ts";
import { isAtLeast } from "../../diagnosis/catalogue/finding-text.ts";
import { type CheckResult, checkEntries } from "../../expectations/check-entries.ts";
import { type EntryLog, type LoggedEntry, startEntryLog } from "../../expectations/entry-log.ts";
import { type Expectations, requiredFacts } from "../../expectations/expectations.ts";
import type { AnalysisSource } from "../../sinks/analysis-json.ts";
import type { EntryPlace, TraceReport } from "../../sinks/ci/trace-report.ts";
import { exitCode, exitCodeOf } from "../exit-codes.ts";
import { knownApplications } from "../hybrid-app.ts";
import { constantPseudonym } from "../pseudonyms.ts";
import { type CaptureGroup, groupName, judgingOptions, readInto, singleFile } from "../reading/capture-group.ts";
import { type Pipeline, startPipeline } from "../run-pipeline.ts";
import { type CheckPlan, nameFor } from "./check-plan.ts";
import { loadExpectations } from "./load-expectations.ts";
import type { ComparedSnapshot } from "./snapshot-file.ts";

/**
 * Reads and checks one trace: a file, or several that are judged together. Problems of the trace and of its own files are in the
 * report; only a bug throws.
 */
export async function checkTrace(named: string | CaptureGroup, plan: CheckPlan): Promise<TraceReport> {
  const trace = typeof named === "string" ? singleFile(named) : named;
  const path = groupName(trace);
  try {
    const expectations = plan.expect === null ? null : loadExpectations(nameFor(plan.expect, traceName(trace)));
    const read = await readTrace(trace, plan, expectations);
    return await report(trace, plan, { expectations, ...read });
  } catch (error) {
    if (!(error instanceof ToolError)) throw error;
    const source: AnalysisSource = { path, format: "unknown", transactions: 0, truncated: false, problems: [] };
    const expectations = plan.expect === null ? null : nameFor(plan.expect, traceName(trace));
    return notJudged({ ...empty, path, source, expectations, problem: error.message, hint: error.hint });
  }
}

interface ReadTrace {
  readonly analysis: Analysis;
  readonly source: AnalysisSource;
  readonly entries: readonly LoggedEntry[];
  /** Number in its file of each transaction, in the order of time. */
  readonly ordinals: readonly number[];
}

async function readTrace(trace: CaptureGroup, plan: CheckPlan, expectations: Expectations | null): Promise<ReadTrace> {
  const clock = expectations === null || expectations.clock === "trace" ? null : expectations.clock;
  const factNames = new Set([
    ...(expectations === null ? [] : requiredFacts(expectations)),
    ...(plan.writeExpect === null ? [] : (await import("../../expectations/write-expectations.ts")).factsToWrite),
  ]);
  const hasKeys = plan.metadata.length + plan.authCert.length > 0;
  const verification = hasKeys ? (await import("../verification-options.ts")).readVerificationOptions(plan) : {};
  const start = (): { readonly log: EntryLog; readonly pipeline: Pipeline; readonly ordinals: number[] } => {
    const log = startEntryLog({ factNames, clock });
    const pipeline = startPipeline({
      ...(plan.realm === null ? {} : { realm: plan.realm }),
      ...(clock === null ? {} : { clock }),
      ...knownApplications({ applications: new Map(plan.applications), hybridApp: plan.hybridApp ?? null }),
      verification,
      ...judgingOptions(trace),
      // The report must be the same in every run.
      pseudonymise: constantPseudonym,
      journal: null,
      onChange: (event, change) => log.accept(event, change),
    });
    return { log, pipeline, ordinals: [] };
  };
  let judging = start();
  const summaries = await readInto(trace, () => {
    judging = start();
    const { pipeline, ordinals } = judging;
    return ({ event, ordinal }) => {
      if (ordinal !== null) ordinals.push(ordinal);
      return pipeline.accept(event);
    };
  });
  const analysis = judging.pipeline.snapshot();
  const source = joinSources(groupName(trace), summaries);
  return { analysis, source, entries: judging.log.entries(analysis), ordinals: judging.ordinals };
}

/** Joins the summaries of the files of one trace. */
function joinSources(path: string, summaries: readonly SourceSummary[]): AnalysisSource {
  const [first] = summaries;
  if (first === undefined) throw new Error("a trace has a file");
  if (summaries.length === 1) return first;
  return {
    ...{ path, format: first.format },
    transactions: summaries.reduce((sum, { transactions }) => sum + transactions, 0),
    truncated: summaries.some(({ truncated }) => truncated),
    ...(summaries.some(({ holdsSecrets }) => holdsSecrets === true) ? { holdsSecrets: true } : {}),
    problems: summaries.flatMap(({ path: file, problems }) => problems.map((problem) => `${file}: ${problem}`)),
  };
}

/** The path for `{trace}`; of several files the first. */
/** Of several logs the folder that holds all of them. */
function traceName({ files, logs }: CaptureGroup): string {
  const [first = "", ...others] = (logs?.files ?? files).map(({ path }) => path);
  if (logs === undefined || others.length === 0) return first;
  let folder = dirname(first);
  while (dirname(folder) !== folder && !others.every((path) => path.startsWith(join(folder, "/"))))
    folder = dirname(folder);
  return folder;
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
  group: CaptureGroup,
  plan: CheckPlan,
  trace: ReadTrace & { readonly expectations: Expectations | null },
): Promise<TraceReport> {
  const { analysis, source, entries, expectations, ordinals } = trace;
  const [path, name] = [groupName(group), traceName(group)];
  const base = { path, source, analysis, expectations: expectations?.source ?? null };
  const problem = whyNotJudged(trace, plan);
  if (problem !== null) return notJudged({ ...base, checks: [], ...problem });
  if (plan.writeExpect !== null) {
    const { writeExpectations } = await import("../../expectations/write-expectations.ts");
    const { writeWhole } = await import("./write-whole.ts");
    await writeWhole(nameFor(plan.writeExpect, name), writeExpectations(analysis, entries, path), { mode: "new" });
  }
  const compared = await compareSnapshot(snapshotPath(name, plan, expectations), analysis, plan);
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
    // Without checks of its own a trace has the exit code of a plain replay.
    exitCode: isUsual ? exitCodeOf(analysis, plan.failOn ?? plan.usualFailOn) : codeOf(isFailed),
    // Entries of several files have no line numbers in one.
    places: await placesOf(group.files.length === 1 ? name : "-", entries, {
      wanted: wanted(analysis, checks),
      ordinals,
    }),
    difference: compared?.difference ?? [],
  };
}

async function compareSnapshot(
  path: string | null,
  analysis: Analysis,
  { isSnapshotUpdated }: CheckPlan,
): Promise<ComparedSnapshot | null> {
  if (path === null) return null;
  const { checkSnapshot } = await import("./snapshot-file.ts");
  return checkSnapshot(path, analysis, isSnapshotUpdated);
}

function whyNotJudged(
  { analysis, source }: ReadTrace,
  plan: CheckPlan,
): { readonly problem: string; readonly hint: string } | null {
  if (source.truncated && !plan.isTruncatedAllowed)
    return { problem: "The trace is cut short.", hint: "Use --allow-truncated to judge what is whole." };
  if (analysis.counts.transactions + analysis.counts.logRows > 0) return null;
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

/** Ids of the entries that a report may show. */
function wanted(analysis: Analysis, checks: readonly CheckResult[]): ReadonlySet<string> {
  const failed = checks.filter(({ outcome }) => outcome === "failed");
  return new Set([
    ...failed.flatMap((check) => check.entries),
    ...analysis.findings.flatMap((finding) => finding.evidence.slice(0, 1)),
  ]);
}

const mostPlaces = 1000;

export interface WantedPlaces {
  readonly wanted: ReadonlySet<string>;
  /** Number in its file of each transaction, in the order of time. */
  readonly ordinals: readonly number[];
}

/** The lines of the wanted entries in their file, with their neighbours in time. The file is read again only when some are wanted. */
async function placesOf(
  path: string,
  entries: readonly LoggedEntry[],
  { wanted, ordinals: inFile }: WantedPlaces,
): Promise<readonly EntryPlace[]> {
  if (wanted.size === 0) return [];
  const transactions = entries.filter((entry) => entry.ordinal !== null);
  const found = transactions.filter(({ id }) => wanted.has(id)).slice(0, mostPlaces);
  if (found.length === 0) return [];
  const placeOf = (ordinal: number | null): number => inFile[ordinal ?? -1] ?? -1;
  const { findEntryLines } = await import("../../sources/json/entry-lines.ts");
  const lines = await findEntryLines(path, new Set(found.map(({ ordinal }) => placeOf(ordinal))));
  return found.map(({ id, ordinal, line }) => ({
    id,
    line: lines.get(placeOf(ordinal)) ?? null,
    text: line,
    around: {
      before: transactions[(ordinal ?? 0) - 1]?.line ?? null,
      after: transactions[(ordinal ?? 0) + 1]?.line ?? null,
    },
  }));
}

/** The checks of a trace without expectations: the verdict, and no finding at or above the threshold. */
function usualChecks(analysis: Analysis, plan: CheckPlan): readonly CheckResult[] {
  const isConfirmed = analysis.verdict === "oauth-confirmed";
  const refused = analysis.handshakes.filter(({ verdict }) => verdict === analysis.verdict);
  const verdict: CheckResult = {
    name: "verdict is oauth-confirmed",
    outcome: isConfirmed ? "passed" : "failed",
    message: `the verdict is ${analysis.verdict}`,
    line: 1,
    entries: isConfirmed ? [] : refused.flatMap(({ transactions }) => transactions.slice(-1)).slice(0, 20),
  };
  return [verdict, failOnCheck(analysis, plan.failOn ?? plan.usualFailOn)];
}

/** No finding at or above a severity. */
function failOnCheck(analysis: Analysis, failOn: Severity): CheckResult {
  const found = analysis.findings.filter(({ severity }) => isAtLeast(severity, failOn));
  const shown = found.slice(0, 5).map(({ code, message }) => `${code}: ${message}`);
  const more = found.length > shown.length ? ` And ${found.length - shown.length} more findings.` : "";
  return {
    name: `no finding of severity ${failOn} or worse`,
    outcome: found.length === 0 ? "passed" : "failed",
    message: found.length === 0 ? "there is none" : `${shown.join(" ")}${more}`,
    line: 1,
    entries: [...new Set(found.flatMap(({ evidence }) => evidence))].slice(0, 20),
  };
}
