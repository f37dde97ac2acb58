// Formats of other programs know requests and answers only. What else a capture holds (a tunnel, a checked signature) goes
// with the transaction it came after, so that a capture that is read back is judged the same.
import type { CaptureEvent } from "../core/capture-event.ts";
import type { HttpTransaction } from "../core/http-transaction.ts";
import type { Redacted } from "../sanitising/sanitise.ts";

export type OtherEvent = Exclude<CaptureEvent, { kind: "transaction" }>;

export interface EntryGroup {
  readonly transaction: HttpTransaction;
  /** Events before the first transaction of the capture; empty for all others. */
  readonly ahead: readonly OtherEvent[];
  readonly after: readonly OtherEvent[];
}

/** Collects events into groups; each is given when the next transaction comes, the last by `end`. */
export class EntryGroups {
  #ahead: OtherEvent[] = [];
  #transaction: HttpTransaction | null = null;
  #after: OtherEvent[] = [];

  push(event: Redacted<CaptureEvent>): EntryGroup | null {
    if (event.kind !== "transaction") {
      (this.#transaction === null ? this.#ahead : this.#after).push(event);
      return null;
    }
    const group = this.end();
    this.#transaction = event.transaction;
    return group;
  }

  end(): EntryGroup | null {
    const [transaction, ahead, after] = [this.#transaction, this.#ahead, this.#after];
    if (transaction === null) return null;
    this.#transaction = null;
    this.#ahead = [];
    this.#after = [];
    return { transaction, ahead, after };
  }
}

/** Members of an entry for the events of its group. */
export function eventMembers({ ahead, after }: EntryGroup): object {
  return {
    ...(ahead.length === 0 ? {} : { _ahead: ahead.map(eventRecord) }),
    ...(after.length === 0 ? {} : { _after: after.map(eventRecord) }),
  };
}

function eventRecord(event: OtherEvent): object {
  const { kind, ...members } = event;
  return { k: kind, ...members };
}
