import { close, open, read } from "node:fs";
import { promisify } from "node:util";

/** Whether a chunk's memory may be used again once the next chunk is asked for. */
export interface ChunkReuse {
  isOn: boolean;
}

const chunkSize = 1024 * 1024;
const openFile = promisify(open);
const readFile = promisify(read);
const closeFile = promisify(close);

/**
 * The bytes of files, one after the other; the next chunk is read while one is looked at. Memory outside the heap is dear
 * when there is a new piece of it for every chunk: the collector counts it as its own.
 */
export async function* readFiles(paths: readonly string[], reuse: ChunkReuse): AsyncGenerator<Buffer> {
  for (const path of paths) {
    // A number and no FileHandle: who asks for the beginning alone goes away without a word, and a handle complains of that.
    const file = await openFile(path, "r");
    try {
      yield* readChunks(file, reuse);
    } finally {
      await closeFile(file);
    }
  }
}

/** What reading ahead came to. Whoever asks for the chunk is told of an error; until then, and if nobody asks, it is nobody's. */
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
    // The number may be another file's once it is closed.
    await reading;
  }
}

function begin(file: number, spare: Buffer | null): Promise<Chunk> {
  const buffer = spare ?? Buffer.allocUnsafeSlow(chunkSize);
  return readFile(file, buffer, 0, chunkSize, null).catch((error: unknown) => ({ error }));
}
