import { type Configuration, readConfiguration } from "../../app/configuration.ts";
import { exitCode } from "../../app/exit-codes.ts";
import { withHybridApp } from "../../app/hybrid-app.ts";
import type { View } from "../../app/live/view.ts";
import { endOnSignals } from "../../app/process-end.ts";
import { groupsOf } from "../../app/reading/capture-group.ts";
import { findAndReportTraces } from "../../app/reading/find-traces.ts";
import { readGivenCertificates } from "../../app/reading/given-certificates.ts";
import { isWorthThreads, type ReaderThreads, startReaderThreads } from "../../app/reading/reader-threads.ts";
import { toolVersion } from "../../app/version.ts";
import { safeJson } from "../../core/safe-json.ts";
import { joinAnalyses } from "../../diagnosis/join-analyses.ts";
import type { ReadinessAnswer } from "../../diagnosis/readiness/answer.ts";
import { answerReadiness } from "../../diagnosis/readiness/answer-all.ts";
import { startReadinessCollector } from "../../diagnosis/readiness/collector.ts";
import { type CommonOptions, folderOutput } from "../options/common-options.ts";
import { renderReadiness } from "../views/readiness-lines.ts";
import {
  createPipelineStarter,
  type Judged,
  judgeAll,
  reportUnjudged,
  startReading,
  wholeAnalysis,
} from "./replay-judge.ts";

export interface ReadinessCommandOptions extends CommonOptions {
  readonly realm?: string | undefined;
  readonly hybridApp?: string | undefined;
  readonly metadata: readonly string[];
  readonly authCert: readonly string[];
  readonly allowTruncated?: true | undefined;
}

/** Answers the ten questions from all captures together. Gives the exit code; throws ToolError. */
export async function runReadiness(named: readonly string[], options: ReadinessCommandOptions): Promise<number> {
  endOnSignals();
  const certificates = readGivenCertificates(options.authCert);
  const configuration = withHybridApp(await readConfiguration(options.config), options.hybridApp);
  const files = await findAndReportTraces(named, folderOutput(options));
  const judged = await judge(files, options, configuration);
  const captures = judged.flatMap(({ path, analysis }) => (analysis === null ? [] : [{ path, analysis }]));
  reportUnjudged(judged, options);
  if (captures.length === 0) return exitCode.cannotJudge;
  const { applications, hybridApp } = configuration;
  const analysis = joinAnalyses(captures, files.length === 1);
  const answers = answerReadiness(analysis, { hybridApp, applications, certificates });
  const sources = judged.flatMap((one) => one.sources);
  const text =
    options.json === true
      ? `${safeJson({ schema: "realmscope.readiness/1", tool: { name: "realmscope", version: toolVersion() }, sources, answers })}\n`
      : renderReadiness(answers, options, configuration.theme);
  process.stdout.write(text);
  const isUnread = judged.some((one) => (wholeAnalysis(one, options)?.counts.transactions ?? 0) === 0);
  return isUnread ? exitCode.cannotJudge : exitCodeOf(answers);
}

/** 1 when an answer shows a problem, 3 when nothing could be answered, else 0. */
function exitCodeOf(answers: readonly ReadinessAnswer[]): number {
  if (answers.some(({ state }) => state === "problem")) return exitCode.problemFound;
  return answers.every(({ state }) => state === "not-seen") ? exitCode.notEnoughEvidence : exitCode.trustShown;
}

async function judge(
  files: readonly string[],
  options: ReadinessCommandOptions,
  configuration: Configuration,
): Promise<readonly Judged[]> {
  const groups = groupsOf(files, false);
  // The answers are printed at the end: no row is shown meanwhile, so the requests need not be read whole.
  const judging = { ...options, verbose: undefined, filter: undefined };
  const threads: ReaderThreads | null = isWorthThreads(files) ? startReaderThreads(files) : null;
  try {
    return await judgeAll(groups, judging, {
      reading: await startReading(groups, configuration.applications, threads),
      start: await createPipelineStarter({
        ...{ groups, files, options: judging, configuration, view: silent },
        startReadiness: startReadinessCollector,
      }),
      view: silent,
    });
  } finally {
    await threads?.stop();
  }
}

const silent: View = {
  ready: () => undefined,
  notice: () => undefined,
  change: () => undefined,
  end: () => Promise.resolve(),
};
