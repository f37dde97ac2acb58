import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { hostname } from "node:os";
import { dirname } from "node:path";
import { ToolError } from "../../core/tool-error.ts";
import { Stop } from "../model/stop.ts";
import { codeOf } from "./journal-file.ts";

export interface RunLock {
  release(): void;
}

/** One run at a time: takes the lock file, also one whose owner on this machine has died. Throws Stop `locked`, or ToolError. */
export function takeLock(path: string, run: string): RunLock {
  try {
    mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  } catch (cause) {
    throw unwritable(path, cause);
  }
  const mine = JSON.stringify({ pid: process.pid, host: hostname(), run });
  for (let attempt = 1; ; attempt += 1) {
    try {
      writeFileSync(path, mine, { flag: "wx", mode: 0o600 });
      return { release: () => rmSync(path, { force: true }) };
    } catch (error) {
      const code = codeOf(error);
      if (code !== "EEXIST") {
        // Made by this attempt, and empty: it would lock for ever.
        if (code === "ENOSPC" || code === "EDQUOT") rmSync(path, { force: true });
        throw unwritable(path, error);
      }
    }
    const owner = readOwner(path);
    if (attempt > 1 || mayLive(owner)) throw new Stop(locked(path, owner));
    rmSync(path, { force: true });
  }
}

/** The run that is under way, or null. A process on another machine counts as alive: it cannot be asked. */
export function lockedRun(path: string): string | null {
  const owner = readOwner(path);
  return owner.run !== "" && mayLive(owner) ? owner.run : null;
}

interface Owner {
  readonly pid: number;
  readonly host: string;
  readonly run: string;
}

function mayLive({ pid, host }: Owner): boolean {
  return host !== hostname() || isAlive(pid);
}

function readOwner(path: string): Owner {
  try {
    const parsed: unknown = JSON.parse(readFileSync(path, "utf8"));
    const { pid, host, run } = { pid: 0, host: "", run: "", ...(typeof parsed === "object" ? parsed : {}) };
    return { pid: Number(pid), host: String(host), run: String(run) };
  } catch {
    return { pid: 0, host: "", run: "" };
  }
}

function isAlive(pid: number): boolean {
  if (pid <= 0) return false;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // EPERM: it lives and is somebody else's.
    return error instanceof Error && "code" in error && error.code === "EPERM";
  }
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

function locked(path: string, owner: Owner) {
  return {
    code: "locked",
    message: `Another run is under way (process ${owner.pid} on ${owner.host || "an unknown machine"}).`,
    hint: `Wait for its end. If it has died on another machine, delete ${JSON.stringify(path)}.`,
  } as const;
}
