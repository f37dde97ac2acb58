// Standard input that must be read more than once. Short input stays in memory; longer input goes to a file without a
// name, encrypted with a key that is only in memory: raw captures hold secrets, which must not reach the disk.
import { createCipheriv, createDecipheriv, randomBytes } from "node:crypto";
import { closeSync, createReadStream, mkdtempSync, openSync, rmSync, writeSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ToolError } from "../../core/tool-error.ts";

export interface Spool {
  readonly size: number;
  /** All bytes from the beginning; may be called again, one reading at a time. */
  read(): AsyncIterable<Buffer>;
  close(): void;
}

export interface SpoolLimits {
  /** Bytes kept in memory before a file is created. */
  readonly inMemory: number;
  /** Bytes in total. */
  readonly inAll: number;
  readonly folder: string;
}

const defaults: SpoolLimits = { inMemory: 16 * 1024 ** 2, inAll: 16 * 1024 ** 3, folder: tmpdir() };

/** Reads bytes to their end. Rejects with ToolError `too-long` or `no-room`. */
export async function startSpool(bytes: AsyncIterable<Buffer>, limits: Partial<SpoolLimits> = {}): Promise<Spool> {
  const { inMemory, inAll, folder } = { ...defaults, ...limits };
  let pieces: Buffer[] = [];
  let size = 0;
  let file: SealedFile | null = null;
  try {
    for await (const piece of bytes) {
      size += piece.length;
      if (size > inAll) throw tooLong(inAll);
      pieces.push(piece);
      if (size <= inMemory) continue;
      file ??= new SealedFile(folder);
      for (const waiting of pieces) file.append(waiting);
      pieces = [];
    }
  } catch (cause) {
    file?.close();
    throw cause instanceof ToolError ? cause : noRoom(cause);
  }
  const sealed = file;
  return {
    size,
    read: () => (sealed === null ? inTurn(pieces) : sealed.read()),
    close: () => sealed?.close(),
  };
}

async function* inTurn(pieces: readonly Buffer[]): AsyncGenerator<Buffer> {
  yield* pieces;
}

const algorithm = "aes-256-ctr";

/** A file without a name: no other process can open it, and it vanishes with the program, however that ends. */
class SealedFile {
  readonly #descriptor: number;
  // Counter mode is safe here: the key is used for this file only, and each byte is written once.
  readonly #key = randomBytes(32);
  readonly #begin = randomBytes(16);
  readonly #cipher = createCipheriv(algorithm, this.#key, this.#begin);

  constructor(folder: string) {
    const own = mkdtempSync(join(folder, "realmscope-input-"));
    try {
      this.#descriptor = openSync(join(own, "sealed"), "wx+", 0o600);
    } finally {
      rmSync(own, { recursive: true, force: true });
    }
  }

  append(bytes: Buffer): void {
    const sealed = this.#cipher.update(bytes);
    for (let done = 0; done < sealed.length; ) done += writeSync(this.#descriptor, sealed, done);
  }

  async *read(): AsyncGenerator<Buffer> {
    const opener = createDecipheriv(algorithm, this.#key, this.#begin);
    const options = { fd: this.#descriptor, start: 0, autoClose: false, highWaterMark: 1024 * 1024 };
    for await (const sealed of createReadStream("", options) as AsyncIterable<Buffer>) yield opener.update(sealed);
  }

  close(): void {
    closeSync(this.#descriptor);
    this.#key.fill(0);
  }
}

function tooLong(limit: number): ToolError {
  return new ToolError("too-long", `Standard input is longer than ${limit} bytes.`, { hint });
}

function noRoom(cause: unknown): ToolError {
  const code: unknown = cause instanceof Error && "code" in cause ? cause.code : undefined;
  return new ToolError(
    "no-room",
    `Standard input cannot be stored for a second reading (${String(code ?? "error")}).`,
    {
      hint: `${hint} Or set TMPDIR to a folder with room.`,
      cause,
    },
  );
}

const hint = "Save it to a file and give that.";
