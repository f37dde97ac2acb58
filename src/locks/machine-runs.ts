// Runs of all users of this machine, announced in a folder that every user may write to. It is hostile ground: files of others
// are read only as text, checked against the process they name, never followed, waited for, changed or removed.
import { createHash, randomBytes } from "node:crypto";
import {
  closeSync,
  constants,
  fchmodSync,
  fstatSync,
  linkSync,
  lstatSync,
  opendirSync,
  openSync,
  readSync,
  rmSync,
  type Stats,
  statSync,
  writeSync,
} from "node:fs";
import { userInfo } from "node:os";
import { join, win32 } from "node:path";
import { type LockOwner, mayLive, readOwner, thisProcess } from "./process-lock.ts";

export interface OtherRun extends LockOwner {
  /** The account, as its own announcement names it: text of another user. */
  readonly user: string;
}

export type Announcement =
  | { readonly kind: "announced"; readonly others: readonly OtherRun[]; release(): void }
  /** `why` completes "Runs of other users of this machine cannot be seen: …". */
  | { readonly kind: "impossible"; readonly why: string };

/**
 * The folder of the announcements: on Windows %ProgramData%, elsewhere the first that is root's and open to all with the
 * sticky bit, by which no user can replace a file of another. The same for every user; null when there is none.
 */
export function machineFolder(
  environment: Readonly<Record<string, string | undefined>> = process.env,
  platform: NodeJS.Platform = process.platform,
): string | null {
  if (platform === "win32") {
    const folder = environment.ProgramData ?? environment.PROGRAMDATA ?? "C:\\ProgramData";
    return win32.isAbsolute(folder) ? folder : null;
  }
  return ["/run/lock", "/var/tmp", "/tmp"].find(isSharedByRoot) ?? null;
}

function isSharedByRoot(folder: string): boolean {
  const status = lstatSync(folder, { throwIfNoEntry: false });
  return status?.isDirectory() === true && status.uid === 0 && (status.mode & 0o1002) === 0o1002;
}

export interface RunPlace {
  readonly folder: string | null;
  /** The data folder of the run: each has one run at a time. */
  readonly root: string;
  readonly run: string;
}

/** Announces a run and gives those of other users that are under way. Both of two that begin at once see each other. Never throws. */
export function announceRun({ folder, root, run }: RunPlace): Announcement {
  if (folder === null) return { kind: "impossible", why: "there is no folder that root shares with all users" };
  const user = userName();
  const path = join(folder, announcementName(user, root));
  const text = JSON.stringify({ ...thisProcess(run), user, nonce: randomBytes(8).toString("hex") });
  try {
    place(path, text);
  } catch (error) {
    const code = error instanceof Error && "code" in error ? String(error.code) : "error";
    return { kind: "impossible", why: `${JSON.stringify(path)} cannot be written (${code})` };
  }
  const release = (): void => {
    process.off("exit", release);
    if (readAnnouncement(path)?.text === text) removeQuietly(path);
  };
  process.on("exit", release);
  return { kind: "announced", others: otherRuns(folder), release };
}

const namePattern = /^realmscope-run-[0-9a-f]{32}\.json$/;

function announcementName(user: string, root: string): string {
  const id = process.geteuid?.() ?? user;
  const sum = createHash("sha256").update(`${id}\n${root}`).digest("hex").slice(0, 32);
  return `realmscope-run-${sum}.json`;
}

/** More entries are not read: the folder may be full of files of others. */
const entryLimit = 50_000;

/** Runs of other users that are under way. What is left of own runs that have died is removed. Never throws. */
export function otherRuns(folder: string | null = machineFolder()): readonly OtherRun[] {
  const others: OtherRun[] = [];
  for (const path of announcements(folder)) {
    const found = readAnnouncement(path);
    if (found === null) continue;
    const run = { ...readOwner(found.text), user: userOf(found.text) };
    const isUnderWay = mayLive(run) && isOwnerOf(run, found.status);
    if (isOwn(run, found.status)) {
      if (!isUnderWay) removeQuietly(path);
    } else if (isUnderWay) others.push(run);
  }
  return others;
}

