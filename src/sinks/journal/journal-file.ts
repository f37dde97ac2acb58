// The current file of a journal and its rotation into parts. One call at a time; no call makes the traffic wait. From time to
// time it checks that the file still exists and has its expected size.
import { type BigIntStats, close, closeSync, fdatasync, fstatSync, lstat, lstatSync } from "node:fs";
import { promisify } from "node:util";
import { LineFile, type OpenedFile } from "../line-file.ts";
import { codeOf } from "../system-error.ts";
import { withChecksum } from "./journal-record.ts";
import type { JournalSegments } from "./journal-segments.ts";

export interface Rotation {
  /** A part is closed before it grows beyond this size. */
  readonly maxBytes: number;
  /** A part is closed when it is this old; null for never. */
  readonly maxAgeMs: number | null;
  /** All parts together; the oldest are deleted to stay within it. Null keeps all. */
  readonly keepBytes: number | null;
}

/** One record as it is written to the file. */
export interface Line {
  /** ASCII, with its line end. */
  readonly text: string;
  /** Number of the record. */
  readonly n: number;
  /** When it was made (epoch milliseconds); decides when a part is too old. */
  readonly at: number;
  readonly isTransaction: boolean;
  readonly onWritten?: (() => void) | undefined;
}

export interface FileOptions extends OpenedFile {
  readonly path: string;
  /** Members of the first line of every part; `part` and `after` are added from the second part on. */
  readonly head: object;
  readonly rotation: (Rotation & { readonly segments: JournalSegments }) | null;
  readonly now: () => number;
  /** Opens the file under the journal's name again, with the checks of the first time. Throws when it cannot be used. */
  readonly reopen: () => OpenedFile;
  /** Called with one line for a person when another program changed the file, or old parts are deleted. */
  readonly onTrouble: (text: string) => void;
}

const namedStatusOf = promisify(lstat);
const syncToDisk = promisify(fdatasync);
const closeFile = promisify(close);

/** How long a check of the file stays valid, milliseconds. */
const wholeMs = 20;
const big = { bigint: true } as const;

/** Bytes of one write; a longer queue takes several. */
const batchBytes = 1024 * 1024;

/** Rejected promises carry the system's error; the lines are then not in the file. */
export class JournalFile {
  readonly #options: FileOptions;
  readonly #file: LineFile;
  /** Older parts that are still to be synced and closed. */
  #leaving: number[] = [];
  #partStartedAt: number;
  #partHasRecords = false;
  #parts = 1;
  #last = 0;
  /** When the file was last found to exist with its expected size. */
  #wholeAt = Number.NEGATIVE_INFINITY;
  /** Size of the file at the last check, without a hole. */
  #checkedSize = 0;
  #isMoveReported = false;
  #isPruneReported = false;
  /** False on network file systems that change a file's inode number between calls. */
  readonly #hasStableNumber: boolean;

  /** Writes the head. Throws the system's error. */
  constructor(options: FileOptions) {
    this.#options = options;
    this.#file = new LineFile(options);
    this.#partStartedAt = options.now();
    this.#file.appendNow(asLine(options.head));
    this.#hasStableNumber = isSameFile(fstatSync(options.descriptor, big), lstatSync(options.path, big));
  }

  /** Number of the lines given to `append` whose write is in progress; `appendNow` repeats them itself. */
  get linesUnderWay(): number {
    return this.#file.linesUnderWay;
  }

