// The sources of a live run as one: the proxy, and logs that are followed.
import type { CaptureEvent } from "../../core/capture-event.ts";
import type { Proxy as CaptureProxy } from "../../proxy/start-proxy.ts";
import type { LogTail } from "../../sources/logs/tail/start-log-tail.ts";

/** Begins to follow logs; `notice` takes one line about each change of their folders and files. */
export type StartLogs = (notice: (text: string) => void) => LogTail;

/** Time for reading the waiting bytes when the process ends. */
const lastReadMs = 5000;

export interface LiveSources {
  /** Those of each source, for one consumer each. */
  readonly events: readonly AsyncIterable<CaptureEvent>[];
  /** For a process that ends now: what was captured and not consumed. */
  takeNow(): Iterable<CaptureEvent>;
  /** A disk or share does not answer. */
  isBlocked(): boolean;
  /** Ends all `events`, with the last one of each. */
  stop(): Promise<void>;
}

/** The started sources as one. */
export function startSources(
  { proxy, startLogs }: { readonly proxy: CaptureProxy | null; readonly startLogs?: StartLogs | null },
  notice: (text: string) => void,
): LiveSources {
  const logs = startLogs?.(notice) ?? null;
  return {
    events: [...(proxy === null ? [] : [proxy.events]), ...(logs === null ? [] : [logs.events])],
    *takeNow() {
      if (proxy !== null) yield* proxy.takeNow(lastReadMs);
      if (logs !== null) yield* logs.takeNow();
    },
    isBlocked: () => logs?.isBlocked() === true,
    async stop() {
      await Promise.all([proxy?.stop(), logs?.stop()]);
    },
  };
}
