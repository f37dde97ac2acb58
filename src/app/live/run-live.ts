// What demo and watch share: a running proxy and followed logs whose events are judged, recorded and shown, and their orderly end.
import type { CaptureEvent } from "../../core/capture-event.ts";
import type { Applications } from "../../core/principals.ts";
import type { Severity } from "../../diagnosis/catalogue/finding.ts";
import type { Proxy as CaptureProxy } from "../../proxy/start-proxy.ts";
import type { Pseudonymise } from "../../sanitising/sanitise.ts";
import { type Journal, openJournal } from "../../sinks/journal/journal.ts";
import type { Rotation } from "../../sinks/journal/journal-file.ts";
import type { PendingRows } from "../../tui/model/messages.ts";
import type { VerificationOptions } from "../../verification/verify-signatures.ts";
import { exitCode, exitCodeOf } from "../exit-codes.ts";
import { addExitTask, endOrderlyOnSignals, whenAborted } from "../process-end.ts";
import { randomPseudonyms } from "../pseudonyms.ts";
import { type Pipeline, startPipeline } from "../run-pipeline.ts";
import { toolVersion } from "../version.ts";
import { type LiveSources, type StartLogs, startSources } from "./live-sources.ts";
import { startPendingRows } from "./pending-rows.ts";
import type { LiveOutput, LiveViewSource, View } from "./view.ts";

/** How the capture is kept. */
export interface Saving {
  /** The journal; null when none is written. */
  readonly path: string | null;
  readonly keepsSecrets: boolean;
  readonly rotation: Rotation;
  /** Shown before the capture begins: the warning of a capture that keeps its secrets. */
  readonly notices: readonly string[];
}

export interface LiveRun {
  /** Null for a run that only follows logs. */
  readonly proxy: CaptureProxy | null;
  /** Begins to follow logs, and reports what becomes of their files and folders; null when none are followed. */
  readonly startLogs?: StartLogs | null;
  readonly applications: Applications;
  /** The tenant's dedicated hybrid application: its id in lower case. */
  readonly hybridApp?: string;
  readonly verification: VerificationOptions;
  readonly realm: string | null;
  /** Findings at or above this make the exit code of a problem. */
  readonly failOn: Severity;
  readonly save: Saving;
  readonly notices: readonly string[];
  /** Takes over the standard streams; calls `onClosed` when standard output is closed. */
  readonly openOutput: (onClosed: () => void) => LiveOutput;
  /** Opens the view; called once, after the journal is open. */
  readonly openView: (source: LiveViewSource) => Promise<View>;
  /** Runs beside the capture, which ends when this resolves. `ended` is aborted at an early end. */
  readonly during: (ended: AbortSignal) => Promise<void>;
}

/** Captures until `during` resolves, the user quits, or a signal comes. Returns the exit code; the journal is whole in every case. */
export async function runLive(run: LiveRun): Promise<number> {
  const { applications, hybridApp, realm, save } = run;
  const stopping = new AbortController();
  // Registered before anything is opened or printed, so that an early signal ends the run in order.
  const ending = endOrderlyOnSignals(stopping);
  const early = collectEarlyNotices();
  const journal = await openOrStop(run, early);
  const sources = startSources(run, (text) => early.show((view) => view.notice(text)));
  const output = run.openOutput(() => {
    if (journal === null) ending.end(exitCode.terminated);
  });
  const pseudonymise = randomPseudonyms();
  const pipeline = startPipeline({
    ...(realm === null ? {} : { realm }),
    applications,
    ...(hybridApp === undefined ? {} : { hybridApp }),
    verification: run.verification,
    pseudonymise,
    journal,
    keepsSecrets: save.keepsSecrets,
    onChange: (event, change) => view.captured?.(event, change),
    onRecorded(event, change) {
      try {
        view.change(event, change);
      } catch (error) {
        bugs.take(error);
      }
    },
  });
  const exitTask = addExitTask(() => writeAllNow(sources, pipeline, journal));
  const bugs = collectBugs((text) => view.notice(text));
  const view = await run.openView({
    write: output.write,
    analysis: () => pipeline.snapshot(),
    pseudonymise,
    stop: () => stopping.abort("quit"),
  });
  let transactions = 0;
  showPending(run, pseudonymise, (rows) => {
    try {
      view.pending?.(rows);
    } catch (error) {
      bugs.take(error);
    }
  });
  const consume = async (events: AsyncIterable<CaptureEvent>): Promise<void> => {
    for await (const event of events) {
      if (event.kind === "transaction") transactions += 1;
      await pipeline.accept(event).catch(bugs.take);
    }
  };
  const consumed = Promise.all(sources.events.map(consume));
  showStart(run, view);
  early.open(view);

  try {
    await Promise.race([run.during(stopping.signal), whenAborted(stopping.signal), consumed]);
  } finally {
    await sources.stop();
    await consumed;
    await journal?.close();
    ending.release();
  }
  const analysis = pipeline.snapshot();
  const problems = journal === null ? [] : journal.problems();
  const secrets = save.keepsSecrets ? ({ holdsSecrets: true } as const) : {};
  const source = { path: "live", format: "live", transactions, truncated: false, ...secrets, problems } as const;
  output.keepAll();
  await view.end(analysis, [source], ending.code() === null ? "finished" : "interrupted");
  const wasTaken = await output.end(ending.code() === null);
  const code = ending.code() ?? exitCodeOf(analysis, run.failOn);
  // A thread that still writes, or output that nobody reads, would keep the process from ending by itself.
  if (!wasTaken || journal?.isBlocked() === true || sources.isBlocked())
    setImmediate(() => process.exit(process.exitCode ?? code));
  else exitTask.release();
  bugs.rethrow();
  return code;
}

