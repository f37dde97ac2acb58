// The file below a run's journal: bytes that are on the disk whole, or taken off again.
import {
  appendFileSync,
  closeSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readFileSync,
  truncateSync,
  writeSync,
} from "node:fs";
import { dirname, join } from "node:path";
import { ToolError } from "../../core/tool-error.ts";

/** Opens a journal, made with its folder where it is missing, and reads what it holds. Throws ToolError. */
export function openForAppending(path: string): { readonly file: number; readonly bytes: Buffer } {
  try {
    mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
    const file = openSync(path, "a+", 0o600);
    const bytes = readFileSync(path);
    syncFolder(dirname(path));
    return { file, bytes };
  } catch (cause) {
    throw new ToolError(
      "unwritable",
      `The run's journal ${JSON.stringify(path)} cannot be opened (${codeOf(cause)}).`,
      {
        hint: "Nothing was changed. Make room, or name a folder that you may write in REALMSCOPE_HOME.",
        cause,
      },
    );
  }
}

/** Moves the bytes after the last whole line into `<path>.torn`. Nothing is thrown away: the torn bytes may tell a person what was under way. Throws ToolError. */
export function moveTorn(path: string, torn: Uint8Array, wholeBytes: number): void {
  try {
    appendFileSync(`${path}.torn`, torn, { mode: 0o600 });
    truncateSync(path, wholeBytes);
  } catch (cause) {
    throw new ToolError(
      "unwritable",
      `The torn last line of ${JSON.stringify(path)} cannot be moved (${codeOf(cause)}).`,
      {
        hint: "Nothing was changed. Make room in that folder, and run the command again.",
        cause,
      },
    );
  }
}

/** A disk that fills up takes a part of what it is given, and says so only in the count. */
export function writeWhole(file: number, bytes: Uint8Array): void {
  for (let done = 0; done < bytes.length; ) {
    const count = writeSync(file, bytes, done);
    if (count === 0) throw new Error("no byte was taken");
    done += count;
  }
}

/** Takes a part of a line off; where that fails, the next opening does it. */
export function cutTo(path: string, size: number): void {
  try {
    truncateSync(path, size);
  } catch {
    // The disk that did not take the line may not let it be taken off.
  }
}

/** What the system calls an error: `ENOSPC`, `EACCES`; else its own words. */
export function codeOf(cause: unknown): string {
  const code: unknown = cause instanceof Error && "code" in cause ? cause.code : undefined;
  return typeof code === "string" ? code : String(cause);
}

/** The name of the file must survive as well; Windows cannot sync a folder and needs not. */
function syncFolder(folder: string): void {
  if (process.platform === "win32") return;
  const handle = openSync(join(folder, "."), "r");
  fsyncSync(handle);
  closeSync(handle);
}
