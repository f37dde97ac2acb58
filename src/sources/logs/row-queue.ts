import { endOf, type LogEvent } from "./log-file.ts";

/** Events of one log held until their place is certain. */
const mostHeld = 8_192;

/**
 * Puts the events of one log into the order of time: the writers write rows in batches, so neighbours may be out of order by
 * `slackMs`. Rows that come later than that are given out when they come, and counted.
 */
export class RowQueue {
  readonly #slackMs: number;
  /** In the order of time; those before `#ready` are certain. */
  #held: LogEvent[] = [];
  #ready = 0;
  #taken = 0;
  #newest = Number.NEGATIVE_INFINITY;
  #released = Number.NEGATIVE_INFINITY;
  isEnded = false;
  late = 0;

  constructor(slackMs: number) {
    this.#slackMs = slackMs;
  }

  add(events: readonly LogEvent[]): void {
    if (events.length === 0) return;
    const rest = this.#held.slice(this.#taken);
    this.#taken = 0;
    for (const event of events) {
      const end = endOf(event);
      if (end < this.#released) this.late += 1;
      this.#newest = Math.max(this.#newest, end);
      rest.push(event);
    }
    // Stable: rows of one time stay in the order of the file.
    this.#held = rest.sort((one, other) => endOf(one) - endOf(other));
    this.#setReady(this.#newest - this.#slackMs);
  }

  /** No further event comes. */
  end(): void {
    this.isEnded = true;
    this.#ready = this.#held.length;
  }

  isReady(): boolean {
    return this.#taken < this.#ready;
  }

  /** The next event; null when none is certain. */
  head(): LogEvent | null {
    return this.isReady() ? (this.#held[this.#taken] ?? null) : null;
  }

  take(): LogEvent | null {
    const event = this.head();
    if (event === null) return null;
    this.#taken += 1;
    this.#released = endOf(event);
    return event;
  }

  #setReady(until: number): void {
    const first = this.#held.findIndex((event) => endOf(event) > until);
    const certain = first === -1 ? this.#held.length : first;
    this.#ready = Math.max(certain, this.#held.length - mostHeld);
  }
}