function announcements(folder: string | null): readonly string[] {
  const paths: string[] = [];
  try {
    if (folder === null) return [];
    const entries = opendirSync(folder);
    try {
      for (let read = 0; read < entryLimit; read += 1) {
        const entry = entries.readSync();
        if (entry === null) break;
        if (namePattern.test(entry.name)) paths.push(join(folder, entry.name));
      }
    } finally {
      entries.closeSync();
    }
  } catch {
    // Without the folder nothing is known of others.
  }
  return paths;
}

/** By the file's owner, which nobody can forge; Windows has only the name. */
function isOwn(run: OtherRun, status: Stats): boolean {
  return process.geteuid === undefined ? run.user === userName() : status.uid === process.geteuid();
}

/** An announcement counts only for a process of the file's owner: nobody stops others in the name of a third. */
function isOwnerOf({ pid, host }: OtherRun, status: Stats): boolean {
  if (host !== thisProcess("").host) return false;
  try {
    return process.platform !== "linux" || statSync(`/proc/${pid}`).uid === status.uid;
  } catch {
    // Processes of others are hidden here (hidepid): the file alone counts.
    return true;
  }
}

/** Creates the file whole under a new name, then links it to its place; only an own file is replaced. */
function place(path: string, text: string): void {
  const aside = `${path}.${randomBytes(8).toString("hex")}`;
  const { O_WRONLY, O_CREAT, O_EXCL, O_NOFOLLOW } = constants;
  const file = openSync(aside, O_WRONLY | O_CREAT | O_EXCL | (O_NOFOLLOW ?? 0), 0o644);
  try {
    // Others must be able to read it, whatever the umask is.
    if (process.platform !== "win32") fchmodSync(file, 0o644);
    writeSync(file, text);
    removeOwn(path);
    linkSync(aside, path);
  } finally {
    closeSync(file);
    removeQuietly(aside);
  }
}

/** In a folder with the sticky bit only the owner's file is removed; another's makes the link fail. */
function removeOwn(path: string): void {
  const status = lstatSync(path, { throwIfNoEntry: false });
  if (status === undefined) return;
  if (process.geteuid === undefined || status.uid === process.geteuid()) removeQuietly(path);
}

const longest = 4096;

/** Null for a link, a pipe, a file that is too long or cannot be read. */
function readAnnouncement(path: string): { readonly text: string; readonly status: Stats } | null {
  const { O_RDONLY, O_NONBLOCK, O_NOFOLLOW } = constants;
  try {
    // Windows has no O_NOFOLLOW.
    if (lstatSync(path).isSymbolicLink()) return null;
    const file = openSync(path, O_RDONLY | (O_NONBLOCK ?? 0) | (O_NOFOLLOW ?? 0));
    try {
      const status = fstatSync(file);
      if (!status.isFile() || status.size > longest) return null;
      const bytes = Buffer.alloc(longest);
      return { text: bytes.toString("utf8", 0, readSync(file, bytes, 0, longest, 0)), status };
    } finally {
      closeSync(file);
    }
  } catch {
    return null;
  }
}

function userOf(text: string): string {
  try {
    const parsed: unknown = JSON.parse(text);
    const user: unknown = typeof parsed === "object" && parsed !== null && "user" in parsed ? parsed.user : "";
    return typeof user === "string" ? user.slice(0, 100) : "";
  } catch {
    return "";
  }
}

function userName(): string {
  const domain = process.platform === "win32" ? `${process.env.USERDOMAIN ?? ""}\\` : "";
  try {
    return `${domain}${userInfo().username}`;
  } catch {
    // An account without an entry in the system's list.
    return `${process.geteuid?.() ?? "unknown"}`;
  }
}

function removeQuietly(path: string): void {
  try {
    rmSync(path, { force: true });
  } catch {
    // Another user's, or gone.
  }
}
