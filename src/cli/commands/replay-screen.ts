// `replay FILE --tui`: saved captures in the screen. Only the rows are held in memory; the rest of a request is read again from
// its place in the file when it is shown, so that a capture of a gigabyte opens.
import { basename } from "node:path";
import { readConfiguration } from "../../app/configuration.ts";
import { exitCode, exitCodeOf } from "../../app/exit-codes.ts";
import { exportRows } from "../../app/hand-over/export-rows.ts";
import { knownApplications, withHybridApp } from "../../app/hybrid-app.ts";
import { randomPseudonyms } from "../../app/pseudonyms.ts";
import {
  type CaptureGroup,
  captureNames,
  groupName,
  groupsOf,
  judgingOptions,
  readGroup,
} from "../../app/reading/capture-group.ts";
import { type CaptureIndex, startCaptureIndex } from "../../app/reading/capture-index.ts";
import { findAndReportTraces } from "../../app/reading/find-traces.ts";
import { startRowRoutes } from "../../app/reading/row-routes.ts";
import { searchFiles } from "../../app/reading/search-files.ts";
import { type Pipeline, startPipeline } from "../../app/run-pipeline.ts";
import { readVerificationOptions } from "../../app/verification-options.ts";
import type { CaptureEvent } from "../../core/capture-event.ts";
import { ToolError } from "../../core/tool-error.ts";
import type { Analysis } from "../../diagnosis/analysis.ts";
import { besideOf, type JudgedCapture, joinAnalyses } from "../../diagnosis/join-analyses.ts";
import { safeId } from "../../sanitising/safe-identity.ts";
import type { Progress } from "../../sources/input/byte-input.ts";
import { openCapture } from "../../sources/open-capture.ts";
import { restartMarker } from "../../sources/time/read-in-time-order.ts";
import type { ScreenHost } from "../../tui/link/screen-link.ts";
import { type Screen, startScreen } from "../../tui/link/start-screen.ts";
import { leavingLines } from "../../tui/words/leaving-lines.ts";
import { readLogScope, refuseUnusedScope } from "../options/log-scope.ts";
import type { ReplayOptions } from "../options/replay-options.ts";
import { screenPlace, screenSettings } from "../options/screen-settings.ts";
import { wantsScreen } from "../views/choose-view.ts";

/** Shows the captures until the person leaves. Gives the exit code of `replay`; throws ToolError. */
export async function runReplayScreen(named: readonly string[], options: ReplayOptions): Promise<number> {
  refuseWithoutTerminal(options);
  const files = await findAndReportTraces(named, null);
  const configuration = withHybridApp(await readConfiguration(options.config), options.hybridApp);
  const realm = options.realm ?? configuration.realm;
  const pseudonymise = randomPseudonyms();
  const index = startCaptureIndex(pseudonymise);
  const isTogether = options.together === true;
  const groups = groupsOf(files, isTogether, readLogScope(options, Date.now()));
  refuseUnusedScope(groups, options);
  await openEach(groups);
  const unordered = new Set<CaptureGroup>();
  const judging = startJudging(groups, (group) =>
    startPipeline({
      ...(realm === null ? {} : { realm }),
      ...knownApplications(configuration),
      verification: readVerificationOptions(options),
      ...judgingOptions(group),
      captures: captureNames(groups),
      pseudonymise,
      journal: null,
      onChange(_, { subject }) {
        if (subject !== null) screen.link.row(subject);
        screen.link.markChanged();
      },
    }),
  );
  const leaving = new AbortController();
  const details = { detail: index.read, logDetail: index.readRow };
  const host: ScreenHost = {
    title: named.map((file) => basename(file)).join(" "),
    mode: "replay",
    settings: screenSettings(options, configuration),
    analysis: judging.analysis,
    ...details,
    unmasked: () => null,
    search: (text, found) =>
      searchFiles({ groups, unordered, text, configuration, realm }, (ids, part) =>
        found(
          ids.map((id) => safeId(id, pseudonymise)),
          part,
        ),
      ),
    exportRows: (wish) => exportRows(wish, { ...details, pseudonymise, configuration, isTogether }),
    stop: () => leaving.abort(),
  };
  const screen = startScreen(host, { ...screenPlace(options), holdsAllRows: true });
  void screen.closed.then(() => leaving.abort());
  const code = endOnSignal(screen);
  try {
    await readAll({ groups, unordered, judging, index, screen, leaving: leaving.signal });
    screen.link.end();
    await screen.closed;
  } finally {
    await index.close();
  }
  const analysis = judging.analysis();
  for (const line of leavingLines({ analysis, files, isTogether })) process.stdout.write(`${line}\n`);
  return code() ?? exitCodeOf(analysis, options.failOn ?? configuration.failOn ?? "error");
}

