// Standard input that is to be read more than once. What is short stays in memory; the rest goes to a file that has no name,
// in a cipher whose key is in memory alone: what was piped in was not made safe yet, and no secret is written to a disk.
import { createCipheriv, createDecipheriv, randomBytes } from "node:crypto";
import { closeSync, createReadStream, mkdtempSync, openSync, rmSync, writeSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ToolError } from "../../core/tool-error.ts";

export interface Spool {
  readonly size: number;
  /** Everything from the beginning, as often as it is asked for, one reading at a time. */
  read(): AsyncIterable<Buffer>;
  close(): void;
}

export interface SpoolLimits {
  /** Bytes that are kept in memory before a file is begun. */
  readonly inMemory: number;
  /** Bytes in all. */
  readonly inAll: number;
  readonly folder: string;
}

const defaults: SpoolLimits = { inMemory: 16 * 1024 ** 2, inAll: 16 * 1024 ** 3, folder: tmpdir() };

/** Takes in bytes to their end. Throws ToolError when there are too many, or no room for them. */
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

/** A file without a name: nobody else can open it, and it is gone when the program ends, however it ends. */
class SealedFile {
  readonly #descriptor: number;
  // Counter mode: the key is of this file alone, and each byte of it is written once.
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
  return new ToolError("no-room", `Standard input cannot be kept to be read twice (${String(code ?? "error")}).`, {
    hint: `${hint} TMPDIR names another folder to keep it in.`,
    cause,
  });
}

const hint = "Save it to a file and name that.";
