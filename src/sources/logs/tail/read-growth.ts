// Reads what was appended to a file that another program writes. The file is opened for reading only, and closed again after
// each read, so that its writer can move or delete it at any time.
import { type FileHandle, open, stat } from "node:fs/promises";

/** How far a file is read. */
export interface ReadPlace {
  /** Bytes from the start that were read. */
  readonly offset: number;
  /** The last bytes before `offset`: when they are others now, the file was written anew. */
  readonly before: Buffer;
}

/** `none`: nothing was appended. `rewritten`: the file is shorter than what was read of it, or holds other bytes there. */
export type Growth =
  | { readonly kind: "bytes"; readonly bytes: Buffer; readonly place: ReadPlace; readonly hasMore: boolean }
  | { readonly kind: "none" }
  | { readonly kind: "rewritten" }
  | { readonly kind: "failed"; readonly code: string };

/** Bytes kept before the offset: a row or two with their times and ids, which two different files do not have in common. */
const keptBefore = 4096;
/** One read. */
const chunkSize = 256 * 1024;

/** Nothing of a file is read. */
export const fileStart: ReadPlace = { offset: 0, before: Buffer.alloc(0) };

/** Reads at most 256 KiB from the place on, and not beyond `end`. Never rejects. */
export async function readGrowth(path: string, place: ReadPlace, end = Number.MAX_SAFE_INTEGER): Promise<Growth> {
  try {
    const status = await stat(path);
    // Opening a pipe would wait for its writer.
    if (!status.isFile()) return { kind: "failed", code: "not a file" };
    const { size } = status;
    if (size < place.offset) return { kind: "rewritten" };
    if (Math.min(size, end) === place.offset) return { kind: "none" };
    const file = await open(path, "r");
    try {
      return await readAppended(file, place, end);
    } finally {
      await file.close();
    }
  } catch (error) {
    return { kind: "failed", code: codeOf(error) };
  }
}

async function readAppended(file: FileHandle, { offset, before }: ReadPlace, end: number): Promise<Growth> {
  const { size } = await file.stat();
  if (size < offset) return { kind: "rewritten" };
  const length = Math.min(chunkSize, Math.min(size, end) - offset);
  const buffer = Buffer.allocUnsafe(before.length + length);
  const count = await readFully(file, buffer, offset - before.length);
  if (!buffer.subarray(0, before.length).equals(before)) return { kind: "rewritten" };
  const bytes = buffer.subarray(before.length, Math.max(before.length, count));
  if (bytes.length === 0) return { kind: "none" };
  const kept = Buffer.from(buffer.subarray(Math.max(0, count - keptBefore), count));
  const next = { offset: offset + bytes.length, before: kept };
  return { kind: "bytes", bytes, place: next, hasMore: next.offset < Math.min(size, end) };
}

async function readFully(file: FileHandle, target: Buffer, from: number): Promise<number> {
  let done = 0;
  while (done < target.length) {
    const { bytesRead } = await file.read(target, done, target.length - done, from + done);
    if (bytesRead === 0) break;
    done += bytesRead;
  }
  return done;
}

/** The code of an error of the file system. */
export function codeOf(error: unknown): string {
  const code: unknown = error instanceof Error && "code" in error ? error.code : undefined;
  return typeof code === "string" ? code : "error";
}
