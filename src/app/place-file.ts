// Output files are written beside their place and then linked there: a file is whole or missing, and a file that somebody
// else created meanwhile is not replaced.
import { closeSync, existsSync, linkSync, lstatSync, openSync, renameSync, rmSync, statSync } from "node:fs";
import { ToolError } from "../core/tool-error.ts";

/** Throws ToolError when `temporary` cannot be written; called before the captures are read. */
export function refuseUnwritable(path: string, temporary: string): void {
  try {
    closeSync(openSync(temporary, "wx", 0o600));
    rmSync(temporary);
  } catch (cause) {
    throw unwritable(path, cause);
  }
}

/** Gives a finished file its name. Throws ToolError `exists` when the name is taken, and leaves the existing file alone. */
export function placeNewFile(temporary: string, path: string): void {
  try {
    // A link fails where the name is taken; a rename would replace it.
    linkSync(temporary, path);
    rmSync(temporary);
  } catch (cause) {
    if (codeOf(cause) === "EEXIST") throw taken(path, cause);
    renameNew(temporary, path);
  }
}

/** For file systems without links: creates the name first, then renames over it. */
function renameNew(temporary: string, path: string): void {
  let isTaken = false;
  try {
    closeSync(openSync(path, "wx", 0o600));
    isTaken = true;
    renameSync(temporary, path);
  } catch (cause) {
    if (isTaken) rmSync(path, { force: true });
    throw codeOf(cause) === "EEXIST" ? taken(path, cause) : unwritable(path, cause);
  }
}

/** Removes what an earlier run left. A failed removal is ignored when the file does not exist; the write that follows reports it. Throws ToolError. */
export function removeLeftover(path: string): void {
  try {
    rmSync(path, { force: true });
  } catch (error) {
    // Another user's in a folder that all may write to, or a folder.
    if (existsSync(path)) throw unwritable(path, error);
  }
}

/** Throws ToolError `exists` when the path exists. */
export function refuseExisting(path: string): void {
  if (existsSync(path)) throw taken(path);
}

/**
 * Throws ToolError when the path exists and is not an ordinary file that a finished one may replace: a folder, a device, a link, or one of the
 * files that are read.
 */
export function refuseUnreplaceable(path: string, read: readonly string[]): void {
  const found = lstatSync(path, { throwIfNoEntry: false });
  if (found === undefined) return;
  if (!found.isFile()) {
    throw new ToolError("unwritable", `${JSON.stringify(path)} is not an ordinary file, so it is not replaced.`, {
      hint: "Name another file; nothing was written.",
    });
  }
  const isRead = read.some((file) => {
    const one = statSync(file, { throwIfNoEntry: false });
    return one?.ino === found.ino && one.dev === found.dev;
  });
  if (!isRead) return;
  throw new ToolError("exists", `${JSON.stringify(path)} is one of the captures that are read.`, {
    hint: "Name another file; nothing was written.",
  });
}

/** Gives a finished file its name in place of the one that has it. Throws ToolError `unwritable`. */
export function replaceFile(temporary: string, path: string): void {
  try {
    renameSync(temporary, path);
  } catch (cause) {
    throw unwritable(path, cause);
  }
}

function taken(path: string, cause?: unknown): ToolError {
  return new ToolError("exists", `${JSON.stringify(path)} exists.`, {
    hint: "Name another file; nothing was written.",
    cause,
  });
}

const reasons: Readonly<Record<string, string>> = {
  ENOENT: "its folder does not exist",
  ENOTDIR: "its folder is not a folder",
  EACCES: "its folder may not be written to",
  EPERM: "its folder may not be written to",
  EROFS: "the file system is read-only",
  EISDIR: "it is a folder",
  ENOTEMPTY: "it is a folder",
  ENAMETOOLONG: "its name is too long",
  ENOSPC: "there is no room left on the disk",
  EDQUOT: "there is no room left for this user",
  EEXIST: "it exists",
};

/** An error of the file system as ToolError `unwritable` with its cause in words. Returns a ToolError unchanged. */
export function unwritable(path: string, cause: unknown): ToolError {
  if (cause instanceof ToolError) return cause;
  const code = codeOf(cause);
  return new ToolError("unwritable", `${JSON.stringify(path)} cannot be written: ${reasons[code] ?? code}.`, {
    hint: "Name a file in a folder that exists, that you may write to and that has room.",
    cause,
  });
}

/** True for an error of the operating system; any other error is a bug. */
export function isSystemError(error: unknown): boolean {
  return error instanceof Error && "errno" in error && "code" in error;
}

function codeOf(error: unknown): string {
  return error instanceof Error && "code" in error ? String(error.code) : "error";
}
