import { type Configuration, readConfiguration } from "../../app/configuration.ts";
import { exitCode, exitCodeOf, worstExitCode } from "../../app/exit-codes.ts";
import { knownApplications, withHybridApp } from "../../app/hybrid-app.ts";
import type { View } from "../../app/live/view.ts";
import { randomPseudonyms } from "../../app/pseudonyms.ts";
import {
  type CaptureGroup,
  captureNames,
  groupName,
  groupsOf,
  judgingOptions,
} from "../../app/reading/capture-group.ts";
import type { GroupConsumer, Reading } from "../../app/reading/read-ahead.ts";
import { needsWholeRequests, type ReaderThreads } from "../../app/reading/reader-threads.ts";
import type { RowRoutes } from "../../app/reading/row-routes.ts";
import { type Pipeline, startPipeline } from "../../app/run-pipeline.ts";
import type { Applications } from "../../core/principals.ts";
import { safe } from "../../core/safe-text.ts";
import { ToolError } from "../../core/tool-error.ts";
import type { Analysis } from "../../diagnosis/analysis.ts";
import { besideOf, joinAnalyses } from "../../diagnosis/join-analyses.ts";
import type { ReadinessCollector } from "../../diagnosis/readiness-evidence.ts";
import type { AnalysisSource } from "../../sinks/analysis-json.ts";
import { closedMark } from "../../sources/input/closed-tunnels.ts";
import type { ReplayOptions } from "../options/replay-options.ts";
import { chooseLineView } from "../views/choose-view.ts";
import type { ProgressLine } from "../views/progress.ts";

/**
 * Reads captures, with `threads` when given, and judges each by itself, or with `--together` all as one. Gives the worst exit
 * code. A file that cannot be read makes it 2; the others are judged.
 */
export async function judgeReplay(
  files: readonly string[],
  options: ReplayOptions,
  threads: ReaderThreads | null,
): Promise<number> {
  const configuration = withHybridApp(await readConfiguration(options.config), options.hybridApp);
  const filter = options.filter === undefined ? null : (await import("../views/row-filter.ts")).startRowFilter(options);
  const lines = await chooseLineView(options, { isLive: false, ...(filter === null ? {} : { extra: filter.json }) });
  const view = filter?.wrapView(lines) ?? lines;
  const groups = await groupsInScope(files, options);
  const judged = await judgeAll(groups, options, {
    reading: await startReading(groups, configuration.applications, threads),
    start: await createPipelineStarter({ groups, options, configuration, view }),
    view,
  });
  const captures = judged.flatMap(({ path, analysis, isBeside }) =>
    analysis === null ? [] : [{ path, analysis, ...(isBeside === true ? { isBeside } : {}) }],
  );
  const sources = judged.flatMap((one) => one.sources);
  if (captures.length > 0) {
    const joined = joinAnalyses(captures, groups.length === 1);
    const isAnyCut = sources.some(({ truncated }) => truncated);
    if (options.json === true || joined.counts.transactions > 0 || !isAnyCut)
      await view.end(joined, sources, "finished");
  }
  reportUnjudged(judged, options);
  const failOn = options.failOn ?? configuration.failOn ?? "error";
  return worstExitCode(
    judged
      .filter(({ isBeside }) => isBeside !== true)
      .map((one) => {
        const analysis = wholeAnalysis(one, options);
        return analysis === null ? exitCode.cannotJudge : exitCodeOf(analysis, failOn);
      }),
  );
}

/** The groups, with the rows of logs that --since, --until and --server choose. Throws ToolError `usage`. */
async function groupsInScope(files: readonly string[], options: ReplayOptions): Promise<readonly CaptureGroup[]> {
  const isOne = options.together === true;
  if ([options.since, options.until, options.server].every((given) => given === undefined))
    return groupsOf(files, isOne);
  const { readLogScope, refuseUnusedScope } = await import("../options/log-scope.ts");
  const groups = groupsOf(files, isOne, readLogScope(options, Date.now()));
  refuseUnusedScope(groups, options);
  return groups;
}

