import type { CaptureEvent } from "../../core/capture-event.ts";
import type { HttpTransaction } from "../../core/http-transaction.ts";
import type { Copies, Copy } from "./copies.ts";
import type { EventQueue } from "./event-queue.ts";
import { PendingRequests, type TrackedRequest } from "./pending-requests.ts";
import { type Side, Tap, type TapSubject } from "./tap.ts";
import { TapQueue } from "./tap-queue.ts";
import { CodingUndoer } from "./undo-codings.ts";

export interface ReadingLimits {
  readonly tapQueueBytes: number;
  readonly headBytes: number;
  readonly bodyBytes: number;
}

/** Reads copies in the process that passes the traffic on: queued, and read in its pauses. */
export class LocalCopies implements Copies {
  readonly pendingRequests = new PendingRequests();
  readonly #limits: ReadingLimits;
  readonly #events: EventQueue;
  readonly #queue: TapQueue;
  readonly #codings: CodingUndoer;
  #connections = 0;
  #transactions = 0;

  constructor(limits: ReadingLimits, events: EventQueue) {
    this.#limits = limits;
    this.#events = events;
    this.#queue = new TapQueue(limits.tapQueueBytes);
    this.#codings = new CodingUndoer(limits.bodyBytes, (event) => events.push(event));
  }

  nextConnectionId(): string {
    this.#connections += 1;
    return `c${this.#connections}`;
  }

  nextExchangeId(): string {
    this.#transactions += 1;
    return `t${this.#transactions}`;
  }

  emit(event: CaptureEvent): void {
    this.#events.push(event);
  }

  open(subject: Omit<TapSubject, "connection">): Copy {
    const tap = new Tap(
      { connection: this.nextConnectionId(), ...subject },
      {
        headLimit: this.#limits.headBytes,
        bodyLimit: this.#limits.bodyBytes,
        nextTransactionId: () => this.nextExchangeId(),
        pendingRequests: this.pendingRequests,
        emit: this.#codings.forConnection(),
      },
    );
    return new LocalCopy(tap, this.#queue);
  }

  pend(exchange: TrackedRequest): void {
    this.pendingRequests.add(exchange);
  }

  settle(exchange: TrackedRequest, transaction: HttpTransaction | null): void {
    this.pendingRequests.delete(exchange);
    if (transaction !== null) this.#codings.forConnection()({ kind: "transaction", transaction });
  }

  /** Resolves when everything that came so far is read. */
  readAll(): Promise<void> {
    return this.#queue.readAll();
  }

  /** Resolves when nothing waits; traffic that never pauses delays it without end. */
  async whenIdle(): Promise<void> {
    await this.#queue.whenIdle();
    await this.#codings.whenIdle();
  }

  /** For a process that ends: reads for at most `limitMs` milliseconds and yields what no consumer has taken. */
  *takeNow(limitMs: number): Generator<CaptureEvent> {
    const end = performance.now() + limitMs;
    let isMore = true;
    while (isMore) {
      isMore = this.#queue.readSome() && performance.now() < end;
      this.#codings.emitAllSync();
      yield* this.#events.takeAll();
    }
    const at = Date.now();
    const reason = "the program ended before it was read";
    if (this.#queue.length > 0) yield { kind: "gap", at, connection: "", reason, lost: this.#queue.length };
    for (const transaction of this.pendingRequests.snapshots()) {
      yield { kind: "transaction", transaction: { ...transaction, failure: "the capture was ended" } };
    }
  }
}

class LocalCopy implements Copy {
  readonly #tap: Tap;
  readonly #queue: TapQueue;

  constructor(tap: Tap, queue: TapQueue) {
    this.#tap = tap;
    this.#queue = queue;
  }

  get isBusy(): boolean {
    return this.#tap.isBusy;
  }

  push(side: Side, bytes: Uint8Array): void {
    this.#queue.pushBytes(this.#tap, side, bytes);
  }

  end(side: Side, isClean: boolean): void {
    this.#queue.pushEnd(this.#tap, side, isClean);
  }

  close(brokenBy: Side | null): void {
    this.#queue.pushClose(this.#tap, brokenBy);
  }

  /** Over the bound of the queue the tap gives up instead. */
  mayRead(): boolean {
    return true;
  }
}
