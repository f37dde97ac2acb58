// The file of a journal, and the parts it is divided into. Nothing here is called while another call is under way, and none
// makes the traffic wait. Every so often it is looked whether the file is
// still there and as long as it must be.
import { type BigIntStats, close, closeSync, fdatasync, fstatSync, lstat, lstatSync } from "node:fs";
import { promisify } from "node:util";
import { LineFile, type OpenedFile } from "../line-file.ts";
import { codeOf } from "../system-error.ts";
import { withChecksum } from "./journal-record.ts";
import type { JournalSegments } from "./journal-segments.ts";

export interface Rotation {
  /** A part is closed before it would grow beyond this. */
  readonly maxBytes: number;
  /** A part is closed when it is this old; null for never. */
  readonly maxAgeMs: number | null;
  /** All parts together; the oldest are deleted to stay within it. Null keeps all. */
  readonly keepBytes: number | null;
}

/** One record as it stands in the file. */
export interface Line {
  /** ASCII, with its line end. */
  readonly text: string;
  /** Number of the record. */
  readonly n: number;
  /** When it was made, epoch milliseconds: the age of a part goes by it. */
  readonly at: number;
  readonly isTransaction: boolean;
  readonly onWritten?: (() => void) | undefined;
}

export interface FileOptions extends OpenedFile {
  readonly path: string;
  /** What the first line of every part says beside its place. */
  readonly head: object;
  readonly rotation: (Rotation & { readonly segments: JournalSegments }) | null;
  readonly now: () => number;
  /** Opens the file of that name as at the start. Throws when it cannot be used. */
  readonly reopen: () => OpenedFile;
  /** Called with one clear line when the file is not what it was. */
  readonly onTrouble: (text: string) => void;
}

const namedStatusOf = promisify(lstat);
const syncToDisk = promisify(fdatasync);
const closeFile = promisify(close);

/** So long a file counts as whole that was found so. */
const wholeMs = 20;
const big = { bigint: true } as const;

/** Bytes of one write: a large queue goes in pieces. */
const batchBytes = 1024 * 1024;

/** Promises reject with the system's error; the lines are then not in the file. */
export class JournalFile {
  readonly #options: FileOptions;
  readonly #file: LineFile;
  /** Older parts that are still to be synced and closed. */
  #leaving: number[] = [];
  #partStartedAt: number;
  #partHasRecords = false;
  #parts = 1;
  #last = 0;
  /** When the file was found to be there and as long as it must be. */
  #wholeAt = Number.NEGATIVE_INFINITY;
  /** Bytes up to which the file was whole when it was looked at. */
  #lookedSize = 0;
  #isMoveTold = false;
  #isPruneTold = false;
  /** Some network file systems give a file another number each time. */
  readonly #hasStableNumber: boolean;

  /** Writes the head. Throws the system's error. */
  constructor(options: FileOptions) {
    this.#options = options;
    this.#file = new LineFile(options);
    this.#partStartedAt = options.now();
    this.#file.appendNow(asLine(options.head));
    this.#hasStableNumber = isSameFile(fstatSync(options.descriptor, big), lstatSync(options.path, big));
  }

  /** How many of the lines that `append` was given are under way: what ends the process must not write them again. */
  get linesUnderWay(): number {
    return this.#file.linesUnderWay;
  }

