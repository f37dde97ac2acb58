import { close, constants, lstatSync, open, read, readdirSync } from "node:fs";
import { rename, unlink } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { promisify } from "node:util";
import { foreignFile } from "../../core/file-owner.ts";
import { segmentName, segmentNumber } from "../../core/journal-name.ts";
import { ToolError } from "../../core/tool-error.ts";

interface Segment {
  readonly path: string;
  readonly number: number;
  readonly bytes: number;
}

/** The older parts of one journal, on disk. Both methods reject with the file system's errors. */
export interface JournalSegments {
  /** Renames the journal's file to the next number and creates an empty one under its name; resolves to the new descriptor. */
  rotate(bytes: number): Promise<number>;
  /** Deletes the oldest parts until the others and `current` bytes are within `bound`; resolves to the number deleted. */
  prune(current: number, bound: number): Promise<number>;
}

/** Finds the existing older parts, so that appending continues their numbers. Throws ToolError `journal-unusable`. */
export function findSegments(journal: string): JournalSegments {
  const folder = dirname(journal);
  const name = basename(journal);
  const segments: Segment[] = listFolder(folder, journal)
    .flatMap((file): Segment[] => {
      const number = segmentNumber(name, file);
      return number === null ? [] : [{ path: join(folder, file), number, bytes: sizeOfPart(join(folder, file)) }];
    })
    .sort((one, other) => one.number - other.number);
  let last = segments.at(-1)?.number ?? 0;
  return {
    async rotate(bytes) {
      const number = last + 1;
      const path = segmentName(journal, number);
      await rename(journal, path);
      try {
        const descriptor = await createFile(journal);
        segments.push({ path, number, bytes });
        last = number;
        return descriptor;
      } catch (error) {
        // The open file gets its own name back.
        await rename(path, journal);
        throw error;
      }
    },
    async prune(current, bound) {
      let total = segments.reduce((sum, { bytes }) => sum + bytes, current);
      let deleted = 0;
      while (total > bound && segments.length > 0) {
        const [oldest] = segments.splice(0, 1);
        if (oldest === undefined || !(await isJournal(oldest.path))) continue;
        await unlink(oldest.path);
        total -= oldest.bytes;
        deleted += 1;
      }
      return deleted;
    },
  };
}

function listFolder(folder: string, journal: string): readonly string[] {
  try {
    return readdirSync(folder);
  } catch (cause) {
    throw new ToolError("journal-unusable", `The folder of ${JSON.stringify(journal)} cannot be listed.`, {
      hint: "Name another file for --save, in a folder of your own that you may read.",
      cause,
    });
  }
}

/** Refuses a part that another user owns or has a hard link to, because it would be read as part of this capture. */
function sizeOfPart(path: string): number {
  const status = lstatSync(path);
  const why = status.isFile() ? foreignFile(status, process.geteuid?.()) : "is not a regular file";
  if (why === null) return status.size;
  throw new ToolError("journal-unusable", `${JSON.stringify(path)}, a part of the journal by its name, ${why}.`, {
    hint: "Name another file for --save, in a folder of your own.",
  });
}

const openFile = promisify(open);
const readFile = promisify(read);
const closeFile = promisify(close);

function createFile(path: string): Promise<number> {
  const { O_RDWR, O_CREAT, O_EXCL, O_NOFOLLOW } = constants;
  return openFile(path, O_RDWR | O_CREAT | O_EXCL | (O_NOFOLLOW ?? 0), 0o600);
}

/** A name alone proves nothing; only a file that begins as a journal is deleted. */
async function isJournal(path: string): Promise<boolean> {
  const start = Buffer.alloc(12);
  const descriptor = await openFile(path, constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0));
  try {
    await readFile(descriptor, start, 0, start.length, 0);
  } finally {
    await closeFile(descriptor);
  }
  return start.equals(Buffer.from('{"k":"head",'));
}