/** The options that decide how captures are read and judged, of `replay` and `readiness`. */
export type JudgingOptions = Pick<
  ReplayOptions,
  "realm" | "metadata" | "authCert" | "allowTruncated" | "quiet" | "verbose" | "filter"
>;

export interface Judged {
  readonly path: string;
  /** Null when it could not be read. */
  readonly analysis: Analysis | null;
  readonly sources: readonly AnalysisSource[];
  /** Logs whose rows were all judged with the captures beside them. */
  readonly isBeside?: true;
}

/** The analysis; null for a capture that was not read, or is truncated without --allow-truncated. */
export function wholeAnalysis({ analysis, sources }: Judged, options: JudgingOptions): Analysis | null {
  return options.allowTruncated === undefined && sources.some(({ truncated }) => truncated) ? null : analysis;
}

/** Reports why the exit code is 2, except for unreadable files, which are reported when they are read. */
export function reportUnjudged(judged: readonly Judged[], options: JudgingOptions): void {
  const report = (text: string): void => {
    process.stderr.write(`${safe(`realmscope: ${text}`)}\n`);
  };
  const cut = judged.flatMap(({ sources }) => sources.filter((source) => source.truncated));
  if (cut.length > 0 && options.allowTruncated === undefined) {
    const names = cut.map((source) => source.path).join(", ");
    report(`${names} is cut short; its whole entries were judged. Use --allow-truncated to accept that.`);
  }
  const unread = judged.filter(({ analysis }) => analysis === null).length;
  if (unread > 0 && unread < judged.length)
    report(`${unread} of ${judged.length} captures could not be read: the verdict is that of the others.`);
  for (const one of judged.filter(({ isBeside }) => isBeside !== true)) {
    const analysis = wholeAnalysis(one, options);
    if (analysis === null || analysis.counts.transactions > 0) continue;
    const { logRows, logRowsDropped } = analysis.counts;
    const isLog = one.sources.some(({ files }) => files !== undefined);
    // Findings without a transaction are those of connections that failed, or of logs: they say what to do.
    if (logRows + logRowsDropped > 0 || (analysis.findings.length > 0 && !isLog)) continue;
    report(isLog ? `${JSON.stringify(one.path)} has no rows. ${noRowHint}` : whyNothing(one, judged.length === 1));
  }
}

function whyNothing({ path, sources }: Judged, isOnly: boolean): string {
  const name = isOnly ? "the capture" : JSON.stringify(path);
  const closed = sources.flatMap(({ problems }) => problems).find((problem) => problem.startsWith(closedMark));
  return closed === undefined
    ? `There is no HTTP transaction in ${name}. Capture again while the handshake happens.`
    : `There is no HTTP transaction in ${name}: ${closed}. ${decryptHint}`;
}

const noRowHint =
  "Give the logs of a time in which the service called (Logging\\HttpProxy\\Ews, Logging\\HttpProxy\\Autodiscover).";
const decryptHint =
  "Switch on the decryption of HTTPS (Fiddler: Tools > Options > HTTPS > Decrypt HTTPS traffic; packets: set SSLKEYLOGFILE to their key log), or capture with realmscope watch, and capture again while the handshake happens.";

interface PipelineInput {
  readonly groups: readonly CaptureGroup[];
  readonly options: JudgingOptions;
  readonly configuration: Configuration;
  readonly view: View;
  readonly startReadiness?: () => ReadinessCollector;
}

/** Gives the function that starts the judgement of a group. */
export async function createPipelineStarter({
  groups,
  options,
  configuration,
  view,
  startReadiness,
}: PipelineInput): Promise<(group: CaptureGroup) => Pipeline> {
  const realm = options.realm ?? configuration.realm;
  const hasKeys = options.metadata.length + options.authCert.length > 0;
  const verification = hasKeys
    ? (await import("../../app/verification-options.ts")).readVerificationOptions(options)
    : {};
  const pseudonymise = randomPseudonyms();
  return (group) =>
    startPipeline({
      ...(realm === null ? {} : { realm }),
      ...knownApplications(configuration),
      ...(startReadiness === undefined ? {} : { startReadiness }),
      verification,
      pseudonymise,
      journal: null,
      ...judgingOptions(group),
      captures: captureNames(groups),
      onChange: (event, change) => view.change(event, change),
    });
}

