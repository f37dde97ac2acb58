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

interface Chunk {
  readonly buffer: Buffer;
  readonly bytesRead: number;
}

async function* readChunks(file: number, reuse: ChunkReuse): AsyncGenerator<Buffer> {
  let spare: Buffer | null = null;
  let reading = begin(file, spare);
  try {
    for (;;) {
      const { buffer, bytesRead } = await reading;
      if (bytesRead === 0) return;
      reading = begin(file, spare);
      yield buffer.subarray(0, bytesRead);
      spare = reuse.isOn ? buffer : null;
    }
  } finally {
    // The number may be another file's once it is closed.
    await reading.catch(() => undefined);
  }
}

function begin(file: number, spare: Buffer | null): Promise<Chunk> {
  const reading = readFile(file, spare ?? Buffer.allocUnsafeSlow(chunkSize), 0, chunkSize, null);
  // Whoever asks for the chunk gets the error; until then it is nobody's.
  reading.catch(() => undefined);
  return reading;
}
