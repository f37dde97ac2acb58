// Bytes by their offset, for formats that are read from their end. Small reads near each other, as in a ZIP directory,
// are served from one window: a system call for each would take longer than the rest of the work.
import { closeSync, fstatSync, openSync, readSync } from "node:fs";

export interface RandomAccessBytes {
  readonly size: number;
  /**
   * Fills `target` from offset `place`; returns the number of bytes, fewer at the end. Throws the file system's error.
   */
  read(target: Uint8Array, place: number): number;
  close(): void;
}

/** Opens a file. Throws the file system's error. */
export function openRandomAccess(path: string): RandomAccessBytes {
  const descriptor = openSync(path, "r");
  const window = new Window(descriptor);
  return {
    size: fstatSync(descriptor).size,
    read: (target, place) =>
      target.length > windowSize ? readAll(descriptor, target, place) : window.read(target, place),
    close: () => closeSync(descriptor),
  };
}

/** Bytes in memory, in pieces: joining them would need as much memory again. */
export function randomAccessTo(pieces: readonly Buffer[]): RandomAccessBytes {
  const starts: number[] = [];
  let size = 0;
  for (const piece of pieces) {
    starts.push(size);
    size += piece.length;
  }
  return {
    size,
    read(target, place) {
      let done = 0;
      for (let index = pieceAt(starts, place); done < target.length && index < pieces.length; index++) {
        const piece = pieces[index];
        const from = place + done - (starts[index] ?? 0);
        if (piece !== undefined) done += piece.copy(target, done, from, from + target.length - done);
      }
      return done;
    },
    close: () => undefined,
  };
}

/** Index of the last piece that begins at or before the offset. */
function pieceAt(starts: readonly number[], place: number): number {
  let [low, high] = [0, starts.length];
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    if ((starts[middle] ?? 0) <= place) low = middle;
    else high = middle;
  }
  return low;
}

const windowSize = 128 * 1024;

class Window {
  readonly #descriptor: number;
  readonly #bytes = Buffer.allocUnsafe(windowSize);
  #start = 0;
  #length = 0;

  constructor(descriptor: number) {
    this.#descriptor = descriptor;
  }

  read(target: Uint8Array, place: number): number {
    if (place < this.#start || place + target.length > this.#start + this.#length) {
      this.#length = 0;
      this.#length = readAll(this.#descriptor, this.#bytes, place);
      this.#start = place;
    }
    const from = place - this.#start;
    return this.#bytes.copy(target, 0, from, Math.min(from + target.length, this.#length));
  }
}

function readAll(descriptor: number, target: Uint8Array, place: number): number {
  let done = 0;
  while (done < target.length) {
    const length = readSync(descriptor, target, done, target.length - done, place + done);
    if (length === 0) break;
    done += length;
  }
  return done;
}
