// What demo and watch share: a running proxy, judged and recorded, shown, and ended in an orderly way.
import type { CaptureEvent } from "../core/capture-event.ts";
import type { Severity } from "../diagnosis/finding.ts";
import type { Proxy as CaptureProxy } from "../proxy/proxy-source.ts";
import { type Journal, openJournal } from "../sinks/journal.ts";
import { randomPseudonyms } from "../sinks/pseudonyms.ts";
import type { VerificationOptions } from "../verification/verify-signatures.ts";
import type { CommonOptions } from "./common-options.ts";
import type { Configuration } from "./configuration.ts";
import { countBugs } from "./count-bugs.ts";
import { aborted, startEnding } from "./ending.ts";
import { exitCode, exitCodeOf } from "./exit-codes.ts";
import { beforeTheEnd } from "./last-words.ts";
import { type Pipeline, startPipeline } from "./run-pipeline.ts";
import { readRotation, type SaveOptions, secretNotices } from "./save-options.ts";
import { toolVersion } from "./version.ts";
import { wantsScreen } from "./views/choose-view.ts";
import { openLiveOutput } from "./views/live-output.ts";
import { openView } from "./views/live-view.ts";
import type { View } from "./views/view.ts";
import { startWaitingRows } from "./waiting-rows.ts";

export interface LiveOptions extends CommonOptions, SaveOptions {
  readonly realm?: string | undefined;
  readonly failOn?: Severity | undefined;
}

export interface LiveRun {
  readonly title: string;
  readonly mode: "demo" | "live";
  readonly proxy: CaptureProxy;
  readonly options: LiveOptions;
  readonly configuration: Configuration;
  readonly verification: VerificationOptions;
  readonly notices: readonly string[];
  /** Runs while the capture does; the capture ends when it resolves. It learns of an early end by the signal. */
  readonly during: (context: { readonly isWatched: boolean; readonly ended: AbortSignal }) => Promise<void>;
}

/** Captures until `during` is over, the person quits, or a signal comes. Gives the exit code; the journal is whole in every case. */
export async function runLive(run: LiveRun): Promise<number> {
  const { options, configuration, proxy } = run;
  const stopping = new AbortController();
  // Registered before anything is opened or printed, so that an early signal ends the run in order.
  const ending = startEnding(stopping);
  const teller = startTeller();
  const journal = await openOrStop(run, teller);
  const isWatched = wantsScreen(options);
  const output = openLiveOutput(options.json === true, () => {
    if (journal === null) ending.end(exitCode.terminated);
  });
  const realm = options.realm ?? configuration.realm;
  const pseudonymise = randomPseudonyms();
  const pipeline = startPipeline({
    ...(realm === null ? {} : { realm }),
    applications: configuration.applications,
    verification: run.verification,
    pseudonymise,
    journal,
    keepsSecrets: options.keepSecrets === true,
    onChange: (event, change) => view.captured?.(event, change),
    onRecorded(event, change) {
      try {
        view.change(event, change);
      } catch (error) {
        bugs.take(error);
      }
    },
  });
  const lastWords = beforeTheEnd(() => writeAllNow(proxy, pipeline, journal));
  const bugs = countBugs((text) => view.notice(text));
  const view = await openView(run, {
    isWatched,
    write: output.write,
    analysis: () => pipeline.snapshot(),
    pseudonymise,
    stop: () => stopping.abort("quit"),
  });
  let transactions = 0;
  const waitingRows = startWaitingRows({ applications: configuration.applications, pseudonymise });
  proxy.watchOpen((open) => {
    try {
      view.waiting?.(waitingRows(open));
    } catch (error) {
      bugs.take(error);
    }
  });
  const consumed = (async () => {
    for await (const event of proxy.events) {
      if (event.kind === "transaction") transactions += 1;
      await pipeline.accept(event).catch(bugs.take);
    }
  })();
  tellStart(run, view);
  teller.tellTo(view);

  try {
    await Promise.race([run.during({ isWatched, ended: stopping.signal }), aborted(stopping.signal), consumed]);
  } finally {
    await proxy.stop();
    await consumed;
    await journal?.close();
    ending.release();
  }
  const analysis = pipeline.snapshot();
  const problems = journal === null ? [] : journal.problems();
  const secrets = options.keepSecrets === true ? ({ holdsSecrets: true } as const) : {};
  const source = { path: "live", format: "live", transactions, truncated: false, ...secrets, problems } as const;
  output.keepAll();
  await view.end(analysis, [source], ending.code() === null ? "finished" : "interrupted");
  const wasTaken = await output.end(ending.code() === null);
  const code = ending.code() ?? exitCodeOf(analysis, options.failOn ?? configuration.failOn ?? "error");
  // What another thread writes, or nobody takes, holds a process that ends by itself.
  if (!wasTaken || journal?.isBlocked() === true) setImmediate(() => process.exit(process.exitCode ?? code));
  else lastWords.release();
  bugs.rethrow();
  return code;
}

function tellStart({ proxy, notices, options }: LiveRun, view: View): void {
  for (const { kind, address, port, target } of proxy.listeners) {
    view.ready({ kind, address, port, target: target === null ? null : targetUrl(target) });
  }
  for (const notice of [...notices, ...secretNotices(options)]) view.notice(notice);
}

/** How long the end of the process may read what waits. */
const lastReadMs = 5000;

/** The journal gets all that was captured so far, and its end. True when the disk does not answer. */
function writeAllNow(proxy: CaptureProxy, pipeline: Pipeline, journal: Journal | null): boolean {
  if (journal === null) return false;
  try {
    for (const event of proxy.takeNow(lastReadMs)) recordNow(pipeline, event);
  } finally {
    journal.closeNow();
  }
  return journal.isBlocked();
}

function recordNow(pipeline: Pipeline, event: CaptureEvent): void {
  try {
    pipeline.record(event);
  } catch {
    // A bug in one event must not cost the others; the journal has a gap for it.
  }
}

/** A journal that cannot be opened ends the run before any traffic is taken. */
async function openOrStop({ options, proxy }: LiveRun, teller: Teller): Promise<Journal | null> {
  try {
    secretNotices(options);
    const rotation = readRotation(options);
    if (options.save === undefined) return null;
    const journal = openJournal(options.save, {
      tool: toolVersion(),
      isSanitised: options.keepSecrets !== true,
      isLocked: true,
      rotation,
      onTrouble: (text) => teller.view((view) => view.notice(text)),
      onSynced: (synced) => teller.view((view) => view.written?.(synced)),
    });
    const torn = journal.repaired?.bytes ?? 0;
    const told = `The journal had a torn tail of ${torn} bytes; it was moved to a .torn file.`;
    if (torn > 0) teller.view((view) => view.notice(told));
    return journal;
  } catch (error) {
    await proxy.stop();
    throw error;
  }
}

interface Teller {
  /** Tells the view, or does so when there is one. */
  view(tell: (view: View) => void): void;
  tellTo(view: View): void;
}

/** The journal is opened before there is a view: what it says until then waits. */
function startTeller(): Teller {
  const waiting: ((view: View) => void)[] = [];
  let shown: View | null = null;
  return {
    view(tell) {
      if (shown === null) waiting.push(tell);
      else tell(shown);
    },
    tellTo(view) {
      shown = view;
      for (const tell of waiting.splice(0)) tell(view);
    },
  };
}

function targetUrl(target: { readonly host: string; readonly port: number }): string {
  const host = target.host.includes(":") ? `[${target.host}]` : target.host;
  return target.port === 443 ? `https://${host}` : `https://${host}:${target.port}`;
}
