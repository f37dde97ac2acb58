import { type BigIntStats, fstat, ftruncateSync, read, readSync, write, writeSync } from "node:fs";
import { promisify } from "node:util";

export interface OpenedFile {
  readonly descriptor: number;
  /** Bytes in the file when it was opened. */
  readonly size: number;
}

const writeSome = promisify(write);
const readSome = promisify(read);
const statOf = promisify(fstat);

/**
 * A file that grows at its end. Bytes are written in another thread, whole or not at all: a partial write on a full disk is cut
 * off again. Each write has an explicit offset, so that a write in progress when the process ends can be repeated without harm:
 * the same bytes go to the same place. One `append` at a time; it rejects with the system's error.
 */
export class LineFile {
  #descriptor: number;
  #size: number;
  #hasHalf = false;
  #underWay: { readonly bytes: Buffer; readonly lines: number } | null = null;

  constructor({ descriptor, size }: OpenedFile) {
    this.#descriptor = descriptor;
    this.#size = size;
  }

  get descriptor(): number {
    return this.#descriptor;
  }

  get size(): number {
    return this.#size;
  }

  /** Number of lines in the write that is in progress; 0 when there is none. */
  get linesUnderWay(): number {
    return this.#underWay?.lines ?? 0;
  }

  /** Appends bytes; `onWritten` is called synchronously when the write has ended. */
  async append(bytes: Buffer, lines = 0, onWritten: () => void = () => undefined): Promise<void> {
    if (this.#hasHalf) this.#takeBack();
    this.#underWay = { bytes, lines };
    try {
      for (let done = 0; done < bytes.length; ) {
        const place = this.#size + done;
        done += (await writeSome(this.#descriptor, bytes, done, bytes.length - done, place)).bytesWritten;
      }
    } catch (error) {
      this.#underWay = null;
      this.#failed();
      throw error;
    }
    this.#size += bytes.length;
    this.#underWay = null;
    onWritten();
  }

  /** Writes synchronously, for a process that starts or ends: repeats the write in progress and appends the bytes after it. */
  appendNow(bytes: Buffer): void {
    if (this.#hasHalf) this.#takeBack();
    const all = this.#underWay === null ? bytes : Buffer.concat([this.#underWay.bytes, bytes]);
    try {
      for (let done = 0; done < all.length; ) {
        done += writeSync(this.#descriptor, all, done, all.length - done, this.#size + done);
      }
      this.#size += all.length;
    } catch (error) {
      this.#failed();
      throw error;
    }
  }

  status(): Promise<BigIntStats> {
    return statOf(this.#descriptor, { bigint: true });
  }

  /** Sets the size from which the next write continues, after another program changed the file. */
  setSize(size: number): void {
    this.#size = size;
  }

  /** True when the file is empty or ends with a line end. */
  isAtLineStart(): boolean {
    const last = Buffer.alloc(1);
    return this.#size === 0 || readSync(this.#descriptor, last, 0, 1, this.#size - 1) === 0 || last[0] === 10;
  }

  /** True when the file begins with zero bytes: it was truncated during a write, which left a hole before the written bytes. */
  async hasHole(): Promise<boolean> {
    const first = Buffer.alloc(1);
    return (await readSome(this.#descriptor, first, 0, 1, 0)).bytesRead === 1 && first[0] === 0;
  }

  /** Empties a file with a hole and returns the bytes after it; none of them is before offset `from`. */
  async cutHole(from: number): Promise<Buffer> {
    const bytes = Buffer.alloc(this.#size - from);
    const { bytesRead } = await readSome(this.#descriptor, bytes, 0, bytes.length, from);
    ftruncateSync(this.#descriptor, 0);
    this.#size = 0;
    const begin = bytes.findIndex((byte) => byte !== 0);
    return begin === -1 ? Buffer.alloc(0) : bytes.subarray(begin, bytesRead);
  }

  /** Continues in another file; returns the previous descriptor, which the caller must close. */
  switchTo({ descriptor, size }: OpenedFile): number {
    const left = this.#descriptor;
    this.#descriptor = descriptor;
    this.#size = size;
    this.#hasHalf = false;
    return left;
  }

  /** Cuts the partial write off; if that fails, it is repeated before the next write. */
  #failed(): void {
    this.#hasHalf = true;
    try {
      this.#takeBack();
    } catch {
      return;
    }
  }

  #takeBack(): void {
    ftruncateSync(this.#descriptor, this.#size);
    this.#hasHalf = false;
  }
}
