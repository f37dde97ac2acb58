import type { CaptureEvent } from "../../core/capture-event.ts";
import { ToolError } from "../../core/tool-error.ts";
import type { Severity } from "../../diagnosis/finding.ts";
import type { AnalysisSource } from "../../sinks/analysis-json.ts";
import { randomPseudonyms } from "../../sinks/pseudonyms.ts";
import { openCapture } from "../../sources/open-capture.ts";
import { safe } from "../../tui/safe-text.ts";
import { findTraces } from "../checking/find-traces.ts";
import { readConfiguration } from "../configuration.ts";
import { endOnSignals } from "../end-on-signals.ts";
import { exitCode, exitCodeOf } from "../exit-codes.ts";
import type { CommonOptions } from "../program.ts";
import { renumber } from "../renumber.ts";
import { startRowFilter } from "../row-filter.ts";
import { startPipeline } from "../run-pipeline.ts";
import { readVerificationOptions } from "../verification-options.ts";
import { chooseLineView } from "../views/choose-view.ts";
import { type ProgressLine, startProgress } from "../views/progress.ts";

export interface ReplayOptions extends CommonOptions {
  readonly realm?: string | undefined;
  readonly metadata: readonly string[];
  readonly authCert: readonly string[];
  readonly allowTruncated?: true | undefined;
  readonly failOn?: Severity | undefined;
  readonly filter?: string | undefined;
  readonly expect?: string | undefined;
  readonly writeExpect?: string | undefined;
  readonly snapshot?: string | undefined;
  readonly updateSnapshot?: true | undefined;
  readonly reporter: readonly string[];
  readonly serve?: string | undefined;
  readonly send?: true | undefined;
  readonly reverse?: string | undefined;
  readonly host: readonly string[];
  readonly save?: string | undefined;
  readonly keepTimes?: true | undefined;
  readonly strict?: true | undefined;
  readonly beyondLoopback?: true | undefined;
  readonly cert?: string | undefined;
  readonly key?: string | undefined;
  readonly upstreamCa: readonly string[];
}

/** Reads saved captures: as one, or each by itself where something is to be checked. Gives the exit code; throws ToolError. */
export async function runReplay(files: readonly string[], options: ReplayOptions): Promise<number> {
  endOnSignals();
  refuseTogether(options);
  if (options.serve !== undefined) return (await import("./serve-replay.ts")).serveReplay(files, options);
  if (options.send === true) return (await import("./send-replay.ts")).sendReplay(files, options);
  if (!isCheck(options)) return replayAsOne(files, options);
  const { checkReplay } = await import("../checking/check-replay.ts");
  return checkReplay(files, options);
}

/** Judging, serving and sending are three things: an option of one says nothing to the others. */
function refuseTogether(options: ReplayOptions): void {
  const { serve, send, reverse } = options;
  const plays = serve !== undefined || send === true;
  const refuse = (message: string, hint: string): never => {
    throw new ToolError("usage", message, { hint });
  };
  if (serve !== undefined && send === true) refuse("--serve and --send do not go together.", "Run two programs.");
  if (reverse !== undefined && send !== true)
    refuse("--reverse names the target of --send.", "Add --send, or use watch.");
  if (plays && (isCheck(options) || options.filter !== undefined))
    refuse(
      "--serve and --send judge nothing.",
      "Leave the options that check out, or call replay once more without these.",
    );
}

function isCheck(options: ReplayOptions): boolean {
  const { expect, writeExpect, snapshot, updateSnapshot, reporter } = options;
  return [expect, writeExpect, snapshot, updateSnapshot].some((given) => given !== undefined) || reporter.length > 0;
}

/** A file that cannot be read makes the code 2 but stops no other. */
async function replayAsOne(named: readonly string[], options: ReplayOptions): Promise<number> {
  const files = findTraces(named);
  const configuration = readConfiguration(options.config);
  const filter = startRowFilter(options);
  const view = filter.over(chooseLineView(options, { isLive: false, extra: filter.json }));
  const realm = options.realm ?? configuration.realm;
  const pipeline = startPipeline({
    ...(realm === null ? {} : { realm }),
    applications: configuration.applications,
    verification: readVerificationOptions(options),
    pseudonymise: randomPseudonyms(),
    journal: null,
    detailLimit: 0,
    onChange: (event, change) => view.change(event, change),
  });
  // Rows go by on the same terminal: a line that is drawn over and over would stand between them.
  const progress = startProgress(options.quiet !== true && options.verbose !== true && options.filter === undefined);
  const sources: AnalysisSource[] = [];
  let failures = 0;
  for (const [index, file] of files.entries()) {
    const read = await readOne(file, progress, (event) =>
      pipeline.accept(files.length === 1 ? event : renumber(event, index + 1)),
    );
    if (read instanceof ToolError) {
      failures += 1;
      process.stderr.write(`realmscope: ${safe(read.message)} ${safe(read.hint)}\n`);
      sources.push({ path: file, format: "unknown", transactions: 0, truncated: false, problems: [read.message] });
    } else sources.push(read);
  }
  progress.end();
  const analysis = pipeline.snapshot();
  const cut = sources.filter((source) => source.truncated);
  const hasAnything = analysis.counts.transactions > 0 || cut.length === 0;
  if (failures < files.length && hasAnything) await view.end(analysis, sources, "finished");
  if (cut.length > 0 && options.allowTruncated === undefined) {
    const names = cut.map((source) => source.path).join(", ");
    process.stderr.write(
      `${safe(`realmscope: ${names} is cut short; what is whole was judged. Use --allow-truncated to accept that.`)}\n`,
    );
    return exitCode.cannotJudge;
  }
  if (failures > 0) return exitCode.cannotJudge;
  if (analysis.counts.transactions === 0) {
    process.stderr.write(
      "realmscope: There is no HTTP transaction in the capture. Capture again while the handshake happens.\n",
    );
  }
  return exitCodeOf(analysis, options.failOn ?? configuration.failOn ?? "error");
}

async function readOne(
  file: string,
  progress: ProgressLine,
  accept: (event: CaptureEvent) => Promise<void>,
): Promise<AnalysisSource | ToolError> {
  try {
    const capture = await openCapture(file);
    progress.follow(file, () => capture.progress());
    for await (const event of capture.events) await accept(event);
    return capture.summary();
  } catch (error) {
    if (error instanceof ToolError) return error;
    throw error;
  }
}
