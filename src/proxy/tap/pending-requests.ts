// Pending requests, for live views. The capture records a request only when its exchange has ended.
import type { HttpTransaction } from "../../core/http-transaction.ts";

/** What a pending exchange waits for: the end of its request, the beginning of its answer, or the end of its answer. */
export type PendingStep = "request" | "answer" | "rest";

export interface PendingExchange {
  /** The exchange so far: no answer, or the head of one; no duration, no failure. */
  readonly transaction: HttpTransaction;
  readonly step: PendingStep;
}

export interface PendingExchanges {
  /** Those without an answer first, then the others; each group oldest first. */
  readonly exchanges: readonly PendingExchange[];
  /** How many more are pending than are listed. */
  readonly more: number;
}

/** A pending request as its connection's reader holds it. */
export interface TrackedRequest {
  readonly id: string;
  readonly step: PendingStep;
  snapshot(): HttpTransaction;
}

export interface PendingRequestsOptions {
  /** Milliseconds after which a request is listed; also the interval of the checks. */
  readonly afterMs: number;
  /** Requests in one report at most. */
  readonly most: number;
}

/** Requests visited in one check. */
const checkLimit = 20_000;

/**
 * The pending requests of all connections. A request that is answered in time costs one entry of a map: a single timer
 * serves all of them, and it runs only while requests are pending and a watcher is registered.
 */
export class PendingRequests {
  readonly #options: PendingRequestsOptions;
  /**
   * Since when each is known. Under load a request is read late, and its answer is queued behind it: that is not
   * waiting.
   */
  readonly #pending = new Map<TrackedRequest, number>();
  #report: ((pending: PendingExchanges) => void) | null = null;
  #timer: NodeJS.Timeout | null = null;
  #lastReport = "";

  constructor(options: PendingRequestsOptions = { afterMs: 1000, most: 200 }) {
    this.#options = options;
  }

  /** A request that is added again stays as old as it is. */
  add(request: TrackedRequest): void {
    if (this.#pending.has(request)) return;
    this.#pending.set(request, performance.now());
    if (this.#timer === null) this.#scheduleCheck();
  }

  delete(request: TrackedRequest): void {
    this.#pending.delete(request);
  }

  /**
   * Registers the one watcher. It is called whenever the list changes or an exchange has advanced, and must not throw.
   */
  watch(report: (pending: PendingExchanges) => void): void {
    this.#report = report;
    if (this.#timer === null && this.#pending.size > 0) this.#scheduleCheck();
  }

  /** All pending requests, oldest first. */
  snapshots(): readonly HttpTransaction[] {
    return [...this.#pending.keys()].map((request) => request.snapshot());
  }

  /** Reports an empty list and stops. */
  end(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
    this.#pending.clear();
    this.#check();
    this.#report = null;
  }

  #scheduleCheck(): void {
    if (this.#report === null) return;
    this.#timer = setTimeout(() => {
      this.#timer = null;
      this.#check();
      if (this.#pending.size > 0) this.#scheduleCheck();
    }, this.#options.afterMs);
    this.#timer.unref();
  }

  #check(): void {
    const { afterMs, most } = this.#options;
    const until = performance.now() - afterMs;
    const [unanswered, answered]: [TrackedRequest[], TrackedRequest[]] = [[], []];
    let visited = 0;
    // In the order they were read: the first young request ends the loop, which visits few under flowing traffic.
    for (const [request, readAt] of this.#pending) {
      if (readAt > until || visited === checkLimit) break;
      visited += 1;
      const kind = request.step === "rest" ? answered : unanswered;
      if (kind.length < most) kind.push(request);
    }
    const listed = [...unanswered, ...answered].slice(0, most);
    const more = visited - listed.length;
    const report = listed.length === 0 ? "" : `${listed.map(({ id, step }) => `${id} ${step}`).join()} ${more}`;
    if (report === this.#lastReport) return;
    this.#lastReport = report;
    this.#report?.({
      exchanges: listed.map((request) => ({ transaction: request.snapshot(), step: request.step })),
      more,
    });
  }
}