function showPending(
  { proxy, applications }: LiveRun,
  pseudonymise: Pseudonymise,
  show: (rows: PendingRows) => void,
): void {
  if (proxy === null) return;
  const waitingRows = startPendingRows({ applications, pseudonymise });
  proxy.watchPending((open) => show(waitingRows(open)));
}

function showStart({ proxy, notices, save }: LiveRun, view: View): void {
  for (const { kind, address, port, target } of proxy?.listeners ?? []) {
    view.ready({ kind, address, port, target: target === null ? null : targetUrl(target) });
  }
  for (const notice of [...notices, ...save.notices]) view.notice(notice);
}

/** Writes everything captured so far to the journal and closes it. True when the disk does not answer. */
function writeAllNow(sources: LiveSources, pipeline: Pipeline, journal: Journal | null): boolean {
  if (journal === null) return sources.isBlocked();
  try {
    for (const event of sources.takeNow()) recordNow(pipeline, event);
  } finally {
    journal.closeNow();
  }
  return journal.isBlocked() || sources.isBlocked();
}

function recordNow(pipeline: Pipeline, event: CaptureEvent): void {
  try {
    pipeline.record(event);
  } catch {
    // A bug in one event must not cost the others; the journal has a gap in its place.
  }
}

/** Opens the journal; stops the proxy when it cannot be opened, before any traffic is accepted. Throws ToolError. */
async function openOrStop({ save, proxy }: LiveRun, early: EarlyNotices): Promise<Journal | null> {
  if (save.path === null) return null;
  try {
    const journal = openJournal(save.path, {
      tool: toolVersion(),
      isSanitised: !save.keepsSecrets,
      isLocked: true,
      rotation: save.rotation,
      onTrouble: (text) => early.show((view) => view.notice(text)),
      onSynced: (synced) => early.show((view) => view.synced?.(synced)),
    });
    const torn = journal.repaired?.bytes ?? 0;
    const repaired = `The journal had a torn tail of ${torn} bytes; it was moved to a .torn file.`;
    if (torn > 0) early.show((view) => view.notice(repaired));
    return journal;
  } catch (error) {
    await proxy?.stop();
    throw error;
  }
}

interface EarlyNotices {
  /** Calls `show` with the view, at once or when there is one. */
  show(show: (view: View) => void): void;
  /** Shows what has waited, and everything later at once. */
  open(view: View): void;
}

/** The journal is opened before the view: its notices wait until the view is open. */
function collectEarlyNotices(): EarlyNotices {
  const waiting: ((view: View) => void)[] = [];
  let shown: View | null = null;
  return {
    show(show) {
      if (shown === null) waiting.push(show);
      else show(shown);
    },
    open(view) {
      shown = view;
      for (const show of waiting.splice(0)) show(view);
    },
  };
}

function targetUrl(target: { readonly host: string; readonly port: number }): string {
  const host = target.host.includes(":") ? `[${target.host}]` : target.host;
  return target.port === 443 ? `https://${host}` : `https://${host}:${target.port}`;
}

/** Bugs in judging and showing: the first is reported at once and thrown at the end; the traffic continues. */
export interface BugCollector {
  take(error: unknown): void;
  /** Throws the first bug, if any: the program then ends with the exit code of a bug. */
  rethrow(): void;
}

export function collectBugs(report: (text: string) => void): BugCollector {
  const taken: unknown[] = [];
  let count = 0;
  return {
    take(error) {
      count += 1;
      if (count > 1) return;
      taken.push(error);
      const name =
        error instanceof Error ? error.name.replace(/[^A-Za-z]/g, "").slice(0, 40) : "a value that is not an error";
      report(
        `A bug in judging the traffic (${name}). The traffic continues; the request it hit is not judged. Please report it.`,
      );
    },
    rethrow() {
      if (count > 0) throw taken[0];
    },
  };
}