  /** Writes as many of the lines as fit into one write and one part; `onWritten` gets their number as soon as they are written. */
  async append(lines: readonly Line[], onWritten: (count: number) => void): Promise<void> {
    if (performance.now() - this.#wholeAt > wholeMs) await this.#keepWhole();
    if (this.#isPartOver(lines[0]?.at ?? 0)) await this.#rotate();
    let batch = this.#fitting(lines);
    const report = (): void => {
      this.#partHasRecords = true;
      this.#last = batch.at(-1)?.n ?? this.#last;
      onWritten(batch.length);
    };
    try {
      await this.#file.append(bytesOf(batch), batch.length, report);
    } catch (error) {
      if (batch.length === 1) throw error;
      // A nearly full disk may still have room for one line.
      batch = batch.slice(0, 1);
      await this.#file.append(bytesOf(batch), 1, report);
    }
  }

  /** Checks that the name still leads to this file; if not, continues in a new file of that name. */
  async check(): Promise<void> {
    const status = await this.#keepWhole();
    if (await this.#file.hasHole()) await this.#closeHole();
    this.#checkedSize = this.#file.size;
    const named = await namedStatusOf(this.#options.path, big).catch(nullIfMissing);
    const isKnown = named !== null && (!this.#hasStableNumber || isSameFile(named, status));
    if (!isKnown) await this.#continueUnderName();
  }

  /** Resolves when everything written so far is on the disk. */
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

  /** Writes synchronously at the end of the process, and repeats a write in progress. Throws the system's error. */
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
      // The part keeps growing; the next record retries.
      return;
    }
    this.#leaving.push(this.#file.switchTo({ descriptor, size: 0 }));
    this.#partStartedAt = now();
    await this.#beginPart(this.#last);
    await this.#prune(rotation);
  }

  async #beginPart(after: number): Promise<void> {
    this.#partHasRecords = false;
    this.#checkedSize = 0;
    this.#parts += 1;
    await this.#file.append(asLine({ ...this.#options.head, part: this.#parts, after }));
  }

  async #prune({ segments, maxBytes, keepBytes }: Rotation & { readonly segments: JournalSegments }): Promise<void> {
    const { onTrouble } = this.#options;
    if (keepBytes === null) return;
    try {
      const deleted = await segments.prune(this.#file.size + maxBytes, keepBytes);
      if (deleted === 0 || this.#isPruneReported) return;
      this.#isPruneReported = true;
      onTrouble("The journal has reached its limit (--keep): from now on its oldest part is deleted for each new one.");
    } catch (error) {
      onTrouble(`An old part of the journal cannot be deleted (${codeOf(error)}).`);
    }
  }

  /** Restores the file when it was deleted or truncated; returns its status. */
  async #keepWhole(): Promise<BigIntStats> {
    const status = await this.#file.status();
    this.#wholeAt = performance.now();
    if (status.nlink === 0n) {
      this.#wholeAt = Number.NEGATIVE_INFINITY;
      await this.#continueInNewFile();
      return this.#file.status();
    }
    const size = Number(status.size);
    if (size < this.#file.size) await this.#continueAfter(size);
    else this.#file.setSize(size);
    return status;
  }

  async #continueInNewFile(): Promise<void> {
    this.#leaving.push(this.#file.switchTo(this.#options.reopen()));
    await this.#beginPart(this.#last);
    this.#options.onTrouble(
      `The journal was deleted while it was written: its ${this.#last} records are lost. It continues in a new file of the same name.`,
    );
  }

  /** The file was truncated: the rest of it is kept, and the records continue after it with a new head. */
  async #continueAfter(size: number): Promise<void> {
    this.#file.setSize(size);
    if (!this.#file.isAtLineStart()) await this.#file.append(Buffer.from("\n"));
    await this.#beginPart(this.#last);
    this.#reportCut(this.#last);
  }

  async #closeHole(): Promise<void> {
    const left = await this.#file.cutHole(this.#checkedSize);
    const first = /"n":(\d+)/.exec(left.toString("latin1", 0, 4096))?.[1];
    const before = first === undefined ? this.#last : Number(first) - 1;
    await this.#beginPart(before);
    await this.#file.append(left);
    this.#reportCut(before);
  }

  #reportCut(last: number): void {
    this.#options.onTrouble(
      `The journal was cut while it was written: records up to number ${last} are no longer in it. It continues after what is left.`,
    );
  }

  async #continueUnderName(): Promise<void> {
    try {
      this.#leaving.push(this.#file.switchTo(this.#options.reopen()));
    } catch {
      if (this.#isMoveReported) return;
      this.#isMoveReported = true;
      this.#options.onTrouble(
        "The journal was renamed while it was written, and no file can be created under its name: it continues in the renamed one.",
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

function nullIfMissing(error: unknown): null {
  if (codeOf(error) === "ENOENT") return null;
  throw error;
}
