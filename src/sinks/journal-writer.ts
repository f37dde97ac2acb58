import { closeSync, fdatasync, ftruncateSync, writeSync } from "node:fs";
import { promisify } from "node:util";
import { crc32 } from "node:zlib";
import type { CaptureEvent } from "../core/capture-event.ts";
import type { Redacted } from "../sanitising/sanitise.ts";
import { harEntry } from "./har-entry.ts";
import type { JournalSegments } from "./journal-segments.ts";
import { safeJson } from "./safe-json.ts";

export interface Rotation {
  /** A part is closed before it would grow beyond this. */
  readonly maxBytes: number;
  /** A part is closed when it is this old; null for never. */
  readonly maxAgeMs: number | null;
  /** All parts together; the oldest are deleted to stay within it. Null keeps all. */
  readonly keepBytes: number | null;
}

/** What has been handed to the disk for good: not even the loss of power takes it away. */
export interface Synced {
  /** Number of the last record that is safe. */
  readonly records: number;
  readonly transactions: number;
}

export interface WriterOptions {
  readonly descriptor: number;
  /** Bytes in the file when it was opened. */
  readonly size: number;
  /** What the first line of every part says beside its place. */
  readonly head: object;
  readonly pendingLimit: number;
  readonly syncEveryMs: number;
  readonly rotation: (Rotation & { readonly segments: JournalSegments }) | null;
  readonly now: () => number;
  /** Called with one clear line when something goes wrong with the file, and when it is right again. */
  readonly onTrouble: (text: string) => void;
  readonly onSynced: (synced: Synced) => void;
}

const syncToDisk = promisify(fdatasync);

/** Writes one whole line for each record or none of it. What cannot be written waits in memory, bounded. */
export class JournalWriter {
  readonly #options: WriterOptions;
  readonly #timer: NodeJS.Timeout;
  #descriptor: number;
  /** Older parts that are still to be synced and closed. */
  #leaving: number[] = [];
  #size: number;
  #partStartedAt: number;
  #partHasRecords = false;
  #parts = 1;
  #number = 0;
  #transactions = 0;
  #pending: string[] = [];
  #pendingLength = 0;
  #lost = 0;
  #untoldLost = 0;
  #error = "";
  #isStuck = false;
  #isFull = false;
  #isPruneTold = false;
  #isDirty = false;
  #hasHalfLine = false;
  #syncing: Promise<void> | null = null;

  constructor(options: WriterOptions) {
    this.#options = options;
    this.#descriptor = options.descriptor;
    this.#size = options.size;
    this.#partStartedAt = options.now();
    this.#line(options.head);
    this.#timer = setInterval(() => this.#onTimer(), options.syncEveryMs);
    this.#timer.unref();
  }

  event(event: Redacted<CaptureEvent>): void {
    if (this.#pendingLength > this.#options.pendingLimit) {
      this.#lose();
      return;
    }
    this.#tellLost();
    this.#record(event);
  }

