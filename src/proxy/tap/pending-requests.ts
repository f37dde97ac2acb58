// Requests that have no end yet: told to who watches, never to the capture, which tells of whole exchanges alone.
import type { HttpTransaction } from "../../core/http-transaction.ts";

/** What an open exchange waits for: the end of its request, the beginning of its answer, or its end. */
export type PendingStep = "request" | "answer" | "rest";

export interface PendingExchange {
  /** As it is now: no answer, or its head alone; without duration and failure. */
  readonly transaction: HttpTransaction;
  readonly step: PendingStep;
}

export interface PendingExchanges {
  /** Those without an answer first, then the others; of each the oldest first. */
  readonly exchanges: readonly PendingExchange[];
  /** How many more there are than are told. */
  readonly more: number;
}

/** A request that was begun. Whoever reads its connection keeps it. */
export interface TrackedRequest {
  readonly id: string;
  readonly step: PendingStep;
  snapshot(): HttpTransaction;
}

export interface PendingRequestsOptions {
  /** Milliseconds after which a request is told; also how often it is looked. */
  readonly afterMs: number;
  /** So many are told at once. */
  readonly most: number;
}

/** Requests that are gone through in one look. */
const lookLimit = 20_000;

/**
 * The open requests of all connections. One that is answered in time costs its place in a map: one timer serves them all,
 * and it runs only while one is open and somebody watches.
 */
export class PendingRequests {
  readonly #options: PendingRequestsOptions;
  /** When each was read, which is later than it began while much waits to be read: its answer then waits behind it. */
  readonly #open = new Map<TrackedRequest, number>();
  #tell: ((open: PendingExchanges) => void) | null = null;
  #timer: NodeJS.Timeout | null = null;
  #told = "";

  constructor(options: PendingRequestsOptions = { afterMs: 1000, most: 200 }) {
    this.#options = options;
  }

  add(request: TrackedRequest): void {
    this.#open.set(request, performance.now());
    if (this.#timer === null) this.#lookLater();
  }

  delete(request: TrackedRequest): void {
    this.#open.delete(request);
  }

  /** Whom to tell, whenever others are open, or one has got further. It must not throw. */
  watch(tell: (open: PendingExchanges) => void): void {
    this.#tell = tell;
    if (this.#timer === null && this.#open.size > 0) this.#lookLater();
  }

  /** As they are now, the oldest first. */
  snapshots(): readonly HttpTransaction[] {
    return [...this.#open.keys()].map((request) => request.snapshot());
  }

  /** The last look: nothing is told after it. */
  end(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
    this.#open.clear();
    this.#look();
    this.#tell = null;
  }

  #lookLater(): void {
    if (this.#tell === null) return;
    this.#timer = setTimeout(() => {
      this.#timer = null;
      this.#look();
      if (this.#open.size > 0) this.#lookLater();
    }, this.#options.afterMs);
    this.#timer.unref();
  }

  #look(): void {
    const { afterMs, most } = this.#options;
    const until = performance.now() - afterMs;
    const [unanswered, answered]: [TrackedRequest[], TrackedRequest[]] = [[], []];
    let seen = 0;
    // In the order they were read, so that the first young one ends it: under traffic that flows there are a few at most.
    for (const [request, readAt] of this.#open) {
      if (readAt > until || seen === lookLimit) break;
      seen += 1;
      const kind = request.step === "rest" ? answered : unanswered;
      if (kind.length < most) kind.push(request);
    }
    const shown = [...unanswered, ...answered].slice(0, most);
    const more = seen - shown.length;
    const told = shown.length === 0 ? "" : `${shown.map(({ id, step }) => `${id} ${step}`).join()} ${more}`;
    if (told === this.#told) return;
    this.#told = told;
    this.#tell?.({
      exchanges: shown.map((request) => ({ transaction: request.snapshot(), step: request.step })),
      more,
    });
  }
}
