import type { CaptureEvent } from "../../core/capture-event.ts";

export interface EventQueueLimits {
  readonly events: number;
  readonly bytes: number;
}

/**
 * Passes events to one consumer and never makes the traffic wait. When the consumer is so slow that a limit is reached,
 * events are dropped, and one `gap` event reports how many.
 */
export class EventQueue implements AsyncIterable<CaptureEvent> {
  readonly #limits: EventQueueLimits;
  readonly #now: () => number;
  #waiting: CaptureEvent[] = [];
  #next = 0;
  #bytes = 0;
  #dropped = 0;
  #isEnded = false;
  #wake: (() => void) | null = null;

  constructor(limits: EventQueueLimits, now: () => number = Date.now) {
    this.#limits = limits;
    this.#now = now;
  }

  push(event: CaptureEvent): void {
    if (this.#isEnded) return;
    const isFull = this.#waiting.length - this.#next >= this.#limits.events || this.#bytes >= this.#limits.bytes;
    if (isFull) {
      this.#dropped += 1;
      return;
    }
    this.#reportDropped();
    this.#append(event);
  }

  /** For a process that ends: removes and returns all queued events. */
  takeAll(): readonly CaptureEvent[] {
    this.#reportDropped();
    const events = this.#waiting.slice(this.#next);
    [this.#waiting, this.#next, this.#bytes] = [[], 0, 0];
    return events;
  }

  /** Accepts no more events; the iterator ends after the last one. */
  end(): void {
    this.#reportDropped();
    this.#isEnded = true;
    this.#wake?.();
  }

  async *[Symbol.asyncIterator](): AsyncIterator<CaptureEvent> {
    for (;;) {
      const event = this.#take();
      if (event !== undefined) {
        yield event;
        continue;
      }
      this.#reportDropped();
      if (this.#next < this.#waiting.length) continue;
      if (this.#isEnded) return;
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
      this.#wake = null;
    }
  }

  #append(event: CaptureEvent): void {
    this.#waiting.push(event);
    this.#bytes += weightOf(event);
    this.#wake?.();
  }

  #take(): CaptureEvent | undefined {
    const event = this.#waiting[this.#next];
    if (event === undefined) return undefined;
    this.#next += 1;
    this.#bytes -= weightOf(event);
    if (this.#next > 1024) {
      this.#waiting = this.#waiting.slice(this.#next);
      this.#next = 0;
    } else if (this.#next === this.#waiting.length) {
      this.#waiting = [];
      this.#next = 0;
    }
    return event;
  }

  #reportDropped(): void {
    if (this.#dropped === 0) return;
    const lost = this.#dropped;
    this.#dropped = 0;
    const reason = "the capture was written more slowly than traffic came";
    this.#append({ kind: "gap", at: this.#now(), connection: "", reason, lost });
  }
}

function weightOf(event: CaptureEvent): number {
  if (event.kind !== "transaction") return 256;
  const { request, response } = event.transaction;
  return 2048 + request.body.bytes.length + (response?.body.bytes.length ?? 0);
}
