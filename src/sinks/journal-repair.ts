import { appendFileSync, fchmodSync, fstatSync, ftruncateSync, readSync } from "node:fs";
import { ToolError } from "../core/tool-error.ts";

export interface Repair {
  /** Bytes of the unfinished line that were moved to the file beside the journal whose name ends in `.torn`. */
  readonly bytes: number;
}

const headStart = '{"k":"head","schema":"realmscope.journal/1"';
const step = 64 * 1024;

/**
 * Makes an opened file ready to be appended to: empty or a journal, closed to others, without a torn last line.
 * Throws ToolError for any other file and changes nothing of it.
 */
export function prepareJournalFile(descriptor: number, path: string): { size: number; repaired: Repair | null } {
  const status = fstatSync(descriptor);
  if (!status.isFile()) throw foreign(path);
  if (status.size > 0 && !read(descriptor, 0, headStart.length).equals(Buffer.from(headStart))) throw foreign(path);
  fchmodSync(descriptor, 0o600);
  const whole = endOfLastLine(descriptor, status.size);
  if (whole === status.size) return { size: whole, repaired: null };
  for (let at = whole; at < status.size; at += step) {
    appendFileSync(`${path}.torn`, read(descriptor, at, Math.min(step, status.size - at)), { mode: 0o600 });
  }
  ftruncateSync(descriptor, whole);
  return { size: whole, repaired: { bytes: status.size - whole } };
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

function foreign(path: string): ToolError {
  return new ToolError("journal-foreign", `${JSON.stringify(path)} exists and is no journal of realmscope.`, {
    hint: "Nothing was written; name another file for --save.",
  });
}
