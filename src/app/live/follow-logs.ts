// Logs as a source of a live run: which folders are followed, from when on, and what is said of them.
import { stat } from "node:fs/promises";
import { setTimeout as wait } from "node:timers/promises";
import { ToolError } from "../../core/tool-error.ts";
import { startLogTail, type TailClock } from "../../sources/logs/tail/start-log-tail.ts";
import type { StartLogs } from "./live-sources.ts";
import { defaultLogFolders } from "./log-places.ts";

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
}

/** Finds the folders. Rejects with ToolError when one cannot be followed. */
export async function followLogs({ folders, since }: FollowRequest): Promise<FollowedLogs> {
  const found: string[] = [];
  for (const folder of folders) {
    if (folder === "") found.push(...(await defaultLogFolders()));
    else found.push(await checkedFolder(folder));
  }
  const places = [...new Set(found)];
  return {
    start: (notice) =>
      startLogTail({ folders: places, since: since ?? Date.now(), readsBack: since !== null, notice }, systemClock),
    notices: places.map((place) => followLine(place, since)),
  };
}

function followLine(place: string, since: number | null): string {
  const from = since === null ? "rows that are written from now on" : `rows since ${new Date(since).toISOString()}`;
  return `The logs below ${JSON.stringify(place)} are followed: ${from}. Rows wait five seconds for earlier ones.`;
}

async function checkedFolder(folder: string): Promise<string> {
  const status = await stat(folder).catch((error: unknown) => {
    const code: unknown = error instanceof Error && "code" in error ? error.code : undefined;
    const why = code === "ENOENT" ? "does not exist" : `cannot be read (${typeof code === "string" ? code : "error"})`;
    throw new ToolError("unreadable", `--logs ${JSON.stringify(folder)} ${why}.`, {
      hint: "Check the path and its permissions; a share must be reachable when the run begins.",
      cause: error,
    });
  });
  if (status.isDirectory()) return folder;
  throw new ToolError("usage", `--logs ${JSON.stringify(folder)} is not a folder.`, {
    hint: "Give the folder in which the logs are written; a single file is read by realmscope replay FILE.",
  });
}

const systemClock: TailClock = {
  now: () => Date.now(),
  // The only rejection of the wait is that of the signal.
  wait: (ms, ended) => wait(ms, undefined, { signal: ended }).catch(() => undefined),
};
