// One writer for one journal: a second one would cut the line that the first is writing, and their numbers would cross. The
// lock is a file beside the journal that names the process; what a dead process left is taken over.
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
import { ToolError } from "../../core/tool-error.ts";
import { codeOf } from "../system-error.ts";

export interface JournalLock {
  /** Why no lock could be made, as the system names it; null when there is one. */
  readonly missing: string | null;
  /** Takes the file away; also done when the process ends by itself. */
  release(): void;
}

interface Owner {
  readonly pid: number;
  readonly host: string;
  /** When the process began, as the kernel counts; empty where that is not told. Process numbers are used again. */
  readonly began: string;
}

/**
 * Takes the lock of a journal. Throws ToolError when another process holds it. Where no file can be made (a folder that may not
 * be written to, a name too long) there is none, which the caller must tell.
 */
export function lockJournal(journal: string): JournalLock {
  const path = `${journal}.lock`;
  const own = JSON.stringify({ pid: process.pid, host: hostname(), began: beganOf(process.pid) } satisfies Owner);
  for (let attempt = 1; ; attempt += 1) {
    try {
      placeWhole(path, own);
      return heldLock(path, own);
    } catch (error) {
      if (codeOf(error) !== "EEXIST") return withoutLock(journal, path, codeOf(error));
    }
    const lock = readLock(path);
    if (lock !== null) takeOver(journal, lock, attempt > 3);
    // Gone again, or not to be read: another user's, or no regular file.
    else if (attempt > 3) throw unreadable(journal, path, "is there and cannot be read");
  }
}

/** Takes away what a dead process left. Throws ToolError for a lock that holds, or that is not this user's to take. */
function takeOver(journal: string, { text, isForeign }: LockText, isLastAttempt: boolean): void {
  const path = `${journal}.lock`;
  if (isForeign) throw unreadable(journal, path, "belongs to another user");
  const owner = readOwner(text);
  if (isLastAttempt || mayLive(owner)) throw busy(journal, owner);
  takeAway(path, text);
}

function heldLock(path: string, own: string): JournalLock {
  const release = (): void => {
    process.off("exit", release);
    if (readLock(path)?.text === own) rmSync(path, { force: true });
  };
  process.on("exit", release);
  return { missing: null, release };
}

/** One that somebody else made holds all the same; what a dead process left stays, as it cannot be taken away. */
function withoutLock(journal: string, path: string, code: string): JournalLock {
  const lock = readLock(path);
  const owner = lock === null ? null : readOwner(lock.text);
  if (owner !== null && mayLive(owner)) throw busy(journal, owner);
  return { missing: code, release: () => undefined };
}

/** Makes the file with all that is in it, or throws EEXIST: nobody may see an empty one and take it for a dead process's. */
function placeWhole(path: string, text: string): void {
  const aside = asideOf(path);
  rmSync(aside, { force: true });
  writeFileSync(aside, text, { flag: "wx", mode: 0o600 });
  try {
    linkSync(aside, path);
  } catch (error) {
    if (codeOf(error) === "EEXIST") throw error;
    // A file system without links.
    writeFileSync(path, text, { flag: "wx", mode: 0o600 });
  } finally {
    rmSync(aside, { force: true });
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

function readOwner(text: string): Owner {
  try {
    const parsed: unknown = JSON.parse(text);
    const { pid, host, began } = { pid: 0, host: "", began: "", ...(typeof parsed === "object" ? parsed : {}) };
    return { pid: Number(pid), host: String(host), began: String(began) };
  } catch {
    // A lock is written at once; half of one is left by a full disk or a loss of power.
    return { pid: 0, host: hostname(), began: "" };
  }
}

/** A process on another machine cannot be asked: it counts as alive. */
function mayLive({ pid, host, began }: Owner): boolean {
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
    return codeOf(error) === "EPERM";
  }
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

function unreadable(journal: string, path: string, why: string): ToolError {
  return new ToolError("journal-busy", `The lock ${JSON.stringify(path)} ${why}.`, {
    hint: `Name another file for --save; or delete the lock, when no other capture writes ${JSON.stringify(journal)}.`,
  });
}

function busy(journal: string, { pid, host }: Owner): ToolError {
  const isHere = host === hostname();
  const where = isHere ? "" : ` on ${JSON.stringify(host.slice(0, 100))}`;
  const ifDead = isHere ? "" : ` If that one has died, delete ${JSON.stringify(`${journal}.lock`)}.`;
  return new ToolError(
    "journal-busy",
    `The journal ${JSON.stringify(journal)} is being written by another capture (process ${pid}${where}).`,
    { hint: `Name another file for --save, or end that capture first.${ifDead}` },
  );
}
