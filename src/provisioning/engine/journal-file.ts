// The file of a run's journal: a line is on the disk as a whole, or it is removed again.
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

/** Opens a journal for appending, creates it and its folder when missing, and reads its bytes. Throws ToolError. */
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

/** Moves the bytes after the last whole line into `<path>.torn`: they may show a person what was in progress. Throws ToolError. */
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

/** Writes all bytes: a disk that fills up accepts a part of them and reports that only in the count. */
export function writeWhole(file: number, bytes: Uint8Array): void {
  for (let done = 0; done < bytes.length; ) {
    const count = writeSync(file, bytes, done);
    if (count === 0) throw new Error("no byte was written");
    done += count;
  }
}

/** Removes a partial line; if that fails, the next opening moves it away. */
export function cutTo(path: string, size: number): void {
  try {
    truncateSync(path, size);
  } catch {
    // A disk that refused the line may also refuse to remove it.
  }
}

/** The system's code of an error (`ENOSPC`, `EACCES`), else its message. */
export function codeOf(cause: unknown): string {
  const code: unknown = cause instanceof Error && "code" in cause ? cause.code : undefined;
  return typeof code === "string" ? code : String(cause);
}

/** Makes the file's name durable too; Windows cannot sync a folder and does not need to. */
function syncFolder(folder: string): void {
  if (process.platform === "win32") return;
  const handle = openSync(join(folder, "."), "r");
  fsyncSync(handle);
  closeSync(handle);
}
