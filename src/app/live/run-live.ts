// What demo and watch share: a running proxy, judged and recorded, shown, and ended in an orderly way.
import type { CaptureEvent } from "../../core/capture-event.ts";
import type { Applications } from "../../core/principals.ts";
import type { Severity } from "../../diagnosis/catalogue/finding.ts";
import type { Proxy as CaptureProxy } from "../../proxy/start-proxy.ts";
import { type Journal, openJournal } from "../../sinks/journal/journal.ts";
import type { Rotation } from "../../sinks/journal/journal-file.ts";
import type { VerificationOptions } from "../../verification/verify-signatures.ts";
import { exitCode, exitCodeOf } from "../exit-codes.ts";
import { addExitTask, endOrderlyOnSignals, whenAborted } from "../process-end.ts";
import { randomPseudonyms } from "../pseudonyms.ts";
import { type Pipeline, startPipeline } from "../run-pipeline.ts";
import { toolVersion } from "../version.ts";
import { startPendingRows } from "./pending-rows.ts";
import type { LiveOutput, LiveViewSource, View } from "./view.ts";

/** How the capture is kept. */
export interface Saving {
  /** The journal; null when none is written. */
  readonly path: string | null;
  readonly keepsSecrets: boolean;
  readonly rotation: Rotation;
  /** What must be shown before a capture that keeps its secrets begins. */
  readonly notices: readonly string[];
}

export interface LiveRun {
  readonly proxy: CaptureProxy;
  readonly applications: Applications;
  readonly verification: VerificationOptions;
  readonly realm: string | null;
  /** Findings at or above this make the exit code of a problem. */
  readonly failOn: Severity;
  readonly save: Saving;
  readonly notices: readonly string[];
  /** Takes over the standard streams; `onClosed` is called when nobody can read standard output any more. */
  readonly openOutput: (onClosed: () => void) => LiveOutput;
  /** Opens what the run shows itself through; called once, when the journal is open. */
  readonly openView: (source: LiveViewSource) => Promise<View>;
  /** Runs while the capture does; the capture ends when it resolves. `ended` reports an early end. */
  readonly during: (ended: AbortSignal) => Promise<void>;
}

/** Captures until `during` is over, the person quits, or a signal comes. Gives the exit code; the journal is whole in every case. */
export async function runLive(run: LiveRun): Promise<number> {
  const { proxy, applications, realm, save } = run;
  const stopping = new AbortController();
  // Registered before anything is opened or printed, so that an early signal ends the run in order.
  const ending = endOrderlyOnSignals(stopping);
  const teller = startTeller();
  const journal = await openOrStop(run, teller);
  const output = run.openOutput(() => {
    if (journal === null) ending.end(exitCode.terminated);
  });
  const pseudonymise = randomPseudonyms();
  const pipeline = startPipeline({
    ...(realm === null ? {} : { realm }),
    applications,
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
  const exitTask = addExitTask(() => writeAllNow(proxy, pipeline, journal));
  const bugs = collectBugs((text) => view.notice(text));
  const view = await run.openView({
    write: output.write,
    analysis: () => pipeline.snapshot(),
    pseudonymise,
    stop: () => stopping.abort("quit"),
  });
  let transactions = 0;
  const waitingRows = startPendingRows({ applications, pseudonymise });
  proxy.watchPending((open) => {
    try {
      view.pending?.(waitingRows(open));
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
    await Promise.race([run.during(stopping.signal), whenAborted(stopping.signal), consumed]);
  } finally {
    await proxy.stop();
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
  // What another thread writes, or nobody takes, holds a process that ends by itself.
  if (!wasTaken || journal?.isBlocked() === true) setImmediate(() => process.exit(process.exitCode ?? code));
  else exitTask.release();
  bugs.rethrow();
  return code;
}

function tellStart({ proxy, notices, save }: LiveRun, view: View): void {
  for (const { kind, address, port, target } of proxy.listeners) {
    view.ready({ kind, address, port, target: target === null ? null : targetUrl(target) });
  }
  for (const notice of [...notices, ...save.notices]) view.notice(notice);
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
async function openOrStop({ save, proxy }: LiveRun, teller: Teller): Promise<Journal | null> {
  if (save.path === null) return null;
  try {
    const journal = openJournal(save.path, {
      tool: toolVersion(),
      isSanitised: !save.keepsSecrets,
      isLocked: true,
      rotation: save.rotation,
      onTrouble: (text) => teller.view((view) => view.notice(text)),
      onSynced: (synced) => teller.view((view) => view.synced?.(synced)),
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

/** Bugs in what looks at the traffic: told once, thrown when all is done, and never a reason to let the traffic fall. */
export interface BugCollector {
  take(error: unknown): void;
  /** Throws the first bug, when there was one: the program then ends with its code for bugs. */
  rethrow(): void;
}

export function collectBugs(tell: (text: string) => void): BugCollector {
  const taken: unknown[] = [];
  let count = 0;
  return {
    take(error) {
      count += 1;
      if (count > 1) return;
      taken.push(error);
      const name =
        error instanceof Error ? error.name.replace(/[^A-Za-z]/g, "").slice(0, 40) : "a value that is no error";
      tell(`A bug in judging the traffic (${name}). The traffic goes on; what it hit is not judged. Please report it.`);
    },
    rethrow() {
      if (count > 0) throw taken[0];
    },
  };
}