/** Reports errors of the captures before the screen covers the terminal. */
async function openEach(groups: readonly CaptureGroup[]): Promise<void> {
  for (const { files } of groups) for (const { path } of files) await openCapture(path);
}

function refuseWithoutTerminal(options: ReplayOptions): void {
  if (wantsScreen(options)) return;
  throw new ToolError("usage", "--tui opens a screen, which needs a terminal.", {
    hint: "Run it in a terminal, without --plain, --json and --quiet; or leave --tui out.",
  });
}

interface Judging {
  /** Begins a group and gives what judges its events. */
  begin(group: CaptureGroup): { accept(event: CaptureEvent): Promise<void> };
  /** Drops all groups. */
  restart(): void;
  /** The analysis of all groups so far. */
  analysis(): Analysis;
}

function startJudging(groups: readonly CaptureGroup[], start: (group: CaptureGroup) => Pipeline): Judging {
  const hasLogs = groups.some(({ logs }) => logs !== undefined);
  let judged: (() => JudgedCapture)[] = [];
  let current: (() => JudgedCapture) | null = null;
  let routes = startRowRoutes();
  const allJudged = (): (() => JudgedCapture)[] => (current === null ? judged : [...judged, current]);
  return {
    begin(group) {
      // Rows of logs come last and may be about a request of any capture, so beside logs the captures are kept.
      judged = hasLogs ? allJudged() : allJudged().map(finished);
      const [path, pipeline, isLogs] = [groupName(group), start(group), group.logs !== undefined];
      if (hasLogs && !isLogs) routes.add(pipeline);
      const { hasGivenRows, judgeOf } = routes;
      current = () => {
        const analysis = pipeline.snapshot();
        return { path, analysis, ...besideOf(isLogs && hasGivenRows(), analysis) };
      };
      return { accept: (event) => (isLogs ? judgeOf(event, pipeline) : pipeline).accept(event) };
    },
    restart() {
      judged = [];
      current = null;
      routes = startRowRoutes();
    },
    analysis: () =>
      joinAnalyses(
        allJudged().map((one) => one()),
        groups.length === 1,
      ),
  };
}

/** The result of a capture that gets no more events, without what it was made of. */
function finished(capture: () => JudgedCapture): () => JudgedCapture {
  const result = capture();
  return () => result;
}

interface Reading {
  readonly groups: readonly CaptureGroup[];
  /** The groups found not to be in order of time. */
  readonly unordered: Set<CaptureGroup>;
  readonly judging: Judging;
  readonly index: CaptureIndex;
  readonly screen: Screen;
  readonly leaving: AbortSignal;
}

/** Reads the groups to their ends, or until the person leaves. When one is not in order, all are read again, in order of time. */
async function readAll(reading: Reading): Promise<void> {
  const { unordered } = reading;
  for (let number = 0; number < reading.groups.length && !reading.leaving.aborted; number++) {
    const group = reading.groups[number];
    if (group === undefined || (await readOne(group, unordered.has(group), reading))) continue;
    unordered.add(group);
    reading.judging.restart();
    reading.screen.link.restart();
    number = -1;
  }
}

/** Reads one group; false when it is not in order, so that its rows must be replaced. */
async function readOne(
  group: CaptureGroup,
  isUnordered: boolean,
  { judging, index, screen, leaving }: Reading,
): Promise<boolean> {
  const { batches, summaries, progress } = readGroup(group, {
    take: (_, capture) => ({ path: capture.path, place: capture.place() }),
    isUnordered,
  });
  const pipeline = judging.begin(group);
  const reports = startProgressReports(progress, screen);
  for await (const batch of batches) {
    if (batch === restartMarker) return false;
    for (const { event, extra } of batch) {
      if (leaving.aborted) return true;
      keep(index, event, extra);
      await pipeline.accept(event);
      await reports.afterEvent();
    }
  }
  for (const { problems } of summaries())
    for (const problem of problems) screen.link.send({ type: "notice", text: problem });
  return true;
}

function keep(index: CaptureIndex, event: CaptureEvent, where: Parameters<CaptureIndex["add"]>[1]): void {
  if (event.kind === "transaction") index.add(event.transaction, where);
  else if (event.kind === "log-row") index.addRow(event.row);
}

/** Reports the progress to the screen and waits until it keeps up: a saved capture can wait, so no row is left out. */
function startProgressReports(progress: () => Progress, screen: Screen): { afterEvent(): Promise<void> } {
  let events = 0;
  return {
    async afterEvent() {
      events += 1;
      if (events % 500 !== 0) return;
      const { done, total } = progress();
      if (total !== null && total > 0) screen.link.send({ type: "reading", part: Math.min(1, done / total) });
      await screen.link.hasRoom();
    },
  };
}

/** Ends the screen on a signal; it restores the terminal first. Gives the exit code of the signal, null without one. */
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
