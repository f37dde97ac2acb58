// The bytes of a capture, from a file, the parts of a rotated journal, or standard input; unpacked, and as UTF-8.
import { close, open, read } from "node:fs";
import { readdir, stat } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { promisify } from "node:util";
import { createGunzip, createInflate } from "node:zlib";
import { segmentNumber } from "../../core/journal-name.ts";
import { ToolError } from "../../core/tool-error.ts";
import { isGzip, isZlib } from "./capture-kind.ts";
import { wideOf } from "./log-mark.ts";
import type { Spool } from "./spool.ts";

export interface ByteInput {
  /** The first bytes, unpacked, at least one unless the input is empty; `chunks` repeats them. */
  readonly start: Buffer;
  readonly chunks: AsyncIterable<Buffer>;
  /** The bytes are those of one file that is not packed: a span can be read again by its offset. */
  readonly isPlainFile: boolean;
  /** Declares that no chunk is used after the next one is requested, so that its memory may be reused. */
  reuseChunks(): void;
  /** True once packed input has proved to be cut or damaged; what was unpacked before that is in `chunks`. */
  isDamaged(): boolean;
  progress(): Progress;
}

/** Bytes read, as they are on the disk. */
export interface Progress {
  readonly done: number;
  /** Null when unknown: standard input. */
  readonly total: number | null;
}

/** A file that unpacks to more is a bomb, not a capture. */
const unpackedLimit = 16 * 1024 ** 3;

/**
 * Opens a file, or standard input for `-`. Unpacks gzip and zlib (`.zhar`), recognised by their first bytes, and
 * converts UTF-16 to UTF-8. The older parts of a rotated journal come before the file of its name. With `spool`,
 * standard input is read from there. Throws ToolError `unreadable` or `folder`.
 */
export async function openInput(path: string, spool: Spool | null = null): Promise<ByteInput> {
  const reuse: ChunkReuse = { isOn: false };
  const raw = path === "-" ? openStandardInput(spool) : await openFiles(path, reuse);
  const state: State = { path, done: 0, isDamaged: false };
  const counted = count(raw.bytes, state);
  const first = await nextOf(counted, path);
  const packed = rejoin(first, counted, path);
  const bytes = isGzip(first) || isZlib(first) ? unpack(packed, first, state) : packed;
  const begun = await nextOf(bytes, path);
  const text = toUtf8(rejoin(begun, bytes, path));
  const start = await nextOf(text, path);
  // The first bytes are equal when nothing was unpacked or converted.
  const isUnchanged = bytes === packed && start.equals(begun);
  return {
    start,
    isPlainFile: raw.isOneFile && isUnchanged,
    chunks: rejoin(start, text, path),
    reuseChunks() {
      reuse.isOn = isUnchanged;
    },
    isDamaged: () => state.isDamaged,
    progress: () => ({ done: state.done, total: raw.size }),
  };
}

interface State {
  readonly path: string;
  done: number;
  isDamaged: boolean;
}

type Bytes = AsyncIterator<Buffer>;

interface RawBytes {
  readonly bytes: AsyncIterable<Buffer>;
  readonly size: number | null;
  readonly isOneFile: boolean;
}

function openStandardInput(spool: Spool | null): RawBytes {
  return { bytes: spool?.read() ?? process.stdin, size: spool?.size ?? null, isOneFile: false };
}

async function openFiles(path: string, reuse: ChunkReuse): Promise<RawBytes> {
  const parts = await olderParts(path);
  const size = await sizeOf(path, parts.length > 0);
  const sizes = await Promise.all(parts.map((part) => sizeOf(part, false)));
  // A journal whose writer died between two parts has parts only.
  const files = size === null ? parts : [...parts, path];
  const whole = sizes.reduce<number>((sum, one) => sum + (one ?? 0), size ?? 0);
  return { bytes: readFiles(files, reuse), size: whole, isOneFile: parts.length === 0 };
}

async function olderParts(journal: string): Promise<readonly string[]> {
  const names = await readdir(dirname(journal)).catch((): string[] => []);
  const name = basename(journal);
  return names
    .map((file) => ({ path: join(dirname(journal), file), number: segmentNumber(name, file) }))
    .filter(({ number }) => number !== null)
    .sort((one, other) => Number(one.number) - Number(other.number))
    .map(({ path }) => path);
}

async function sizeOf(path: string, mayBeMissing: boolean): Promise<number | null> {
  try {
    const status = await stat(path);
    if (!status.isDirectory()) return status.size;
  } catch (error) {
    if (mayBeMissing) return null;
    throw unreadable(path, error);
  }
  throw new ToolError("folder", `${JSON.stringify(path)} is a folder.`, { hint: "Name the captures in it." });
}

