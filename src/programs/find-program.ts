// Finds a program by its name: a full path from the absolute folders of PATH. The system's own search would also look into the
// working folder, where a file from elsewhere may have the name of a tool.
import { accessSync, constants, realpathSync, statSync } from "node:fs";
import { posix, win32 } from "node:path";
import { type FileStatus, replaceableByOthers, writableByOthers } from "../core/file-owner.ts";
import { ToolError } from "../core/tool-error.ts";
import { type Environment, pathFolders, systemFolder, variable } from "./environment.ts";

/** `refused`: a file of that name is there and must not be started; `why` completes "FILE …". */
export type FoundProgram =
  | { readonly kind: "found"; readonly path: string }
  | { readonly kind: "missing" }
  | { readonly kind: "refused"; readonly path: string; readonly why: string };

/** The machine that is searched; a test gives its own. */
export interface SearchPlace {
  readonly environment: Environment;
  readonly platform: NodeJS.Platform;
  readonly workingFolder: string;
  /** The effective user id; undefined on Windows. */
  readonly user: number | undefined;
  /** The status of a file after all links, and its real path; null when there is none, or it may not be run. */
  readonly look: (path: string) => Seen | null;
}

export interface Seen {
  readonly status: FileStatus;
  readonly realPath: string;
}

/**
 * Finds a program. A name with a separator is a path that a person gave: it is made absolute and not searched. The first file
 * of that name in PATH counts; it is refused where it lies in the working folder or where others could have put it.
 */
export function findProgram(name: string, place: SearchPlace = thisPlace()): FoundProgram {
  const path = place.platform === "win32" ? win32 : posix;
  if (/[/\\]/.test(name) && (place.platform === "win32" || name.includes("/"))) {
    const full = path.resolve(place.workingFolder, name);
    return (
      candidates(full, place)
        .map((one) => judge(one, place, true))
        .find(isThere) ?? { kind: "missing" }
    );
  }
  for (const folder of pathFolders(place.environment, place.platform)) {
    for (const candidate of candidates(path.join(folder, name), place)) {
      const found = judge(candidate, place, false);
      if (isThere(found)) return found;
    }
  }
  return { kind: "missing" };
}

/** The full path of a program, or throws ToolError `program-missing` or `program-refused`. */
export function requireProgram(name: string, place: SearchPlace = thisPlace()): string {
  const found = findProgram(name, place);
  if (found.kind === "found") return found.path;
  if (found.kind === "refused") throw refusedProgram(name, found);
  throw new ToolError("program-missing", `${JSON.stringify(name)} is not installed.`, {
    hint: "Install it, or add its folder to PATH as a full path.",
  });
}

/** The error for a program that is there and must not be started. */
export function refusedProgram(
  name: string,
  { path, why }: Extract<FoundProgram, { kind: "refused" }>,
  code = "program-refused",
): ToolError {
  return new ToolError(code, `${JSON.stringify(name)} is not started: ${JSON.stringify(path)} ${why}.`, {
    hint: "Run this from another folder, or name in PATH first the folder of the program that you trust.",
  });
}

function isThere(found: FoundProgram): boolean {
  return found.kind !== "missing";
}

/** Windows adds an extension to the name; only .exe, .cmd and .bat of PATHEXT are programs for us. */
function candidates(full: string, { platform }: SearchPlace): readonly string[] {
  if (platform !== "win32" || /\.(?:exe|com|cmd|bat)$/i.test(full)) return [full];
  return [".exe", ".cmd", ".bat"].map((extension) => full + extension);
}

/** A path that a person gave (`isNamed`) may lie in the working folder: it was written out. */
function judge(candidate: string, place: SearchPlace, isNamed: boolean): FoundProgram {
  const seen = place.look(candidate);
  if (seen === null) return { kind: "missing" };
  const paths = [candidate, seen.realPath];
  const inWorkingFolder = !isNamed && paths.some((one) => isInWorkingFolder(one, place));
  const why = inWorkingFolder
    ? "lies in the working folder"
    : place.platform === "win32"
      ? (paths.map((one) => openToAll(one, place)).find((reason) => reason !== null) ?? null)
      : whyOthers(candidate, seen, place);
  return why === null ? { kind: "found", path: candidate } : { kind: "refused", path: candidate, why };
}

