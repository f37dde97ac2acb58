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
 * A file that grows at its end. Bytes are written in another thread, whole or not at all: what a full disk cut short is taken
 * back. Each write names its place in the file, so that one that may be under way when the process ends can be done once
 * more without harm: the same bytes come to the same place. One `append` at a time; rejects with the system's error.
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

  /** How many lines the write has that is under way; 0 when there is none. */
  get linesUnderWay(): number {
    return this.#underWay?.lines ?? 0;
  }

  /** `onWritten` is called in the very moment from which on nothing is under way. */
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

  /** Writes before it returns, for a process that begins or ends: what is under way once more, and these behind it. */
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

  /** The file is as long as that, whoever made it so. */
  setSize(size: number): void {
    this.#size = size;
  }

  /** True when the last line has its end. */
  isAtLineStart(): boolean {
    const last = Buffer.alloc(1);
    return this.#size === 0 || readSync(this.#descriptor, last, 0, 1, this.#size - 1) === 0 || last[0] === 10;
  }

  /** True when there are no bytes where the file begins: somebody cut it in the moment of a write, which left a hole before it. */
  async hasHole(): Promise<boolean> {
    const first = Buffer.alloc(1);
    return (await readSome(this.#descriptor, first, 0, 1, 0)).bytesRead === 1 && first[0] === 0;
  }

  /** Empties a file with a hole; gives what stood behind it, of which nothing is before `from`. */
  async cutHole(from: number): Promise<Buffer> {
    const bytes = Buffer.alloc(this.#size - from);
    const { bytesRead } = await readSome(this.#descriptor, bytes, 0, bytes.length, from);
    ftruncateSync(this.#descriptor, 0);
    this.#size = 0;
    const begin = bytes.findIndex((byte) => byte !== 0);
    return begin === -1 ? Buffer.alloc(0) : bytes.subarray(begin, bytesRead);
  }

  /** Goes on in another file; gives the descriptor of this one, which is the caller's then. */
  switchTo({ descriptor, size }: OpenedFile): number {
    const left = this.#descriptor;
    this.#descriptor = descriptor;
    this.#size = size;
    this.#hasHalf = false;
    return left;
  }

  /** Where it cannot be done now it is done before the next bytes. */
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
