// Logs as a source of a live run: the followed folders, the time from which they are read, and the lines about them at the start.
import { setTimeout as wait } from "node:timers/promises";
import { startLogTail, type TailClock } from "../../sources/logs/tail/start-log-tail.ts";
import { findLogFolders } from "../log-places.ts";
import type { StartLogs } from "./live-sources.ts";

export interface FollowedLogs {
  readonly start: StartLogs;
  /** Shown before the run begins. */
  readonly notices: readonly string[];
}

export interface FollowRequest {
  /** Folders as they were given; an empty text stands for the default places. */
  readonly folders: readonly string[];
  /** Epoch milliseconds; null for rows that are written from now on. */
  readonly since: number | null;
  /** A proxy captures beside them: its transactions hold what traces of failed requests would repeat. */
  readonly hasProxy: boolean;
}

/** Finds the folders. Rejects with ToolError when one cannot be followed. */
export async function followLogs({ folders, since, hasProxy }: FollowRequest): Promise<FollowedLogs> {
  const places = await findLogFolders(folders);
  return {
    start: (notice) =>
      startLogTail(
        { folders: places, since: since ?? Date.now(), readsBack: since !== null, readsTraces: !hasProxy, notice },
        systemClock,
      ),
    notices: places.map((place) => followLine(place, since)),
  };
}

function followLine(place: string, since: number | null): string {
  const from = since === null ? "rows that are written from now on" : `rows since ${new Date(since).toISOString()}`;
  return `The logs below ${JSON.stringify(place)} are followed: ${from}. Rows wait five seconds for earlier ones.`;
}

const systemClock: TailClock = {
  now: () => Date.now(),
  // The only rejection of the wait is that of the signal.
  wait: (ms, ended) => wait(ms, undefined, { signal: ended }).catch(() => undefined),
};