/** Folders of the system are the working folder of some sessions; nobody else can put a file there. */
const posixSystem = ["/usr/bin", "/bin", "/usr/sbin", "/sbin"];

function isInWorkingFolder(candidate: string, { platform, workingFolder, environment }: SearchPlace): boolean {
  if (platform !== "win32")
    return posix.dirname(candidate) === posix.resolve(workingFolder) && !posixSystem.includes(posix.dirname(candidate));
  const folder = win32.dirname(candidate).toLowerCase();
  const isSystem = isBelow(folder, win32.dirname(systemFolder(environment)));
  return !isSystem && folder === win32.resolve(workingFolder).toLowerCase();
}

/**
 * On Windows the rights of a folder are not in its mode. Folders in which every user may create files are known by their
 * place: %PUBLIC%, %ProgramData% itself, the system's Temp folder and the root of a drive.
 */
function openToAll(candidate: string, { environment }: SearchPlace): string | null {
  const folder = win32.dirname(candidate);
  const why = "lies in a folder that all users may write to";
  if (win32.parse(folder).root.toLowerCase() === folder.toLowerCase()) return why;
  const shared = variable(environment, "PUBLIC", "win32");
  const temp = win32.join(win32.dirname(systemFolder(environment)), "Temp");
  if ((shared !== "" && isBelow(folder, shared)) || isBelow(folder, temp)) return why;
  const data = variable(environment, "ProgramData", "win32");
  return data !== "" && folder.toLowerCase() === win32.normalize(data).toLowerCase() ? why : null;
}

function isBelow(folder: string, root: string): boolean {
  const [inner, outer] = [win32.normalize(folder).toLowerCase(), win32.normalize(root).toLowerCase()];
  return inner === outer || inner.startsWith(outer.endsWith("\\") ? outer : `${outer}\\`);
}

/** Why others could have put or changed the file: by its own rights, those of its folder, or those of a folder above. */
function whyOthers(candidate: string, seen: Seen, place: SearchPlace): string | null {
  const file = writableByOthers(ownerOf(seen, place), place.user);
  if (file !== null) return file;
  const folders = new Set([posix.dirname(candidate), posix.dirname(seen.realPath)]);
  return [...folders].map((folder) => whyFolder(folder, place)).find((why) => why !== null) ?? null;
}

/** The folder itself may not even be a shared one with the sticky bit: a file may have been put there before the tool. */
function whyFolder(folder: string, place: SearchPlace): string | null {
  const seen = place.look(folder);
  const why = seen === null ? null : writableByOthers(ownerOf(seen, place), place.user);
  return why === null ? whyAbove(folder, place) : `lies in a folder that ${why}`;
}

function whyAbove(folder: string, place: SearchPlace): string | null {
  const above = posix.dirname(folder);
  if (above === folder) return null;
  const seen = place.look(above);
  const why = seen === null ? null : replaceableByOthers(ownerOf(seen, place), place.user);
  return why === null ? whyAbove(above, place) : `lies below ${JSON.stringify(above)}, which ${why}`;
}

/**
 * Groups that administer the machine do not count: root's own, on macOS `admin` (80), which owns Homebrew's folders, and
 * Debian's `staff` (50), which owns /usr/local together with root.
 */
function ownerOf({ status }: Seen, { platform }: SearchPlace): FileStatus {
  const { uid, gid, mode, nlink } = status;
  const isSystem = gid === 0 || (platform === "darwin" ? gid === 80 : gid === 50 && uid === 0);
  return { uid, gid, nlink, mode: isSystem ? mode & ~0o020 : mode };
}

/** This machine, this process. */
export function thisPlace(): SearchPlace {
  return {
    environment: process.env,
    platform: process.platform,
    workingFolder: process.cwd(),
    user: process.geteuid?.(),
    look: lookHere,
  };
}

/** The status and real path of a file that may be run, or of a folder. */
export function lookHere(path: string): Seen | null {
  try {
    const status = statSync(path);
    if (status.isFile()) accessSync(path, constants.X_OK);
    else if (!status.isDirectory()) return null;
    return { status, realPath: realpathSync(path) };
  } catch {
    return null;
  }
}
