import { createReadStream } from "node:fs";
import { readdir, stat } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import type { Readable } from "node:stream";
import { createGunzip, createInflate } from "node:zlib";
import { segmentNumber } from "../core/journal-name.ts";
import { ToolError } from "../core/tool-error.ts";

export interface ByteInput {
  /** The first bytes, unpacked, at least one unless the input is empty; they come again in `chunks`. */
  readonly start: Buffer;
  readonly chunks: AsyncIterable<Buffer>;
  /** True once the packed input has turned out to be cut or damaged: what was unpacked before was given. */
  isDamaged(): boolean;
}

const chunkSize = 1024 * 1024;
/** What one file may unpack to: more is a bomb, not a capture. */
const unpackedLimit = 16 * 1024 ** 3;

/**
 * Opens a file, or standard input for `-`; unpacks gzip and zlib (`.zhar`) by their first bytes. The older parts of a
 * rotated journal come before the file that has its name. Throws ToolError.
 */
export async function openInput(path: string): Promise<ByteInput> {
  const parts = path === "-" ? [] : await olderParts(path);
  const raw = path === "-" ? process.stdin : parts.length > 0 ? chained(parts, path) : await openFile(path);
  const packed = raw[Symbol.asyncIterator]() as AsyncIterator<Buffer>;
  const first = await nextOf(packed, path);
  const damage = { isDamaged: false };
  const isGzip = first[0] === 0x1f && first[1] === 0x8b;
  // RFC 1950 §2.2: deflate with a window of 32 KiB, and the header's check bits.
  const isZlib = first[0] === 0x78 && ((first[0] << 8) | (first[1] ?? 0)) % 31 === 0;
  if (!isGzip && !isZlib) return { start: first, chunks: rejoin(first, packed, path), isDamaged: () => false };
  const unpacked = unpack(rejoin(first, packed, path), isGzip ? createGunzip() : createInflate(), damage);
  const start = await nextOf(unpacked, path);
  return { start, chunks: rejoin(start, unpacked, path), isDamaged: () => damage.isDamaged };
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

/** A journal whose writer died between two parts has no file of its own name. */
async function* chained(parts: readonly string[], journal: string): AsyncGenerator<Buffer> {
  const isThere = await stat(journal).then(
    () => true,
    () => false,
  );
  for (const part of isThere ? [...parts, journal] : parts) yield* await openFile(part);
}

async function openFile(path: string): Promise<Readable> {
  try {
    const status = await stat(path);
    if (!status.isDirectory()) return createReadStream(path, { highWaterMark: chunkSize });
  } catch (error) {
    throw unreadable(path, error);
  }
  throw new ToolError("folder", `${JSON.stringify(path)} is a folder.`, { hint: "Name the captures in it." });
}

async function nextOf(chunks: AsyncIterator<Buffer>, path: string): Promise<Buffer> {
  try {
    const next = await chunks.next();
    return next.done === true ? Buffer.alloc(0) : next.value;
  } catch (error) {
    throw unreadable(path, error);
  }
}

async function* rejoin(first: Buffer, rest: AsyncIterator<Buffer>, path: string): AsyncGenerator<Buffer> {
  if (first.length > 0) yield first;
  for (;;) {
    const chunk = await nextOf(rest, path);
    if (chunk.length === 0) return;
    yield chunk;
  }
}

async function* unpack(
  packed: AsyncIterable<Buffer>,
  stream: ReturnType<typeof createGunzip | typeof createInflate>,
  damage: { isDamaged: boolean },
): AsyncGenerator<Buffer> {
  const feeding = feed(packed, stream);
  let total = 0;
  try {
    for await (const chunk of stream as AsyncIterable<Buffer>) {
      total += chunk.length;
      if (total > unpackedLimit) break;
      yield chunk;
    }
    if (total > unpackedLimit) damage.isDamaged = true;
  } catch {
    // Cut or damaged: the reader above tells it, after the whole entries before it.
    damage.isDamaged = true;
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

function unreadable(path: string, error: unknown): ToolError {
  if (error instanceof ToolError) return error;
  const code: unknown = error instanceof Error && "code" in error ? error.code : undefined;
  const why = code === "ENOENT" ? "does not exist" : `cannot be read (${typeof code === "string" ? code : "error"})`;
  return new ToolError("unreadable", `${JSON.stringify(path)} ${why}.`, {
    hint: "Check the path and its permissions.",
    cause: error,
  });
}
