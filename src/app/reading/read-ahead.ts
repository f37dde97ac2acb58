// Other threads read and decode captures while this one judges. Events are judged in the order of the captures and of time in
// each, so that results do not depend on the threads.
import type { Worker } from "node:worker_threads";
import type { SourceSummary } from "../../core/capture-event.ts";
import type { Applications } from "../../core/principals.ts";
import { ToolError } from "../../core/tool-error.ts";
import type { Progress } from "../../sources/input/byte-input.ts";
import type { CaptureGroup } from "./capture-group.ts";
import type { DecodedEvent } from "./judged-fields.ts";
import type { FromReadWorker, ToReadWorker } from "./read-worker.ts";
import type { ReaderThreads } from "./reader-threads.ts";
import { startUnpacking } from "./unpack-events.ts";

export interface GroupConsumer {
  readonly accept: (decoded: DecodedEvent) => Promise<void>;
  /** Forgets the events of this group: they begin again, in the order of time. */
  readonly restart: () => void;
}

export interface Reading {
  /** Reads one group and returns the summaries of its files; call it in the order of the groups. Throws ToolError. */
  read(group: number, taking: GroupConsumer): Promise<readonly SourceSummary[]>;
  /** Progress of the current group. */
  progress(): Progress;
  stop(): Promise<void>;
}

export interface ReadPlan {
  readonly groups: readonly CaptureGroup[];
  readonly applications: Applications;
}

/** Starts to read: one group a thread at once, the others when a thread has finished one. */
export function startReadAhead(plan: ReadPlan, threads: ReaderThreads): Reading {
  const inboxes = plan.groups.map(() => new Inbox());
  let next = 0;
  let failure: unknown = null;
  let progress: Progress = { done: 0, total: null };
  const owners = new Map<number, Worker>();
  const give = (worker: Worker): void => {
    const group = plan.groups[next];
    if (group === undefined) return;
    owners.set(next, worker);
    const { applications } = plan;
    worker.postMessage({ kind: "read", number: next, group, applications } satisfies ToReadWorker);
    next += 1;
  };
  for (const worker of threads.workers) {
    worker.on("message", (message: FromReadWorker) => {
      inboxes[message.number]?.put(message);
      if (message.kind === "end" || message.kind === "failed") give(worker);
    });
    worker.once("error", (error) => {
      failure = error;
      for (const inbox of inboxes) inbox.wake();
    });
    give(worker);
  }
  const takeBatch = async (
    { number, progress: now }: Extract<FromReadWorker, { kind: "batch" }>,
    batch: Iterable<DecodedEvent>,
    accept: GroupConsumer["accept"],
  ): Promise<void> => {
    progress = now;
    for (const decoded of batch) await accept(decoded);
    owners.get(number)?.postMessage({ kind: "credit", number } satisfies ToReadWorker);
  };
  return {
    progress: () => progress,
    async read(number, { accept, restart }) {
      const unpack = startUnpacking();
      for (;;) {
        const message = await inboxes[number]?.take(() => failure !== null);
        if (message === undefined) throw failure;
        if (message.kind === "end") return message.summaries;
        if (message.kind === "failed") throw new ToolError(message.code, message.message, { hint: message.hint });
        if (message.kind === "again") restart();
        else await takeBatch(message, unpack(message.batch), accept);
      }
    },
    stop: () => threads.stop(),
  };
}

/** Messages about one group that wait to be judged. */
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

  /** The next message; undefined when no further one can come. */
  async take(isOver: () => boolean): Promise<FromReadWorker | undefined> {
    while (this.#messages.length === 0 && !isOver()) {
      await new Promise<void>((resolve) => {
        this.#waiting = resolve;
      });
    }
    return this.#messages.shift();
  }
}
