// A lock that one process holds at a time: a file that names the process. The lock of a dead process is taken over.
import {
  closeSync,
  constants,
  fstatSync,
  linkSync,
  openSync,
  readFileSync,
  readSync,
  renameSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { hostname } from "node:os";

export interface LockOwner {
  readonly pid: number;
  readonly host: string;
  /** Start time of the process in kernel ticks, empty where unknown: process numbers are reused. */
  readonly began: string;
  /** The provisioning run of the process; empty for a capture. */
  readonly run: string;
}

export type LockResult =
  /** `release` removes the file; so does the end of the process. */
  | { readonly kind: "taken"; release(): void }
  | { readonly kind: "busy"; readonly owner: LockOwner }
  /** The path holds a file that is not a lock of this user; `why` completes "The lock FILE …". */
  | { readonly kind: "unusable"; readonly why: string }
  /** The file cannot be created, and no live process holds it: `cause` is the system's error. */
  | { readonly kind: "impossible"; readonly cause: unknown };

/** Takes a lock that is free or whose process on this machine has ended. Never throws. */
export function takeLock(path: string, run = ""): LockResult {
  const own = JSON.stringify({
    pid: process.pid,
    host: hostname(),
    began: startTimeOf(process.pid),
    run,
  } satisfies LockOwner);
  for (let attempt = 1; ; attempt += 1) {
    try {
      createWhole(path, own);
      return heldLock(path, own);
    } catch (error) {
      if (!isCode(error, "EEXIST")) return refuse(path, error);
    }
    const refusal = removeIfStale(path, attempt > 3);
    if (refusal !== null) return refusal;
  }
}

/** Removes the lock of a dead process. Null when the lock can be retried. */
function removeIfStale(path: string, isLastAttempt: boolean): LockResult | null {
  const lock = readLock(path);
  // Removed meanwhile, or unreadable: another user's, or not a regular file.
  if (lock === null) return isLastAttempt ? { kind: "unusable", why: "exists and cannot be read" } : null;
  if (lock.isForeign) return { kind: "unusable", why: "belongs to another user" };
  const owner = readOwner(lock.text);
  if (isLastAttempt || mayLive(owner)) return { kind: "busy", owner };
  removeStale(path, lock.text);
  return null;
}

/** The process that holds the lock, or null. */
export function readHolder(path: string): LockOwner | null {
  const lock = readLock(path);
  const owner = lock === null ? null : readOwner(lock.text);
  return owner !== null && mayLive(owner) ? owner : null;
}

function heldLock(path: string, own: string): LockResult {
  const release = (): void => {
    process.off("exit", release);
    if (readLock(path)?.text === own) rmSync(path, { force: true });
  };
  process.on("exit", release);
  return { kind: "taken", release };
}

/**
 * The file cannot be created, but the lock of another process still counts. The lock of a dead process cannot be
 * removed.
 */
function refuse(path: string, cause: unknown): LockResult {
  const owner = readHolder(path);
  return owner === null ? { kind: "impossible", cause } : { kind: "busy", owner };
}

/**
 * Creates the file with its content at once, or throws EEXIST: another process must not see an empty lock, which counts
 * as dead.
 */
function createWhole(path: string, text: string): void {
  const aside = temporaryPath(path);
  rmSync(aside, { force: true });
  try {
    writeFileSync(aside, text, { flag: "wx", mode: 0o600 });
    link(aside, path, text);
  } finally {
    rmSync(aside, { force: true });
  }
}

function link(aside: string, path: string, text: string): void {
  try {
    linkSync(aside, path);
  } catch (error) {
    if (isCode(error, "EEXIST")) throw error;
    // The file system has no links.
    writeFileSync(path, text, { flag: "wx", mode: 0o600 });
  }
}

function temporaryPath(path: string): string {
  return `${path}.${process.pid}`;
}

/** Removes the lock of a dead process and no other: one that was created meanwhile is put back. */
function removeStale(path: string, left: string): void {
  const aside = temporaryPath(path);
  try {
    renameSync(path, aside);
    if (readLock(aside)?.text !== left) linkSync(aside, path);
    rmSync(aside, { force: true });
  } catch {
    // Another process was faster: the next attempt reads its lock.
  }
}

interface LockText {
  readonly text: string;
  /** The file belongs to another user. */
  readonly isForeign: boolean;
}

const longestLock = 4096;

/**
 * Null when the file cannot be read, is not a regular file (a pipe can block, a device has no end), or is too large for
 * a lock.
 */
function readLock(path: string): LockText | null {
  const { O_RDONLY, O_NONBLOCK, O_NOFOLLOW } = constants;
  try {
    const descriptor = openSync(path, O_RDONLY | (O_NONBLOCK ?? 0) | (O_NOFOLLOW ?? 0));
    try {
      const status = fstatSync(descriptor);
      if (!status.isFile() || status.size > longestLock) return null;
      const bytes = Buffer.alloc(longestLock);
      const text = bytes.toString("utf8", 0, readSync(descriptor, bytes, 0, longestLock, 0));
      return { text, isForeign: process.geteuid !== undefined && status.uid !== process.geteuid() };
    } finally {
      closeSync(descriptor);
    }
  } catch {
    return null;
  }
}

function readOwner(text: string): LockOwner {
  try {
    const parsed: unknown = JSON.parse(text);
    const owner = { pid: 0, host: "", began: "", run: "", ...(typeof parsed === "object" ? parsed : {}) };
    return { pid: Number(owner.pid), host: String(owner.host), began: String(owner.began), run: String(owner.run) };
  } catch {
    // A partial lock is left by a full disk or a loss of power; its process counts as dead.
    return { pid: 0, host: hostname(), began: "", run: "" };
  }
}

/** A process on another machine cannot be checked: it counts as alive. */
function mayLive({ pid, host, began }: LockOwner): boolean {
  if (host !== hostname()) return true;
  const now = startTimeOf(pid);
  return isAlive(pid) && (began === "" || now === "" || now === began);
}

function isAlive(pid: number): boolean {
  if (!Number.isSafeInteger(pid) || pid <= 0) return false;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // EPERM: it is alive and belongs to another user.
    return isCode(error, "EPERM");
  }
}

/**
 * What to do about a lock that may be stale, as a sentence to append to a hint; empty when its process certainly is the
 * one that took it. Process numbers are reused, and only Linux reports when a process started.
 */
export function staleLockHint({ pid, host, began }: LockOwner, path: string): string {
  if (host !== hostname()) return ` If that process has ended, delete ${JSON.stringify(path)}.`;
  if (began !== "" && startTimeOf(pid) === began) return "";
  return ` If process ${pid} is another program, delete ${JSON.stringify(path)}.`;
}

/**
 * Field 22 of proc_pid_stat(5), on Linux. Field 2, a name, may contain anything, so fields are counted from its end.
 */
function startTimeOf(pid: number): string {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "latin1");
    return stat.slice(stat.lastIndexOf(")") + 2).split(" ")[19] ?? "";
  } catch {
    return "";
  }
}

function isCode(error: unknown, code: string): boolean {
  return error instanceof Error && "code" in error && error.code === code;
}