async function* count(bytes: AsyncIterable<Buffer>, state: State): AsyncGenerator<Buffer> {
  for await (const chunk of bytes) {
    state.done += chunk.length;
    yield chunk;
  }
}

async function nextOf(chunks: Bytes, path: string): Promise<Buffer> {
  try {
    const next = await chunks.next();
    return next.done === true ? Buffer.alloc(0) : next.value;
  } catch (error) {
    throw unreadable(path, error);
  }
}

async function* rejoin(first: Buffer, rest: Bytes, path: string): AsyncGenerator<Buffer> {
  if (first.length > 0) yield first;
  for (;;) {
    const chunk = await nextOf(rest, path);
    if (chunk.length === 0) return;
    yield chunk;
  }
}

async function* unpack(packed: AsyncIterable<Buffer>, first: Buffer, state: State): AsyncGenerator<Buffer> {
  const stream = isGzip(first) ? createGunzip() : createInflate();
  const feeding = feed(packed, stream);
  let total = 0;
  try {
    for await (const chunk of stream as AsyncIterable<Buffer>) {
      total += chunk.length;
      if (total > unpackedLimit) break;
      yield chunk;
    }
    if (total > unpackedLimit) state.isDamaged = true;
  } catch {
    // Cut or damaged: the format reader reports it, after the whole entries before it.
    state.isDamaged = true;
  }
  await feeding;
}

async function feed(packed: AsyncIterable<Buffer>, stream: ReturnType<typeof createGunzip>): Promise<void> {
  for await (const chunk of packed) {
    if (stream.destroyed) return;
    if (!stream.write(chunk)) await new Promise((resolve) => stream.once("drain", resolve).once("close", resolve));
  }
  stream.end();
}

/** Converts UTF-16 to UTF-8; all other bytes are unchanged. */
export async function* toUtf8(bytes: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  let decoder: InstanceType<typeof TextDecoder> | null | undefined;
  for await (const chunk of bytes) {
    if (decoder === undefined) {
      const wide = wideOf(chunk);
      decoder = wide === null ? null : new TextDecoder(wide);
    }
    if (decoder === null) {
      yield chunk;
      continue;
    }
    const text = decoder.decode(chunk, { stream: true });
    if (text !== "") yield Buffer.from(text, "utf8");
  }
  const rest = decoder?.decode() ?? "";
  if (rest !== "") yield Buffer.from(rest, "utf8");
}

function unreadable(path: string, error: unknown): ToolError {
  if (error instanceof ToolError) return error;
  const code: unknown = error instanceof Error && "code" in error ? error.code : undefined;
  const why = code === "ENOENT" ? "does not exist" : `cannot be read (${typeof code === "string" ? code : "error"})`;
  return new ToolError("unreadable", `${JSON.stringify(path)} ${why}.`, {
    hint: "Check the path and its permissions.",
    cause: error,
  });
}

/** Whether the memory of a chunk may be reused once the next chunk is requested. */
interface ChunkReuse {
  isOn: boolean;
}

const chunkSize = 1024 * 1024;
const openFile = promisify(open);
const readFile = promisify(read);
const closeFile = promisify(close);

/**
 * The bytes of files, one after the other; the next chunk is read while one is processed. Chunks are reused because new
 * memory outside the heap for each of them triggers garbage collections.
 */
async function* readFiles(paths: readonly string[], reuse: ChunkReuse): AsyncGenerator<Buffer> {
  for (const path of paths) {
    // A descriptor, not a FileHandle: a consumer may stop early, and Node warns about a handle that is collected while
    // open.
    const file = await openFile(path, "r");
    try {
      yield* readChunks(file, reuse);
    } finally {
      await closeFile(file);
    }
  }
}

/** The result of reading ahead. An error is thrown only when its chunk is requested. */
type Chunk = { readonly buffer: Buffer; readonly bytesRead: number } | { readonly error: unknown };

async function* readChunks(file: number, reuse: ChunkReuse): AsyncGenerator<Buffer> {
  let spare: Buffer | null = null;
  let reading = begin(file, spare);
  try {
    for (;;) {
      const chunk = await reading;
      if ("error" in chunk) throw chunk.error;
      const { buffer, bytesRead } = chunk;
      if (bytesRead === 0) return;
      reading = begin(file, spare);
      yield buffer.subarray(0, bytesRead);
      spare = reuse.isOn ? buffer : null;
    }
  } finally {
    // After close the descriptor may belong to another file: wait for the pending read.
    await reading;
  }
}

function begin(file: number, spare: Buffer | null): Promise<Chunk> {
  const buffer = spare ?? Buffer.allocUnsafeSlow(chunkSize);
  return readFile(file, buffer, 0, chunkSize, null).catch((error: unknown) => ({ error }));
}
