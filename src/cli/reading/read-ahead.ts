// Captures that are read and decoded by other threads while this one judges: in the order of the files, and of the events in
// each, so that what is concluded does not depend on the threads.
import { existsSync, statSync } from "node:fs";
import { availableParallelism } from "node:os";
import { fileURLToPath } from "node:url";
import { Worker } from "node:worker_threads";
import type { SourceSummary } from "../../core/capture-event.ts";
import { ToolError } from "../../core/tool-error.ts";
import type { Progress } from "../../sources/byte-input.ts";
import { type Capture, openCapture } from "../../sources/open-capture.ts";
import type { DecodedEvent } from "./lean-events.ts";
import type { FromReadWorker, ReadPlan, ToReadWorker } from "./read-worker.ts";
import { startUnpacking } from "./unpack-events.ts";

export interface Reading {
  /** The events of one file, then its summary; to be asked for in the order of the files. Throws ToolError. */
  read(file: number, accept: (decoded: DecodedEvent) => Promise<void>): Promise<SourceSummary>;
  /** How far the file is that was asked for last. */
  progress(): Progress;
  stop(): Promise<void>;
}

/** Reads here, one file after the other; the events are not decoded yet. */
export function startReadHere(files: readonly string[]): Reading {
  let capture: Capture | null = null;
  return {
    async read(file, accept) {
      capture = await openCapture(files[file] ?? "");
      for await (const event of capture.events) await accept({ event, facts: null });
      return capture.summary();
    },
    progress: () => capture?.progress() ?? { done: 0, total: null },
    stop: () => Promise.resolve(),
  };
}

/** Below this, starting threads takes longer than they save. */
const smallBytes = 8 * 1024 * 1024;
const mostWorkers = 4;

/** True where threads would save time: enough to read, all of it in files, and more than one core. */
export function isWorthThreads(files: readonly string[]): boolean {
  if (availableParallelism() < 2 || files.includes("-") || !existsSync(entry)) return false;
  const size = files.reduce((sum, file) => sum + (statSync(file, { throwIfNoEntry: false })?.size ?? 0), 0);
  return size >= smallBytes;
}

const entry = fileURLToPath(new URL("./read-worker.js", import.meta.url));

/** Starts to read; the first files at once, each of the others when a thread is done with one. */
export function startReadAhead(plan: ReadPlan): Reading {
  const inboxes = plan.files.map(() => new Inbox());
  const count = Math.min(plan.files.length, mostWorkers, Math.max(1, availableParallelism()));
  let next = 0;
  let failure: unknown = null;
  let progress: Progress = { done: 0, total: null };
  const owners = new Map<number, Worker>();
  const give = (worker: Worker): void => {
    if (next >= plan.files.length) return;
    owners.set(next, worker);
    worker.postMessage({ kind: "read", file: next } satisfies ToReadWorker);
    next += 1;
  };
  const workers = Array.from({ length: count }, () => {
    const worker = new Worker(entry, { workerData: plan, resourceLimits: { maxYoungGenerationSizeMb: 8 } });
    worker.on("message", (message: FromReadWorker) => {
      inboxes[message.file]?.put(message);
      if (message.kind !== "batch") give(worker);
    });
    worker.once("error", (error) => {
      failure = error;
      for (const inbox of inboxes) inbox.wake();
    });
    return worker;
  });
  for (const worker of workers) give(worker);
  return {
    progress: () => progress,
    async read(file, accept) {
      const unpack = startUnpacking();
      for (;;) {
        const message = await inboxes[file]?.take(() => failure !== null);
        if (message === undefined) throw failure;
        if (message.kind === "end") return message.summary;
        if (message.kind === "failed") throw new ToolError(message.code, message.message, { hint: message.hint });
        progress = message.progress;
        for (const decoded of unpack(message.batch)) await accept(decoded);
        owners.get(file)?.postMessage({ kind: "credit", file } satisfies ToReadWorker);
      }
    },
    async stop() {
      await Promise.all(workers.map((worker) => worker.terminate()));
    },
  };
}

/** Messages about one file that nobody has taken yet. */
class Inbox {
  readonly #messages: FromReadWorker[] = [];
  #waiting: () => void = () => undefined;

  put(message: FromReadWorker): void {
    this.#messages.push(message);
    this.wake();
  }

  wake(): void {
    this.#waiting();
  }

  /** The next message; undefined when none can come any more. */
  async take(isOver: () => boolean): Promise<FromReadWorker | undefined> {
    while (this.#messages.length === 0 && !isOver()) {
      await new Promise<void>((resolve) => {
        this.#waiting = resolve;
      });
    }
    return this.#messages.shift();
  }
}
