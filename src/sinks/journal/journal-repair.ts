import { closeSync, constants, fchmodSync, fstatSync, ftruncateSync, openSync, readSync, writeSync } from "node:fs";
import { foreignFile } from "../../core/file-owner.ts";
import { ToolError } from "../../core/tool-error.ts";

export interface Repair {
  /** Bytes of the unfinished line that were moved to the file beside the journal whose name ends in `.torn`. */
  readonly bytes: number;
}

const headStart = '{"k":"head","schema":"realmscope.journal/1"';
const step = 64 * 1024;

/**
 * Prepares an open file for appending: checks that it is empty or a journal, sets mode 0600, removes a torn last line.
 * Throws ToolError `journal-foreign` for any other file and leaves it unchanged.
 */
export function prepareJournalFile(descriptor: number, path: string): { size: number; repaired: Repair | null } {
  const status = fstatSync(descriptor);
  if (!status.isFile()) throw foreignError(path);
  if (status.size > 0 && !read(descriptor, 0, headStart.length).equals(Buffer.from(headStart)))
    throw foreignError(path);
  if ((status.mode & 0o777) !== 0o600) closeToOthers(descriptor, path);
  const whole = endOfLastLine(descriptor, status.size);
  if (whole === status.size) return { size: whole, repaired: null };
  keepTorn(descriptor, `${path}.torn`, { from: whole, to: status.size });
  ftruncateSync(descriptor, whole);
  return { size: whole, repaired: { bytes: status.size - whole } };
}

function closeToOthers(descriptor: number, path: string): void {
  try {
    fchmodSync(descriptor, 0o600);
  } catch (cause) {
    // A file system without permissions.
    throw new ToolError("journal-open", `The journal ${JSON.stringify(path)} cannot be closed to others (mode 0600).`, {
      hint: "Nothing was written; name another file for --save, in a folder of your own.",
      cause,
    });
  }
}

/** Copies the torn bytes to a file beside the journal before they are cut off. Follows no link. */
function keepTorn(descriptor: number, path: string, range: { readonly from: number; readonly to: number }): void {
  const target = openTorn(path);
  try {
    for (let at = range.from; at < range.to; at += step) {
      const bytes = read(descriptor, at, Math.min(step, range.to - at));
      for (let done = 0; done < bytes.length; ) done += writeSync(target, bytes, done);
    }
  } finally {
    closeSync(target);
  }
}

function openTorn(path: string): number {
  const { O_WRONLY, O_CREAT, O_APPEND, O_NOFOLLOW, O_NONBLOCK } = constants;
  // O_NONBLOCK, as another user may have put a pipe there.
  const flags = O_WRONLY | O_CREAT | O_APPEND | (O_NOFOLLOW ?? 0) | (O_NONBLOCK ?? 0);
  let descriptor: number | null = null;
  try {
    descriptor = openSync(path, flags, 0o600);
    const status = fstatSync(descriptor);
    const why = status.isFile() ? foreignFile(status, process.geteuid?.()) : "is not a regular file";
    if (why !== null) throw new Error(why);
    return descriptor;
  } catch (cause) {
    if (descriptor !== null) closeSync(descriptor);
    throw new ToolError("torn-unwritable", `The journal's torn end cannot be kept in ${JSON.stringify(path)}.`, {
      hint: "Nothing was changed; move that file away, or name another file for --save.",
      cause,
    });
  }
}

function endOfLastLine(descriptor: number, size: number): number {
  for (let end = size; end > 0; end -= step) {
    const start = Math.max(0, end - step);
    const found = read(descriptor, start, end - start).lastIndexOf(10);
    if (found !== -1) return start + found + 1;
  }
  return 0;
}

function read(descriptor: number, at: number, length: number): Buffer {
  const bytes = Buffer.alloc(length);
  let done = 0;
  while (done < length) {
    const count = readSync(descriptor, bytes, done, length - done, at + done);
    if (count === 0) break;
    done += count;
  }
  return bytes.subarray(0, done);
}

function foreignError(path: string): ToolError {
  return new ToolError("journal-foreign", `${JSON.stringify(path)} exists and is not a journal of realmscope.`, {
    hint: "Nothing was written; name another file for --save.",
  });
}
