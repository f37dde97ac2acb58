// The bytes of one log file. Plain files share one buffer: hundreds of logs are open in turn, never two of them read at once.
import { closeSync, fstatSync, open, read } from "node:fs";
import { promisify } from "node:util";
import { type ByteInput, openInput, toUtf8 } from "../input/byte-input.ts";
import { isGzip, isZlib } from "../input/capture-kind.ts";
import { wideOf } from "../input/log-mark.ts";
import type { LogFile, PackedLog } from "./log-file.ts";

/** The bytes of a log, unpacked and as UTF-8. */
export interface LogBytes {
  /** The next bytes, valid until the next call for any log; null at the end. Throws the file system's error or ToolError. */
  next(): Promise<Buffer | null>;
  /** Bytes read so far, as they are on the disk. */
  done(): number;
  /** The file ended before the size that it had when it was opened, or what is packed in it is cut or damaged. */
  isCut(): boolean;
  close(): void;
}

const openFile = promisify(open);
const readFile = promisify(read);
const shared = Buffer.allocUnsafeSlow(2 * 1024 * 1024);

/** Opens a log, also in a ZIP file. Rejects with the file system's error, or ToolError. */
export async function openLogBytes({ path, packed }: LogFile): Promise<LogBytes> {
  return packed === undefined ? openLogFile(path) : packedBytes(packed);
}

/** Opens a file. Rejects with the file system's error, or ToolError. */
async function openLogFile(path: string): Promise<LogBytes> {
  const descriptor = await openFile(path, "r");
  let isOpen = true;
  const close = (): void => {
    if (isOpen) closeSync(descriptor);
    isOpen = false;
  };
  try {
    const status = fstatSync(descriptor);
    const { bytesRead } = await readFile(descriptor, shared, 0, 4, 0);
    const start = shared.subarray(0, bytesRead);
    if (status.isFile() && !isGzip(start) && !isZlib(start) && wideOf(start) === null)
      return plainBytes(descriptor, status.size, close);
  } catch (error) {
    close();
    throw error;
  }
  close();
  return inputBytes(await openInput(path));
}

function plainBytes(descriptor: number, size: number, close: () => void): LogBytes {
  let done = 0;
  let isAtEnd = false;
  return {
    async next() {
      const { bytesRead } = await readFile(descriptor, shared, 0, shared.length, done);
      done += bytesRead;
      isAtEnd = bytesRead === 0;
      return isAtEnd ? null : shared.subarray(0, bytesRead);
    },
    done: () => done,
    isCut: () => isAtEnd && done < size,
    close,
  };
}

async function packedBytes(packed: PackedLog): Promise<LogBytes> {
  const { readPacked } = await import("./zip-package.ts");
  const state = { done: 0, isDamaged: false };
  const pieces = readPacked(packed, (bytes) => {
    state.done += bytes;
  });
  const text = toUtf8(pieces);
  return {
    async next() {
      try {
        const piece = await text.next();
        return piece.done === true ? null : piece.value;
      } catch {
        // What was unpacked before the damage counts.
        state.isDamaged = true;
        return null;
      }
    },
    done: () => state.done,
    isCut: () => state.isDamaged,
    close: () => void text.return(undefined),
  };
}

/** The bytes of an opened input. */
export function inputBytes(input: ByteInput): LogBytes {
  const chunks = input.chunks[Symbol.asyncIterator]();
  return {
    async next() {
      const chunk = await chunks.next();
      return chunk.done === true ? null : chunk.value;
    },
    done: () => input.progress().done,
    isCut: () => input.isDamaged(),
    close: () => void chunks.return?.(),
  };
}
