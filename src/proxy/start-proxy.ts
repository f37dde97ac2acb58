// A proxy in one process: it passes the traffic on and reads its copies in the pauses.
import type { CaptureEvent } from "../core/capture-event.ts";
import type { Probes } from "./connections/probe-counts.ts";
import { defaultLimits } from "./interception/limits.ts";
import { type ProxyListener, type ProxyOptions, startWire } from "./start-wire.ts";
import { EventQueue } from "./tap/event-queue.ts";
import { LocalCopies } from "./tap/local-copies.ts";
import type { PendingExchanges } from "./tap/pending-requests.ts";

export interface Proxy {
  readonly listeners: readonly ProxyListener[];
  /** For one consumer. Ends after `stop`, with the last event. */
  readonly events: AsyncIterable<CaptureEvent>;
  /** Registers the watcher of requests that are pending for a second or more; there are no events for them. */
  watchPending(report: (pending: PendingExchanges) => void): void;
  /** Connections without a request that are counted and not reported yet, for live views. */
  countedProbes(): readonly Probes[];
  /**
   * For a process that ends now: reads queued traffic for at most `limitMs` milliseconds and yields the events that no
   * consumer has taken. Pending requests are yielded as far as they came; traffic left unread is a gap.
   */
  takeNow(limitMs: number): Iterable<CaptureEvent>;
  /** Accepts no more connections, lets pending requests finish up to a limit, then ends `events`. */
  stop(): Promise<void>;
}

/** Starts all listeners or none: when one cannot be bound the others are closed. Rejects with ToolError. */
export async function startProxy(options: ProxyOptions): Promise<Proxy> {
  const limits = { ...defaultLimits, ...options.limits };
  const events = new EventQueue({ events: limits.eventQueueLength, bytes: limits.eventQueueBytes });
  const copies = new LocalCopies(limits, events);
  const wire = await startWire(options, copies);
  let stopped: Promise<void> | null = null;
  const stop = async (): Promise<void> => {
    wire.close();
    // Which requests are pending is known once all bytes received so far are read.
    await copies.readAll();
    await wire.drain();
    await copies.whenIdle();
    await wire.release();
    copies.pendingRequests.end();
    wire.finish();
    events.end();
  };
  return {
    listeners: wire.listeners,
    events,
    watchPending: (report) => copies.pendingRequests.watch(report),
    countedProbes: () => wire.countedProbes(),
    *takeNow(limitMs) {
      wire.finish();
      yield* copies.takeNow(limitMs);
    },
    stop: () => {
      stopped ??= stop();
      return stopped;
    },
  };
}
