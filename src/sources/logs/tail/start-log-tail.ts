// A source of live events: the rows of logs as they are written.
import { setImmediate } from "node:timers/promises";
import type { CaptureEvent } from "../../../core/capture-event.ts";
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
/** A turn that takes longer waits for a disk or share. */
const blockedMs = 2000;
/** Rows that are given without a pause for other work of this process, such as its traffic. */
const rowsAtOnce = 50;

/** Follows the logs below the folders until it is stopped. */
export function startLogTail(options: FollowOptions, clock: TailClock): LogTail {
  const follower = new LogFollower(options);
  const stopping = new AbortController();
  const lastWait = new LastWait();
  const ended = signal();
  const isOver = new AbortController();
  const unconsumed = new Unconsumed();
  let isStarted = false;
  /** When the current turn began; null between two turns. */
  let turnBeganAt: number | null = null;

  const turn = async (): Promise<boolean> => {
    turnBeganAt = clock.now();
    const { events, hasMore } = await follower.turn(turnBeganAt);
    turnBeganAt = null;
    unconsumed.add(events);
    return hasMore;
  };
  async function* read(): AsyncGenerator<CaptureEvent> {
    isStarted = true;
    try {
      while (!stopping.signal.aborted) {
        const hasMore = await lastWait.for(turn());
        yield* unconsumed.takeInParts();
        if (hasMore !== true) await clock.wait(turnMs, stopping.signal);
      }
      follower.makeAllDue();
      // What was written up to now; where the disk does not answer there is nothing more to read.
      for (let hasMore = turnBeganAt === null; hasMore; ) {
        hasMore = (await lastWait.for(turn())) === true;
        yield* unconsumed.takeInParts();
      }
      unconsumed.add(follower.takeAll(clock.now()));
      yield* unconsumed.takeInParts();
    } finally {
      ended.give();
    }
  }
  return {
    events: { [Symbol.asyncIterator]: read },
    *takeNow() {
      yield* unconsumed.take();
      yield* follower.takeAll(clock.now());
    },
    isBlocked: () => turnBeganAt !== null && clock.now() - turnBeganAt > blockedMs,
    async stop() {
      stopping.abort();
      if (!isStarted) return;
      void clock.wait(lastTurnMs, isOver.signal).then(() => lastWait.end());
      await ended.given;
      isOver.abort();
    },
  };
}

/** Bounds how long a turn is waited for after the tail was stopped: a share that went away may never answer. */
class LastWait {
  #isOver = false;
  #giveUp: (() => void) | null = null;

  /** The result of the turn; null when the wait is over before. */
  for(turn: Promise<boolean>): Promise<boolean | null> {
    if (this.#isOver) return Promise.resolve(null);
    return new Promise((resolve) => {
      this.#giveUp = () => resolve(null);
      void turn.then(resolve);
    });
  }

  end(): void {
    this.#isOver = true;
    this.#giveUp?.();
  }
}

/** Events that were read and that the consumer has not requested yet. */
class Unconsumed {
  #events: CaptureEvent[] = [];
  #next = 0;

  add(events: readonly CaptureEvent[]): void {
    this.#events = [...this.#events.slice(this.#next), ...events];
    this.#next = 0;
  }

  /** As `take`, with a pause after every `rowsAtOnce` events. */
  async *takeInParts(): AsyncGenerator<CaptureEvent> {
    let given = 0;
    for (const event of this.take()) {
      yield event;
      given += 1;
      if (given % rowsAtOnce === 0) await setImmediate();
    }
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
