// Chooses which way of `replay` runs and loads only that one, so that a small capture is judged quickly.

import { compileLess, keepHeapSmall, keepOldHeapSmall } from "../../app/engine-flags.ts";
import { endOnSignals } from "../../app/process-end.ts";
import { takeEarlyThreads } from "../../app/reading/early-threads.ts";
import type { ReaderThreads } from "../../app/reading/reader-threads.ts";
import { ToolError } from "../../core/tool-error.ts";
import { folderOutput } from "../options/common-options.ts";
import type { ReplayOptions } from "../options/replay-options.ts";

/** Judges saved captures, shows, checks or plays them back. Gives the exit code; throws ToolError. */
export async function dispatchReplay(files: readonly string[], options: ReplayOptions): Promise<number> {
  refuseUnusedOptions(options);
  // The screen handles signals itself, since it restores the terminal first.
  if (options.tui === true) return (await import("./replay-screen.ts")).runReplayScreen(files, options);
  endOnSignals();
  refuseContradictions(options);
  if (options.serve !== undefined) return (await import("./replay-serve.ts")).serveReplay(files, options);
  if (options.send === true) return (await import("./replay-send.ts")).sendReplay(files, options);
  if (isCheck(options)) return (await import("./replay-check.ts")).checkReplay(files, options);
  return judge(files, options);
}

/** Starts the threads that read large captures, then loads the modules that judge them. */
async function judge(named: readonly string[], options: ReplayOptions): Promise<number> {
  keepOldHeapSmall();
  compileLess();
  const { isWorthThreads, startReaderThreads, needsWholeRequests } = await import(
    "../../app/reading/reader-threads.ts"
  );
  const start = (files: readonly string[]): ReaderThreads | null =>
    !needsWholeRequests(options) && isWorthThreads(files) ? startReaderThreads(files) : null;
  let threads = takeEarlyThreads() ?? start(named);
  if (threads === null) keepHeapSmall();
  try {
    const { findAndReportTraces } = await import("../../app/reading/find-traces.ts");
    const files = await findAndReportTraces(named, folderOutput({ ...options, hasRows: options.filter !== undefined }));
    // A named folder may hold large captures.
    threads ??= start(files);
    return await (await import("./replay-judge.ts")).judgeReplay(files, options, threads);
  } finally {
    await threads?.stop();
  }
}

/** Refuses options of judging, serving and sending that contradict each other. */
function refuseContradictions(options: ReplayOptions): void {
  const { serve, send, reverse } = options;
  const plays = serve !== undefined || send === true;
  const refuse = (message: string, hint: string): never => {
    throw new ToolError("usage", message, { hint });
  };
  if (serve !== undefined && send === true) refuse("--serve and --send do not go together.", "Run two programs.");
  if (reverse !== undefined && send !== true)
    refuse("--reverse names the target of --send.", "Add --send, or use watch.");
  if (plays && [options.since, options.until, options.server].some((given) => given !== undefined))
    refuse("--since, --until and --server choose rows of logs to judge.", "Leave them out with --serve and --send.");
  if (plays && (isCheck(options) || options.filter !== undefined || options.together === true))
    refuse(
      "--serve and --send judge nothing.",
      "Leave out the options that check, or run replay a second time without these.",
    );
}

const serving = ["--serve"];
const sending = ["--send"];
const playing = ["--serve", "--send"];
/** The options of playback, each with the option that it needs. */
const playbackOptions: readonly (readonly [keyof ReplayOptions, flag: string, of: readonly string[]])[] = [
  ["strict", "--strict", serving],
  ["cert", "--cert", serving],
  ["key", "--key", serving],
  ["host", "--host", sending],
  ["save", "--save", sending],
  ["upstreamCa", "--upstream-ca", sending],
  ["keepTimes", "--keep-times", playing],
  ["beyondLoopback", "--beyond-loopback", playing],
];

/** Refuses an option that would have no effect, so that nobody believes it had one. */
function refuseUnusedOptions(options: ReplayOptions): void {
  const { serve, send, tui } = options;
  const ways = [...(serve === undefined ? [] : serving), ...(send === true ? sending : [])];
  if (tui === true && ways.length > 0)
    throw new ToolError("usage", `--tui and ${ways[0]} do not go together.`, { hint: "Leave one or the other out." });
  for (const [name, flag, of] of playbackOptions) {
    const given = options[name];
    const isGiven = Array.isArray(given) ? given.length > 0 : given !== undefined;
    if (!isGiven || of.some((way) => ways.includes(way))) continue;
    throw new ToolError("usage", `${flag} is an option of ${of.join(" and ")} only.`, {
      hint: `Add ${of.join(" or ")}, or leave ${flag} out.`,
    });
  }
}

function isCheck(options: ReplayOptions): boolean {
  const { expect, writeExpect, snapshot, updateSnapshot, reporter } = options;
  return [expect, writeExpect, snapshot, updateSnapshot].some((given) => given !== undefined) || reporter.length > 0;
}
