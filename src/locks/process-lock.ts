// One process at a time: the lock is a file that names the process; what a dead process left is taken over.
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
  /** When the process began, as the kernel counts; empty where the system does not say. Process numbers are used again. */
  readonly began: string;
  /** The provisioning run that the process carries out; empty for a capture. */
  readonly run: string;
}

export type LockResult =
  /** `release` removes the file; the end of the process does it, too. */
  | { readonly kind: "taken"; release(): void }
  | { readonly kind: "busy"; readonly owner: LockOwner }
  /** A file is in the way that is not a lock of this user's; `why` completes "The lock FILE …". */
  | { readonly kind: "unusable"; readonly why: string }
  /** The file cannot be made, and no live process holds one: `cause` is the system's error. */
  | { readonly kind: "impossible"; readonly cause: unknown };

/** Takes a lock, also one whose process on this machine has ended. Never throws. */
export function takeLock(path: string, run = ""): LockResult {
  const own = JSON.stringify({
    pid: process.pid,
    host: hostname(),
    began: beganOf(process.pid),
    run,
  } satisfies LockOwner);
  for (let attempt = 1; ; attempt += 1) {
    try {
      placeWhole(path, own);
      return heldLock(path, own);
    } catch (error) {
      if (!isCode(error, "EEXIST")) return withoutLock(path, error);
    }
    const refusal = makeWay(path, attempt > 3);
    if (refusal !== null) return refusal;
  }
}

/** Takes away what a dead process left. Null when the lock can be tried again. */
function makeWay(path: string, isLastAttempt: boolean): LockResult | null {
  const lock = readLock(path);
  // Gone again, or not to be read: another user's, or not a regular file.
  if (lock === null) return isLastAttempt ? { kind: "unusable", why: "is there and cannot be read" } : null;
  if (lock.isForeign) return { kind: "unusable", why: "belongs to another user" };
  const owner = readOwner(lock.text);
  if (isLastAttempt || mayLive(owner)) return { kind: "busy", owner };
  takeAway(path, lock.text);
  return null;
}

/** The process that holds the lock, or null. */
export function lockHolder(path: string): LockOwner | null {
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

/** A lock that somebody else made holds all the same; what a dead process left stays, as it cannot be taken away. */
function withoutLock(path: string, cause: unknown): LockResult {
  const owner = lockHolder(path);
  return owner === null ? { kind: "impossible", cause } : { kind: "busy", owner };
}

/** Makes the file with all that is in it, or throws EEXIST: nobody may see an empty one and take it for a dead process's. */
function placeWhole(path: string, text: string): void {
  const aside = asideOf(path);
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
    // A file system without links.
    writeFileSync(path, text, { flag: "wx", mode: 0o600 });
  }
}

function asideOf(path: string): string {
  return `${path}.${process.pid}`;
}

/** Removes the lock that a dead process left, and no other: one that was made meanwhile is put back. */
function takeAway(path: string, left: string): void {
  const aside = asideOf(path);
  try {
    renameSync(path, aside);
    if (readLock(aside)?.text !== left) linkSync(aside, path);
    rmSync(aside, { force: true });
  } catch {
    // Somebody else was faster: the next attempt sees whose it is.
  }
}

interface LockText {
  readonly text: string;
  /** It belongs to another user. */
  readonly isForeign: boolean;
}

const longestLock = 4096;

/** Null when the file cannot be read or is not a regular file of a lock's size: a pipe can block, a device has no end. */
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
    // A lock is written at once; half of one is left by a full disk or a loss of power.
    return { pid: 0, host: hostname(), began: "", run: "" };
  }
}

/** A process on another machine cannot be asked: it counts as alive. */
function mayLive({ pid, host, began }: LockOwner): boolean {
  if (host !== hostname()) return true;
  const now = beganOf(pid);
  return isAlive(pid) && (began === "" || now === "" || now === began);
}

function isAlive(pid: number): boolean {
  if (!Number.isSafeInteger(pid) || pid <= 0) return false;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // EPERM: it lives and is somebody else's.
    return isCode(error, "EPERM");
  }
}

/**
 * What to do about a lock that may be left over, as a sentence behind a hint; empty for a process that is known to have made it.
 * Process numbers are used again, and only Linux says when a process began.
 */
export function leftOverHint({ pid, host, began }: LockOwner, path: string): string {
  if (host !== hostname()) return ` If that one has died, delete ${JSON.stringify(path)}.`;
  if (began !== "" && beganOf(pid) === began) return "";
  return ` If process ${pid} is another program, delete ${JSON.stringify(path)}.`;
}

/** Field 22 of proc_pid_stat(5), which Linux has. The name in field 2 may hold anything, so it is counted from its end. */
function beganOf(pid: number): string {
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
