// What demo and watch share: a running proxy, judged and recorded, shown, and ended in an orderly way.
import type { Severity } from "../diagnosis/finding.ts";
import type { Proxy as CaptureProxy } from "../proxy/proxy-source.ts";
import { type Journal, openJournal } from "../sinks/journal.ts";
import { randomPseudonyms } from "../sinks/pseudonyms.ts";
import type { VerificationOptions } from "../verification/verify-signatures.ts";
import type { Configuration } from "./configuration.ts";
import { countBugs } from "./count-bugs.ts";
import { exitCode, exitCodeOf } from "./exit-codes.ts";
import type { CommonOptions } from "./program.ts";
import { startPipeline } from "./run-pipeline.ts";
import { readRotation, type SaveOptions, secretNotices } from "./save-options.ts";
import { toolVersion } from "./version.ts";
import { wantsScreen } from "./views/choose-view.ts";
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
  const teller = startTeller();
  const journal = await openOrStop(run, teller);
  const stopping = new AbortController();
  const isWatched = wantsScreen(options);
  const realm = options.realm ?? configuration.realm;
  const pseudonymise = randomPseudonyms();
  const pipeline = startPipeline({
    ...(realm === null ? {} : { realm }),
    applications: configuration.applications,
    verification: run.verification,
    pseudonymise,
    journal,
    keepsSecrets: options.keepSecrets === true,
    onChange: (event, change) => view.change(event, change),
  });
  const view = await openView(run, {
    isWatched,
    analysis: () => pipeline.snapshot(),
    pseudonymise,
    stop: () => stopping.abort("quit"),
  });
  // Before anything is told: who reads `ready` may end the run at once, and it still ends in an orderly way.
  const signalled = stopOnSignals(stopping);
  let transactions = 0;
  const bugs = countBugs((text) => view.notice(text));
  const waitingRows = startWaitingRows({ applications: configuration.applications });
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
  for (const listener of proxy.listeners) {
    const target = listener.target === null ? null : targetUrl(listener.target);
    view.ready({ kind: listener.kind, address: listener.address, port: listener.port, target });
  }
  for (const notice of [...run.notices, ...secretNotices(options)]) view.notice(notice);
  teller.tellTo(view);
  if (journal?.repaired)
    view.notice(`The journal had a torn tail of ${journal.repaired.bytes} bytes; it was moved to a .torn file.`);

  try {
    await Promise.race([run.during({ isWatched, ended: stopping.signal }), aborted(stopping.signal), consumed]);
  } finally {
    await proxy.stop();
    await consumed;
    await journal?.close();
    signalled.release();
  }
  const analysis = pipeline.snapshot();
  const problems = journal === null ? [] : journal.problems();
  const secrets = options.keepSecrets === true ? ({ holdsSecrets: true } as const) : {};
  const source = { path: "live", format: "live", transactions, truncated: false, ...secrets, problems } as const;
  await view.end(analysis, [source], signalled.code() === null ? "finished" : "interrupted");
  bugs.rethrow();
  return signalled.code() ?? exitCodeOf(analysis, options.failOn ?? configuration.failOn ?? "error");
}

/** A journal that cannot be opened ends the run before any traffic is taken. */
async function openOrStop({ options, proxy }: LiveRun, teller: Teller): Promise<Journal | null> {
  try {
    secretNotices(options);
    const rotation = readRotation(options);
    if (options.save === undefined) return null;
    return openJournal(options.save, {
      tool: toolVersion(),
      isSanitised: options.keepSecrets !== true,
      isLocked: true,
      rotation,
      onTrouble: (text) => teller.view((view) => view.notice(text)),
      onSynced: (synced) => teller.view((view) => view.written?.(synced)),
    });
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

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener("abort", () => resolve(), { once: true });
  });
}

/** The first signal ends the run in an orderly way, the second at once. */
function stopOnSignals(stopping: AbortController): { code(): number | null; release(): void } {
  let code: number | null = null;
  const onSignal = (signal: NodeJS.Signals): void => {
    const wanted = signal === "SIGINT" ? exitCode.interrupted : exitCode.terminated;
    if (code !== null) process.exit(wanted);
    code = wanted;
    stopping.abort(signal);
  };
  const signals: readonly NodeJS.Signals[] = ["SIGINT", "SIGTERM", "SIGHUP"];
  for (const signal of signals) process.on(signal, onSignal);
  return {
    code: () => code,
    release() {
      for (const signal of signals) process.off(signal, onSignal);
    },
  };
}
