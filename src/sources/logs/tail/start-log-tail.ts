// A source of live events: the rows of logs as they are written.
import type { CaptureEvent } from "../../../core/capture-event.ts";
import type { LogKind } from "../../../core/log-row.ts";
import { type FollowOptions, LogFollower } from "./follow-logs.ts";

/** The clock of a tail. */
export interface TailClock {
  /** Epoch milliseconds. */
  now(): number;
  /** Resolves after so many milliseconds, or when `ended` is aborted. */
  wait(ms: number, ended: AbortSignal): Promise<void>;
}

export interface LogTail {
  /** For one consumer; nothing is read while it works on an event. Ends after `stop`, with the last row that was written before. */
  readonly events: AsyncIterable<CaptureEvent>;
  /** The followed files of each log, when all folders were listed once; a later call has those that came since. */
  kinds(): Promise<ReadonlyMap<LogKind, number>>;
  /** For a process that ends now: the rows that were read and not consumed. */
  takeNow(): Iterable<CaptureEvent>;
  /** A disk or share does not answer. */
  isBlocked(): boolean;
  stop(): Promise<void>;
}

/** Folders are listed once in this time. */
const turnMs = 1000;
/** The last turn waits this long for a disk or share. */
const lastTurnMs = 5000;

/** Follows the logs below the folders until it is stopped. */
export function startLogTail(options: FollowOptions, clock: TailClock): LogTail {
  const follower = new LogFollower(options);
  const stopping = new AbortController();
  const listed = signal();
  const ended = signal();
  const unconsumed = new Unconsumed();
  let isStarted = false;
  let isTurning = false;

  const turn = async (): Promise<boolean> => {
    isTurning = true;
    const { events, hasMore } = await follower.turn(clock.now());
    isTurning = false;
    unconsumed.add(events);
    listed.give();
    return hasMore;
  };
  async function* read(): AsyncGenerator<CaptureEvent> {
    isStarted = true;
    try {
      while (!stopping.signal.aborted) {
        const hasMore = await answered(turn(), stopping.signal, clock);
        yield* unconsumed.take();
        if (hasMore !== true) await clock.wait(turnMs, stopping.signal);
      }
      // What was written up to now; where the disk does not answer there is nothing more to read.
      if (!isTurning) await answered(turn(), stopping.signal, clock);
      unconsumed.add(follower.takeAll(clock.now()));
      yield* unconsumed.take();
    } finally {
      ended.give();
    }
  }
  return {
    events: { [Symbol.asyncIterator]: read },
    async kinds() {
      await listed.given;
      return follower.kinds();
    },
    *takeNow() {
      yield* unconsumed.take();
      yield* follower.takeAll(clock.now());
    },
    isBlocked: () => isTurning,
    async stop() {
      stopping.abort();
      if (isStarted) await ended.given;
    },
  };
}

/** The result of a turn; null when the tail was stopped and the disk or share has not answered for some seconds. */
async function answered(turn: Promise<boolean>, stopping: AbortSignal, clock: TailClock): Promise<boolean | null> {
  const over = new AbortController();
  const limit = async (): Promise<null> => {
    await aborted(stopping);
    await clock.wait(lastTurnMs, over.signal);
    return null;
  };
  const result = await Promise.race([turn, limit()]);
  over.abort();
  return result;
}

function aborted(stopping: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (stopping.aborted) resolve();
    else stopping.addEventListener("abort", () => resolve(), { once: true });
  });
}

/** Events that were read and that the consumer has not requested yet. */
class Unconsumed {
  #events: CaptureEvent[] = [];
  #next = 0;

  add(events: readonly CaptureEvent[]): void {
    this.#events = [...this.#events.slice(this.#next), ...events];
    this.#next = 0;
  }

  *take(): Generator<CaptureEvent> {
    for (let event = this.#events[this.#next]; event !== undefined; event = this.#events[this.#next]) {
      this.#next += 1;
      yield event;
    }
    this.#events = [];
    this.#next = 0;
  }
}

interface Signal {
  readonly given: Promise<void>;
  give(): void;
}

function signal(): Signal {
  let give = (): void => undefined;
  const given = new Promise<void>((resolve) => {
    give = resolve;
  });
  return { given, give: () => give() };
}
