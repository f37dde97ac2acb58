// One writer for one journal: a second one would cut the line that the first is writing, and their numbers would cross. The
// lock is a file beside the journal that names the process; what a dead process left is taken over.
import { linkSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { hostname } from "node:os";
import { ToolError } from "../core/tool-error.ts";
import { codeOf } from "./journal-writer.ts";

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
    const text = readLock(path);
    if (text === null) {
      // Gone again, or not to be read: another user's.
      if (attempt > 3) throw unreadable(journal, path);
      continue;
    }
    const owner = readOwner(text);
    if (attempt > 3 || mayLive(owner)) throw busy(journal, owner);
    takeAway(path, text);
  }
}

function heldLock(path: string, own: string): JournalLock {
  const release = (): void => {
    process.off("exit", release);
    if (readLock(path) === own) rmSync(path, { force: true });
  };
  process.on("exit", release);
  return { missing: null, release };
}

/** One that somebody else made holds all the same; what a dead process left stays, as it cannot be taken away. */
function withoutLock(journal: string, path: string, code: string): JournalLock {
  const text = readLock(path);
  const owner = text === null ? null : readOwner(text);
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
    if (readLock(aside) !== left) linkSync(aside, path);
    rmSync(aside, { force: true });
  } catch {
    // Somebody else was faster: the next attempt sees whose it is.
  }
}

function readLock(path: string): string | null {
  try {
    return readFileSync(path, "utf8");
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

function unreadable(journal: string, path: string): ToolError {
  return new ToolError("journal-busy", `The lock ${JSON.stringify(path)} is there and cannot be read.`, {
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
