// A lock that one process holds at a time: a file that names the process. The lock of a dead process is taken over.

import { createHash, randomBytes } from "node:crypto";
import {
  closeSync,
  constants,
  fstatSync,
  linkSync,
  openSync,
  readFileSync,
  readSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { hostname, uptime } from "node:os";

export interface LockOwner {
  readonly pid: number;
  readonly host: string;
  /** Start time of the process in kernel ticks, empty where unknown: process numbers are reused. */
  readonly began: string;
  /** The provisioning run of the process; empty for a capture. */
  readonly run: string;
  /** The boot of the machine, empty where unknown: process numbers and ticks begin again with each. */
  readonly boot: string;
  /** When the lock was taken, ISO 8601 in UTC; empty in a lock of an earlier version. */
  readonly since: string;
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
  // The nonce makes each lock different: a stale one is removed by its content.
  const own = JSON.stringify({ ...thisProcess(run), nonce: randomBytes(8).toString("hex") });
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

/** This process as the owner of a lock. */
export function thisProcess(run: string): LockOwner {
  return {
    pid: process.pid,
    host: hostname(),
    began: startTimeOf(process.pid),
    run,
    boot: bootId(),
    since: new Date().toISOString(),
  };
}

/** Removes the lock of a dead process. Null when the lock can be retried. */
function removeIfStale(path: string, isLastAttempt: boolean): LockResult | null {
  const lock = readLock(path);
  // Removed meanwhile, or unreadable: another user's, or not a regular file.
  if (lock === null) return isLastAttempt ? { kind: "unusable", why: "exists and cannot be read" } : null;
  if (lock.isForeign) return { kind: "unusable", why: "belongs to another user" };
  const owner = readOwner(lock.text);
  if (isLastAttempt || mayLive(owner)) return { kind: "busy", owner };
  removeStale(path, lock.text, 0);
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
  return `${path}.${process.pid}.tmp`;
}

/** A claim whose process died is removed by a claim on it, and so on; more than this would be no accident. */
const deepestClaim = 3;

/**
 * Removes the lock of a dead process and no other. Only the holder of the claim on exactly this content may remove it, and
 * nobody else writes it again, so the lock cannot change between the comparison and the removal.
 */
function removeStale(path: string, left: string, depth: number): void {
  const claim = `${path}.${createHash("sha256").update(left).digest("hex").slice(0, 16)}`;
  try {
    const own = JSON.stringify({ ...thisProcess(""), nonce: randomBytes(8).toString("hex") });
    createWhole(claim, own);
  } catch {
    // Another process removes it now: the next attempt reads what it left. Or it died meanwhile.
    const other = readLock(claim);
    if (other !== null && !other.isForeign && !mayLive(readOwner(other.text)) && depth < deepestClaim)
      removeStale(claim, other.text, depth + 1);
    return;
  }
  try {
    if (readLock(path)?.text === left) rmSync(path, { force: true });
  } finally {
    rmSync(claim, { force: true });
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

/** The owner that the text of a lock names; one that names nobody counts as dead. */
export function readOwner(text: string): LockOwner {
  try {
    const parsed: unknown = JSON.parse(text);
    const owner = { ...nobody, ...(typeof parsed === "object" ? parsed : {}) };
    const texts = { host: String(owner.host), began: String(owner.began), run: String(owner.run) };
    return { ...texts, pid: Number(owner.pid), boot: String(owner.boot), since: String(owner.since) };
  } catch {
    // A partial lock is left by a full disk or a loss of power; its process counts as dead.
    return { ...nobody, host: hostname() };
  }
}

const nobody: LockOwner = { pid: 0, host: "", began: "", run: "", boot: "", since: "" };

/** A process on another machine cannot be checked: it counts as alive. A process of an earlier boot does not. */
export function mayLive({ pid, host, began, boot, since }: LockOwner): boolean {
  if (host !== hostname()) return true;
  const current = bootId();
  if (boot !== "" && current !== "" ? boot !== current : began === "" && isBeforeBoot(since, Date.now(), uptime()))
    return false;
  const now = startTimeOf(pid);
  return isAlive(pid) && (began === "" || now === "" || now === began);
}

/** Clocks are corrected by minutes; the time of a boot is known from the clock and the uptime alone. */
const clockMarginMs = 300_000;

/** Whether a time (ISO 8601) was before the last boot of this machine, given now (epoch ms) and the uptime (s). */
export function isBeforeBoot(since: string, now: number, uptimeS: number): boolean {
  const taken = Date.parse(since);
  return Number.isFinite(taken) && taken < now - uptimeS * 1000 - clockMarginMs;
}

/** Linux names each boot; empty elsewhere. */
function bootId(): string {
  try {
    return readFileSync("/proc/sys/kernel/random/boot_id", "latin1").trim();
  } catch {
    return "";
  }
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
export function staleLockHint({ pid, host, began }: Pick<LockOwner, "pid" | "host" | "began">, path: string): string {
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
