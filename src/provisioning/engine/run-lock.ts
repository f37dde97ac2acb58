// Allows one provisioning run at a time, by a lock file in the data folder.
import { mkdirSync } from "node:fs";
import { dirname } from "node:path";
import { ToolError } from "../../core/tool-error.ts";
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

function busy(path: string, owner: LockOwner): Stop {
  return new Stop({
    code: "locked",
    message: `Another run is under way (process ${owner.pid} on ${owner.host || "an unknown machine"}).`,
    hint: `Wait for its end.${staleLockHint(owner, path)}`,
  });
}
