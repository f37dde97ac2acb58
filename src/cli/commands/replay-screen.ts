// `replay FILE --tui`: saved captures in the screen of the live run. The rows are held; everything else is read again from
// its place when it is asked for, so that a capture of a gigabyte opens.
import { basename } from "node:path";
import { ToolError } from "../../core/tool-error.ts";
import { filterSubject } from "../../filter/subject.ts";
import { randomPseudonyms } from "../../sinks/pseudonyms.ts";
import { type Capture, openCapture } from "../../sources/open-capture.ts";
import { leavingLines } from "../../tui/leaving-lines.ts";
import type { ScreenHost } from "../../tui/screen-link.ts";
import { type Screen, startScreen } from "../../tui/start-screen.ts";
import { type CaptureIndex, startCaptureIndex } from "../capture-index.ts";
import { readConfiguration } from "../configuration.ts";
import { exitCode, exitCodeOf } from "../exit-codes.ts";
import { exportRows } from "../export-rows.ts";
import { renumber } from "../renumber.ts";
import { type Pipeline, startPipeline } from "../run-pipeline.ts";
import { screenPlace, screenSettings } from "../screen-settings.ts";
import { searchFiles } from "../search-files.ts";
import { readVerificationOptions } from "../verification-options.ts";
import { wantsScreen } from "../views/choose-view.ts";
import type { ReplayOptions } from "./choose-replay.ts";

/** Shows the captures until the person leaves. Gives the exit code that `replay` gives; throws ToolError. */
export async function runReplayScreen(files: readonly string[], options: ReplayOptions): Promise<number> {
  if (!wantsScreen(options)) {
    throw new ToolError("usage", "--tui opens a screen and there is no terminal for one.", {
      hint: "Run it in a terminal, without --plain, --json and --quiet; or leave --tui out.",
    });
  }
  // What is wrong with a file is told before the screen covers it.
  for (const file of files) await openCapture(file);
  const configuration = await readConfiguration(options.config);
  const realm = options.realm ?? configuration.realm;
  const pseudonymise = randomPseudonyms();
  const index = startCaptureIndex(pseudonymise);
  const pipeline = startPipeline({
    ...(realm === null ? {} : { realm }),
    applications: configuration.applications,
    verification: readVerificationOptions(options),
    pseudonymise,
    journal: null,
    onChange(_, { row, facts, findings }) {
      if (row !== null) screen.link.row(filterSubject(row, facts, findings));
      screen.link.changed();
    },
  });
  const leaving = new AbortController();
  const host: ScreenHost = {
    title: files.map((file) => basename(file)).join(" "),
    mode: "replay",
    settings: screenSettings(options, configuration),
    analysis: () => pipeline.snapshot(),
    detail: (id) => index.read(id),
    unmasked: () => null,
    search: (text, found) => searchFiles({ files, text, configuration, realm }, found),
    exportRows: (wish) => exportRows(wish, { detail: (id) => index.read(id), pseudonymise, configuration }),
    stop: () => leaving.abort(),
  };
  const screen = startScreen(host, { ...screenPlace(options), holdsAllRows: true });
  void screen.closed.then(() => leaving.abort());
  const code = endOnSignal(screen);
  try {
    for (const [at, file] of files.entries()) {
      const prefix = files.length === 1 ? null : at + 1;
      await readInto({ file, prefix, index, pipeline, screen, leaving: leaving.signal });
    }
    screen.link.ended();
    await screen.closed;
  } finally {
    await index.close();
  }
  const analysis = pipeline.snapshot();
  for (const line of leavingLines({ analysis, files })) process.stdout.write(`${line}\n`);
  return code() ?? exitCodeOf(analysis, options.failOn ?? configuration.failOn ?? "error");
}

interface Reading {
  readonly file: string;
  /** Number of the file where there are several. */
  readonly prefix: number | null;
  readonly index: CaptureIndex;
  readonly pipeline: Pipeline;
  readonly screen: Screen;
  readonly leaving: AbortSignal;
}

/** Reads one capture to its end, or until the person leaves. */
async function readInto({ file, prefix, index, pipeline, screen, leaving }: Reading): Promise<void> {
  const capture = await openCapture(file);
  const progress = startProgress(capture, screen);
  for await (const event of capture.events) {
    if (leaving.aborted) return;
    const named = prefix === null ? event : renumber(event, prefix);
    if (named.kind === "transaction") {
      index.add(named.transaction, { path: file, place: capture.place?.() ?? null });
    }
    await pipeline.accept(named);
    await progress.told();
  }
  for (const problem of capture.summary().problems) screen.link.tell({ type: "notice", text: problem });
}

/** Tells the screen how far it is, and lets it keep up: a saved capture can wait, so no row is left out. */
function startProgress(capture: Capture, screen: Screen): { told(): Promise<void> } {
  let events = 0;
  return {
    async told() {
      events += 1;
      if (events % 500 !== 0) return;
      const { done, total } = capture.progress();
      if (total !== null && total > 0) screen.link.tell({ type: "reading", part: Math.min(1, done / total) });
      await screen.link.hasRoom();
    },
  };
}

/** A signal ends the screen, which gives the terminal back first. */
function endOnSignal(screen: Screen): () => number | null {
  let code: number | null = null;
  for (const [signal, wanted] of [
    ["SIGINT", exitCode.interrupted],
    ["SIGTERM", exitCode.terminated],
    ["SIGHUP", exitCode.terminated],
  ] as const) {
    process.on(signal, () => {
      code ??= wanted;
      void screen.stop();
    });
  }
  return () => code;
}
