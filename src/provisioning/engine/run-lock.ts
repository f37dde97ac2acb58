// Allows one provisioning run at a time, by a lock file in the data folder.
import { mkdirSync } from "node:fs";
import { dirname } from "node:path";
import { ToolError } from "../../core/tool-error.ts";
import { announceRun, type RunPlace } from "../../locks/machine-runs.ts";
import { type LockOwner, readHolder, staleLockHint, takeLock } from "../../locks/process-lock.ts";
import { Stop } from "../model/stop.ts";
import { codeOf } from "./journal-file.ts";

export interface RunLock {
  release(): void;
}

/** Takes the lock, also one whose owner on this machine has died. Throws Stop `locked`, or ToolError when it cannot be written. */
export function lockRuns(path: string, run: string): RunLock {
  try {
    mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  } catch (cause) {
    throw unwritable(path, cause);
  }
  const lock = takeLock(path, run);
  switch (lock.kind) {
    case "taken":
      return lock;
    case "busy":
      throw busy(path, lock.owner);
    case "unusable":
      throw unusable(path, lock.why);
    case "impossible":
      throw unwritable(path, lock.cause);
  }
}

/** The id of the run in progress, or null. A process on another machine counts as alive, since that cannot be checked. */
export function lockedRun(path: string): string | null {
  return readHolder(path)?.run || null;
}

function unwritable(path: string, cause: unknown): ToolError {
  return new ToolError(
    "unwritable",
    `The lock of the runs ${JSON.stringify(path)} cannot be written (${codeOf(cause)}).`,
    {
      hint: "Nothing was changed. Make room, or name a folder that you may write in REALMSCOPE_HOME.",
      cause,
    },
  );
}

function unusable(path: string, why: string): Stop {
  return new Stop({
    code: "locked",
    message: `The lock of the runs ${JSON.stringify(path)} ${why}.`,
    hint: "Delete it, when no other run is under way.",
  });
}

/**
 * Announces the run to the other users of this machine. Throws Stop `locked` while one of theirs is under way, except with
 * `isBeside`; calls `warn` where their runs cannot be seen.
 */
export function announce(
  place: RunPlace,
  { isBeside, warn }: { readonly isBeside: boolean; readonly warn: (text: string) => void },
): RunLock {
  const announced = announceRun(place);
  if (announced.kind === "impossible") {
    warn(`Runs of other users of this machine cannot be seen: ${announced.why}. Your own runs are still kept apart.`);
    return { release: () => undefined };
  }
  const [other] = announced.others;
  if (other === undefined) return announced;
  const line = `${other.user === "" ? "Another user" : JSON.stringify(other.user)} has a run under way on this machine${sinceText(other)} (process ${other.pid}).`;
  if (isBeside) {
    warn(line);
    return announced;
  }
  announced.release();
  throw new Stop({
    code: "locked",
    message: line,
    hint: "Wait for its end, or go on beside it with --beside-other-run when it works on another organisation and tenant.",
  });
}

function sinceText({ since }: LockOwner): string {
  return Number.isFinite(Date.parse(since)) ? ` since ${new Date(since).toISOString()}` : "";
}

function busy(path: string, owner: LockOwner): Stop {
  return new Stop({
    code: "locked",
    message: `Another run is under way (process ${owner.pid} on ${owner.host || "an unknown machine"}).`,
    hint: `Wait for its end.${staleLockHint(owner, path)}`,
  });
}