  /** Writes as many of the lines as fit into one write and one part; `onWritten` is told how many, at once. */
  async append(lines: readonly Line[], onWritten: (count: number) => void): Promise<void> {
    if (performance.now() - this.#wholeAt > wholeMs) await this.#keepWhole();
    if (this.#isPartOver(lines[0]?.at ?? 0)) await this.#rotate();
    let batch = this.#fitting(lines);
    const told = (): void => {
      this.#partHasRecords = true;
      this.#last = batch.at(-1)?.n ?? this.#last;
      onWritten(batch.length);
    };
    try {
      await this.#file.append(bytesOf(batch), batch.length, told);
    } catch (error) {
      if (batch.length === 1) throw error;
      // A disk that is nearly full may have room for one.
      batch = batch.slice(0, 1);
      await this.#file.append(bytesOf(batch), 1, told);
    }
  }

  /** Looks whether the name still leads to this file, and goes on under the name when it does not. */
  async check(): Promise<void> {
    const status = await this.#keepWhole();
    if (await this.#file.hasHole()) await this.#closeHole();
    this.#lookedSize = this.#file.size;
    const named = await namedStatusOf(this.#options.path, big).catch(nothingThere);
    const isKnown = named !== null && (!this.#hasStableNumber || isSameFile(named, status));
    if (!isKnown) await this.#goOnUnderName();
  }

  /** Resolves when all that was written before is on the disk. */
  async sync(): Promise<void> {
    const current = this.#file.descriptor;
    for (const descriptor of this.#leaving.splice(0)) {
      try {
        await syncToDisk(descriptor);
      } finally {
        await closeFile(descriptor);
      }
    }
    await syncToDisk(current);
  }

  /** At the end of the process: writes before it returns, what is under way once more. Throws the system's error. */
  appendNow(lines: readonly Line[]): void {
    this.#file.appendNow(bytesOf(lines));
  }

  close(): void {
    for (const descriptor of [...this.#leaving.splice(0), this.#file.descriptor]) closeSync(descriptor);
  }

  #fitting(lines: readonly Line[]): readonly Line[] {
    const limit = Math.min(batchBytes, (this.#options.rotation?.maxBytes ?? batchBytes) - this.#file.size);
    let [bytes, count] = [0, 0];
    for (const { text, at } of lines) {
      if (count > 0 && (bytes >= limit || this.#isTooOld(at))) break;
      bytes += text.length;
      count += 1;
    }
    return lines.slice(0, count);
  }

  #isTooOld(at: number): boolean {
    const { rotation } = this.#options;
    return rotation !== null && rotation.maxAgeMs !== null && at - this.#partStartedAt >= rotation.maxAgeMs;
  }

  #isPartOver(at: number): boolean {
    const { rotation } = this.#options;
    if (rotation === null || !this.#partHasRecords) return false;
    return this.#isTooOld(at) || this.#file.size >= rotation.maxBytes;
  }

  async #rotate(): Promise<void> {
    const { rotation, now } = this.#options;
    if (rotation === null) return;
    let descriptor: number;
    try {
      descriptor = await rotation.segments.rotate(this.#file.size);
    } catch {
      // The part grows on; the next record tries again.
      return;
    }
    this.#leaving.push(this.#file.switchTo({ descriptor, size: 0 }));
    this.#partStartedAt = now();
    await this.#beginPart(this.#last);
    await this.#prune(rotation);
  }

  async #beginPart(after: number): Promise<void> {
    this.#partHasRecords = false;
    this.#lookedSize = 0;
    this.#parts += 1;
    await this.#file.append(asLine({ ...this.#options.head, part: this.#parts, after }));
  }

  async #prune({ segments, maxBytes, keepBytes }: Rotation & { readonly segments: JournalSegments }): Promise<void> {
    const { onTrouble } = this.#options;
    if (keepBytes === null) return;
    try {
      const deleted = await segments.prune(this.#file.size + maxBytes, keepBytes);
      if (deleted === 0 || this.#isPruneTold) return;
      this.#isPruneTold = true;
      onTrouble("The journal has reached its bound (--keep): from now on its oldest part is deleted for each new one.");
    } catch (error) {
      onTrouble(`An old part of the journal cannot be deleted (${codeOf(error)}).`);
    }
  }

  /** Sees to it that the file is there and as long as was written. */
  async #keepWhole(): Promise<BigIntStats> {
    const status = await this.#file.status();
    this.#wholeAt = performance.now();
    if (status.nlink === 0n) {
      this.#wholeAt = Number.NEGATIVE_INFINITY;
      await this.#goOnInNewFile();
      return this.#file.status();
    }
    const size = Number(status.size);
    if (size < this.#file.size) await this.#goOnBehind(size);
    else this.#file.setSize(size);
    return status;
  }

  async #goOnInNewFile(): Promise<void> {
    this.#leaving.push(this.#file.switchTo(this.#options.reopen()));
    await this.#beginPart(this.#last);
    this.#options.onTrouble(
      `The journal was deleted while it was written: its ${this.#last} records are gone with it. It goes on in a new file of the same name.`,
    );
  }

  /** The file was cut: what is left of it stays, and the records go on behind it with a head of their own. */
  async #goOnBehind(size: number): Promise<void> {
    this.#file.setSize(size);
    if (!this.#file.isAtLineStart()) await this.#file.append(Buffer.from("\n"));
    await this.#beginPart(this.#last);
    this.#tellCut(this.#last);
  }

  async #closeHole(): Promise<void> {
    const left = await this.#file.cutHole(this.#lookedSize);
    const first = /"n":(\d+)/.exec(left.toString("latin1", 0, 4096))?.[1];
    const before = first === undefined ? this.#last : Number(first) - 1;
    await this.#beginPart(before);
    await this.#file.append(left);
    this.#tellCut(before);
  }

  #tellCut(last: number): void {
    this.#options.onTrouble(
      `The journal was cut while it was written: records up to number ${last} are no longer in it. It goes on behind what is left.`,
    );
  }

  async #goOnUnderName(): Promise<void> {
    try {
      this.#leaving.push(this.#file.switchTo(this.#options.reopen()));
    } catch {
      if (this.#isMoveTold) return;
      this.#isMoveTold = true;
      this.#options.onTrouble(
        "The journal was renamed while it was written, and no file can be made under its name: it goes on in the renamed one.",
      );
      return;
    }
    await this.#beginPart(this.#last);
    this.#options.onTrouble(
      `The journal was renamed while it was written: its first ${this.#last} records are in the renamed file, those that follow in a new one of its name.`,
    );
  }
}

function bytesOf(lines: readonly Line[]): Buffer {
  return Buffer.from(lines.map(({ text }) => text).join(""), "latin1");
}

function asLine(record: object): Buffer {
  return Buffer.from(withChecksum(record), "latin1");
}

function isSameFile(one: BigIntStats, other: BigIntStats): boolean {
  return one.ino === other.ino && one.dev === other.dev;
}

function nothingThere(error: unknown): null {
  if (codeOf(error) === "ENOENT") return null;
  throw error;
}
