// Captures that are read and decoded by other threads while this one judges: in the order of the files, and of the events in
// each, so that what is concluded does not depend on the threads.
import type { Worker } from "node:worker_threads";
import type { SourceSummary } from "../../core/capture-event.ts";
import type { Applications } from "../../core/principals.ts";
import { ToolError } from "../../core/tool-error.ts";
import type { Progress } from "../../sources/byte-input.ts";
import type { DecodedEvent } from "./lean-events.ts";
import type { FromReadWorker, ToReadWorker } from "./read-worker.ts";
import type { ReaderThreads } from "./reader-threads.ts";
import { startUnpacking } from "./unpack-events.ts";

export interface Reading {
  /** The events of one file, then its summary; to be asked for in the order of the files. Throws ToolError. */
  read(file: number, accept: (decoded: DecodedEvent) => Promise<void>): Promise<SourceSummary>;
  /** How far the file is that was asked for last. */
  progress(): Progress;
  stop(): Promise<void>;
}

export interface ReadPlan {
  readonly files: readonly string[];
  readonly applications: Applications;
}

/** Starts to read; the first files at once, each of the others when a thread is done with one. */
export function startReadAhead(plan: ReadPlan, threads: ReaderThreads): Reading {
  const inboxes = plan.files.map(() => new Inbox());
  let next = 0;
  let failure: unknown = null;
  let progress: Progress = { done: 0, total: null };
  const owners = new Map<number, Worker>();
  const give = (worker: Worker): void => {
    const path = plan.files[next];
    if (path === undefined) return;
    owners.set(next, worker);
    const { applications } = plan;
    worker.postMessage({ kind: "read", file: next, path, applications } satisfies ToReadWorker);
    next += 1;
  };
  for (const worker of threads.workers) {
    worker.on("message", (message: FromReadWorker) => {
      inboxes[message.file]?.put(message);
      if (message.kind !== "batch") give(worker);
    });
    worker.once("error", (error) => {
      failure = error;
      for (const inbox of inboxes) inbox.wake();
    });
    give(worker);
  }
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
    stop: () => threads.stop(),
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