  problems(): readonly string[] {
    const waiting = this.#pending.length;
    if (waiting + this.#lost === 0) return [];
    return [`${waiting + this.#lost} records could not be written (${this.#error}); make room on the disk`];
  }

  async close(): Promise<void> {
    clearInterval(this.#timer);
    await this.#syncing;
    this.#retry();
    this.#tellLost();
    const at = new Date(this.#options.now()).toISOString();
    this.#line({ k: "end", n: this.#number + 1, at, transactions: this.#transactions });
    this.#isDirty = true;
    await this.#sync();
    closeSync(this.#descriptor);
  }

  #record(event: Redacted<CaptureEvent>): void {
    this.#rotateWhenDue();
    this.#number += 1;
    this.#partHasRecords = true;
    if (event.kind === "transaction") {
      this.#transactions += 1;
      this.#line({ k: "entry", n: this.#number, ...harEntry(event.transaction) });
      return;
    }
    const { kind, ...members } = event;
    this.#line({ k: kind, n: this.#number, ...members });
  }

  #line(record: object): void {
    const text = withChecksum(safeJson(record));
    if (this.#pending.length === 0 && this.#append(text)) return;
    this.#pending.push(text);
    this.#pendingLength += text.length;
    if (this.#isStuck) return;
    this.#isStuck = true;
    this.#options.onTrouble(
      `The journal cannot be written (${this.#error}). The capture goes on in memory; make room on the disk.`,
    );
  }

  #lose(): void {
    this.#lost += 1;
    this.#untoldLost += 1;
    if (this.#isFull) return;
    this.#isFull = true;
    this.#options.onTrouble(
      "The memory for what waits to be written is full: what is captured from now on is judged, but not kept.",
    );
  }

  /** What was lost stands in the journal, at its place. */
  #tellLost(): void {
    if (this.#untoldLost === 0) return;
    const [n, at, lost] = [this.#number + 1, this.#options.now(), this.#untoldLost];
    this.#untoldLost = 0;
    this.#number = n;
    this.#line({ k: "gap", n, at, connection: "", reason: "the journal could not be written", lost });
  }

  /** Writes one whole line or nothing: what a full disk cut short is taken back. */
  #append(text: string): boolean {
    const bytes = Buffer.from(text, "latin1");
    if (this.#hasHalfLine && !this.#takeBack()) return false;
    try {
      let done = 0;
      while (done < bytes.length) done += writeSync(this.#descriptor, bytes, done);
      this.#size += bytes.length;
      this.#isDirty = true;
      return true;
    } catch (error) {
      this.#error = codeOf(error);
      this.#hasHalfLine = true;
      this.#takeBack();
      return false;
    }
  }

  #takeBack(): boolean {
    try {
      ftruncateSync(this.#descriptor, this.#size);
      this.#hasHalfLine = false;
      return true;
    } catch (error) {
      this.#error = codeOf(error);
      return false;
    }
  }

  #retry(): void {
    let written = 0;
    for (const text of this.#pending) {
      if (!this.#append(text)) break;
      this.#pendingLength -= text.length;
      written += 1;
    }
    if (written > 0) this.#pending = this.#pending.slice(written);
    if (!this.#isStuck || this.#pending.length > 0) return;
    this.#isStuck = false;
    this.#isFull = false;
    const lost = this.#untoldLost === 0 ? "nothing was lost" : `${this.#untoldLost} records were lost`;
    this.#options.onTrouble(`The journal is written again; ${lost}.`);
  }

  #rotateWhenDue(): void {
    const { rotation, now } = this.#options;
    if (rotation === null || !this.#partHasRecords || this.#isStuck) return;
    const isOld = rotation.maxAgeMs !== null && now() - this.#partStartedAt >= rotation.maxAgeMs;
    if (!isOld && this.#size < rotation.maxBytes) return;
    try {
      const fresh = rotation.segments.rotate(this.#size);
      this.#leaving.push(this.#descriptor);
      this.#descriptor = fresh;
    } catch (error) {
      // The part grows on; the next record tries again.
      this.#error = codeOf(error);
      return;
    }
    this.#size = 0;
    this.#partStartedAt = now();
    this.#partHasRecords = false;
    this.#parts += 1;
    this.#line({ ...this.#options.head, part: this.#parts, after: this.#number });
    this.#prune();
  }

  #prune(): void {
    const { rotation, onTrouble } = this.#options;
    if (rotation === null || rotation.keepBytes === null) return;
    try {
      const deleted = rotation.segments.prune(this.#size + rotation.maxBytes, rotation.keepBytes);
      if (deleted === 0 || this.#isPruneTold) return;
      this.#isPruneTold = true;
      onTrouble("The journal has reached its bound (--keep): from now on its oldest part is deleted for each new one.");
    } catch (error) {
      onTrouble(`An old part of the journal cannot be deleted (${codeOf(error)}).`);
    }
  }

  #onTimer(): void {
    this.#retry();
    void this.#sync();
  }

  #sync(): Promise<void> {
    if (this.#syncing !== null) return this.#syncing;
    if (!this.#isDirty && this.#leaving.length === 0) return Promise.resolve();
    this.#syncing = this.#syncAll().finally(() => {
      this.#syncing = null;
    });
    return this.#syncing;
  }

  async #syncAll(): Promise<void> {
    const leaving = this.#leaving;
    const current = this.#descriptor;
    // What waits in memory is not on the disk.
    const records = this.#number - this.#pending.length;
    const synced = { records, transactions: this.#transactions };
    this.#isDirty = false;
    this.#leaving = [];
    try {
      for (const descriptor of leaving) {
        await syncToDisk(descriptor);
        closeSync(descriptor);
      }
      await syncToDisk(current);
      if (!this.#isStuck) this.#options.onSynced(synced);
    } catch (error) {
      this.#error = codeOf(error);
      this.#isDirty = true;
    }
  }
}

/** The line of a record, with a checksum over all that stands before it: a bit that flips later is seen when it is read. */
function withChecksum(json: string): string {
  const open = json.slice(0, -1);
  return `${open},"crc":"${crc32(open).toString(16).padStart(8, "0")}"}\n`;
}

/** The code of a system error, for a message. */
export function codeOf(error: unknown): string {
  const code: unknown = error instanceof Error && "code" in error ? error.code : undefined;
  return typeof code === "string" ? code : "unknown error";
}