export async function startReading(
  groups: readonly CaptureGroup[],
  applications: Applications,
  threads: ReaderThreads | null,
): Promise<Reading> {
  if (threads !== null) {
    const { startReadAhead } = await import("../../app/reading/read-ahead.ts");
    return startReadAhead({ groups, applications }, threads);
  }
  const { startReadWithoutThreads } = await import("../../app/reading/read-without-threads.ts");
  return startReadWithoutThreads(groups);
}

interface Judging {
  readonly reading: Reading;
  readonly start: (group: CaptureGroup) => Pipeline;
  readonly view: View;
}

/** Reads and judges the groups in their order, and reports each one that cannot be read. */
export async function judgeAll(
  groups: readonly CaptureGroup[],
  options: JudgingOptions,
  { reading, start, view }: Judging,
): Promise<readonly Judged[]> {
  // No progress line while rows are printed: it would stand between them on the same terminal.
  const progress = await startProgressLine(options.quiet !== true && !needsWholeRequests(options));
  // Rows of logs come last and may be about a request of any capture, so the captures are kept until then.
  const routes = await startRoutes(groups);
  const judged: (() => Judged)[] = [];
  for (const [number, group] of groups.entries()) {
    const path = groupName(group);
    progress?.follow(path, () => reading.progress());
    view.beginCapture?.(groups.length === 1 ? null : path);
    let pipeline = start(group);
    const sources = await readOne(reading, number, {
      accept: ({ event, facts }) =>
        (group.logs === undefined ? pipeline : (routes?.judgeOf(event, pipeline) ?? pipeline)).accept(
          event,
          facts ?? undefined,
        ),
      restart() {
        pipeline = start(group);
        view.restart?.();
      },
    });
    judged.push(resultOf({ path, sources, pipeline, isLogs: group.logs !== undefined }, routes));
  }
  await reading.stop();
  progress?.end();
  return judged.map((result) => result());
}

/** Null for runs of captures alone, or of logs alone. */
async function startRoutes(groups: readonly CaptureGroup[]): Promise<RowRoutes | null> {
  if (groups.length === 1 || groups.every(({ logs }) => logs === undefined)) return null;
  return (await import("../../app/reading/row-routes.ts")).startRowRoutes();
}

interface ReadGroup {
  readonly path: string;
  readonly sources: readonly AnalysisSource[] | ToolError;
  readonly pipeline: Pipeline;
  readonly isLogs: boolean;
}

/** The result of a group: at once, or, beside logs, at the end. */
function resultOf({ path, sources, pipeline, isLogs }: ReadGroup, routes: RowRoutes | null): () => Judged {
  if (sources instanceof ToolError) {
    const result = unreadable(path, sources);
    return () => result;
  }
  if (routes === null) {
    const result = { path, analysis: pipeline.snapshot(), sources };
    return () => result;
  }
  if (!isLogs) routes.add(pipeline);
  return () => {
    const analysis = pipeline.snapshot();
    return { path, analysis, sources, ...besideOf(isLogs && routes.hasGivenRows(), analysis) };
  };
}

function unreadable(path: string, { message, hint }: ToolError): Judged {
  process.stderr.write(`realmscope: ${safe(message)} ${safe(hint)}\n`);
  const source = { path, format: "unknown", transactions: 0, truncated: false, problems: [message] } as const;
  return { path, analysis: null, sources: [source] };
}

/** Starts the progress line; null without a terminal, so that its module is not loaded. */
async function startProgressLine(isWanted: boolean): Promise<ProgressLine | null> {
  if (!isWanted || process.stderr.isTTY !== true) return null;
  return (await import("../views/progress.ts")).startProgress(true);
}

async function readOne(
  reading: Reading,
  number: number,
  taking: GroupConsumer,
): Promise<readonly AnalysisSource[] | ToolError> {
  try {
    return await reading.read(number, taking);
  } catch (error) {
    if (error instanceof ToolError) return error;
    throw error;
  }
}
