import { setImmediate as nextTurn } from "node:timers/promises";
import type { CaptureEvent } from "../../core/capture-event.ts";
import type { Redacted } from "../../sanitising/sanitise.ts";
import { codeOf } from "../system-error.ts";
import { waitAtMost } from "../wait-at-most.ts";
import { type FileOptions, JournalFile, type Line } from "./journal-file.ts";
import { recordOf, withChecksum } from "./journal-record.ts";

/** What is on the disk and survives a loss of power. */
export interface SyncedRecords {
  /** Number of the last record that is on the disk. */
  readonly records: number;
  readonly transactions: number;
}

export interface WriterOptions extends FileOptions {
  /** Limit of the text that waits in memory, in UTF-16 units. */
  readonly pendingLimit: number;
  readonly syncEveryMs: number;
  readonly onSynced: (synced: SyncedRecords) => void;
}

/** A write that takes longer is reported, and callers no longer wait for it. */
const silentMs = 2000;
/** How long the end of a capture waits for a disk that does not answer, milliseconds. */
const lastWaitMs = 5000;
/** Queue length above which `hasRoom` makes a source wait, in UTF-16 units. */
const roomLength = 1024 * 1024;

/** Turns events into lines and writes them in order, beside the traffic. Lines that cannot be written wait in bounded memory. */
export class JournalWriter {
  readonly #options: WriterOptions;
  readonly #file: JournalFile;
  readonly #timer: NodeJS.Timeout;
  readonly #faults: string[] = [];
  #number = 0;
  #queue: Line[] = [];
  #queueLength = 0;
  #written = { records: 0, transactions: 0 };
  #transactions = 0;
  #lost = 0;
  #unrecordedLoss = 0;
  #error = "";
  #isStuck = false;
  #isFailing = false;
  #isFull = false;
  #isDirty = true;
  #isCheckDue = false;
  #isSyncBroken = false;
  #isOver = false;
  #running: Promise<void> | null = null;
  #busySince: number | null = null;
  #syncing: Promise<void> | null = null;
  #syncingSince: number | null = null;

  /** Writes the head. Throws the system's error. */
  constructor(options: WriterOptions) {
    const onTrouble = (text: string): void => {
      this.#faults.push(text);
      options.onTrouble(text);
    };
    this.#options = options;
    this.#file = new JournalFile({ ...options, onTrouble });
    this.#timer = setInterval(() => this.#onTimer(), options.syncEveryMs);
    this.#timer.unref();
  }

  /** Queues an event. `onWritten` is called when its record was written, or when the person was notified that it cannot be. */
  write(event: Redacted<CaptureEvent>, onWritten?: () => void): void {
    if (this.#queueLength > this.#options.pendingLimit) {
      this.#lose();
      onWritten?.();
      return;
    }
    this.#recordLoss();
    const isTransaction = event.kind === "transaction";
    this.#number += 1;
    if (isTransaction) this.#transactions += 1;
    this.#add(recordOf(event, this.#number), isTransaction, onWritten);
  }

  /** True when a write or sync has taken so long that it may never return. */
  get isBlocked(): boolean {
    return isLongAgo(this.#busySince) || isLongAgo(this.#syncingSince);
  }

  problems(): readonly string[] {
    const waiting = this.#queue.length + this.#lost;
    const unwritten =
      waiting === 0 ? [] : [`${waiting} records could not be written (${this.#error}); make room on the disk`];
    return [...this.#faults, ...unwritten];
  }

  /** Resolves when every queued record was written, or writing has failed. */
  async settled(): Promise<void> {
    while (this.#running !== null) await this.#running;
  }

  async hasRoom(): Promise<void> {
    while (this.#running !== null && this.#queueLength > roomLength) await this.#running;
  }

  async close(): Promise<void> {
    clearInterval(this.#timer);
    this.#retry();
    await waitAtMost(lastWaitMs, this.settled());
    this.#recordLoss();
    this.#add(this.#endRecord(), false);
    this.#retry();
    if (isLongAgo(this.#busySince)) {
      this.#releaseAll();
      return;
    }
    await waitAtMost(lastWaitMs, this.settled());
    await waitAtMost(lastWaitMs, this.#syncing ?? Promise.resolve());
    this.#isDirty = true;
    await waitAtMost(lastWaitMs, this.#sync());
    this.#isOver = true;
    if (this.#running === null && this.#syncing === null) this.#file.close();
  }

  /** For the end of the process: writes the queue and the closing record synchronously, if the disk answers. */
  closeNow(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    clearInterval(this.#timer);
    this.#queue = this.#queue.slice(this.#file.linesUnderWay);
    this.#recordLoss();
    this.#queue.push(this.#lineOf(this.#endRecord(), false));
    try {
      // A synchronous write to a disk that does not answer would block the end.
      if (!isLongAgo(this.#busySince)) this.#file.appendNow(this.#queue);
    } catch (error) {
      this.#error = codeOf(error);
    }
  }

  #endRecord(): object {
    const at = new Date(this.#options.now()).toISOString();
    return { k: "end", n: this.#number + 1, at, transactions: this.#transactions };
  }

  #add(record: object, isTransaction: boolean, onWritten?: () => void): void {
    const line = this.#lineOf(record, isTransaction, this.#isStuck ? undefined : onWritten);
    this.#queue.push(line);
    this.#queueLength += line.text.length;
    if (this.#isStuck) onWritten?.();
    this.#start();
  }

  #lineOf(record: object, isTransaction: boolean, onWritten?: () => void): Line {
    return { text: withChecksum(record), n: this.#number, at: this.#options.now(), isTransaction, onWritten };
  }

  #lose(): void {
    this.#lost += 1;
    this.#unrecordedLoss += 1;
    if (this.#isFull) return;
    this.#isFull = true;
    this.#options.onTrouble(
      "The memory for records that wait to be written is full: what is captured from now on is judged, but not kept.",
    );
  }

  /** Writes a `gap` record for lost records, at their place in the journal. */
  #recordLoss(): void {
    if (this.#unrecordedLoss === 0) return;
    const [at, lost] = [this.#options.now(), this.#unrecordedLoss];
    this.#unrecordedLoss = 0;
    this.#number += 1;
    const reason = "the journal could not be written";
    this.#add({ k: "gap", n: this.#number, at, connection: "", reason, lost }, false);
  }

  #start(): void {
    if (this.#running !== null || this.#isFailing || this.#isOver) return;
    this.#running = this.#run().finally(() => {
      this.#running = null;
    });
  }

  async #run(): Promise<void> {
    try {
      // Events of one turn of the loop share one write.
      await nextTurn();
      while (!this.#isOver && (this.#isCheckDue || this.#queue.length > 0)) {
        this.#busySince = performance.now();
        if (this.#isCheckDue) {
          this.#isCheckDue = false;
          await this.#file.check();
        }
        if (this.#queue.length > 0) await this.#file.append(this.#queue, (count) => this.#take(count));
      }
      this.#recover();
    } catch (error) {
      this.#isFailing = true;
      this.#stick(codeOf(error));
    } finally {
      this.#busySince = null;
    }
  }

  #take(count: number): void {
    const lines = this.#queue.slice(0, count);
    this.#queue = this.#queue.slice(count);
    let { transactions } = this.#written;
    for (const { text, isTransaction } of lines) {
      this.#queueLength -= text.length;
      if (isTransaction) transactions += 1;
    }
    this.#written = { records: lines.at(-1)?.n ?? 0, transactions };
    this.#isDirty = true;
    for (const { onWritten } of lines) onWritten?.();
  }

  #stick(error: string): void {
    this.#error = error;
    if (this.#isStuck) return;
    this.#isStuck = true;
    this.#options.onTrouble(
      `The journal cannot be written (${error}). The capture continues in memory; make room on the disk.`,
    );
    this.#releaseAll();
  }

  /** Calls every `onWritten`, so that no caller waits for a disk that fails. */
  #releaseAll(): void {
    this.#queue = this.#queue.map((line) => {
      line.onWritten?.();
      return { ...line, onWritten: undefined };
    });
  }

  #recover(): void {
    if (!this.#isStuck) return;
    this.#isStuck = false;
    this.#isFull = false;
    const lost = this.#unrecordedLoss === 0 ? "nothing was lost" : `${this.#unrecordedLoss} records were lost`;
    this.#options.onTrouble(`The journal is written again; ${lost}.`);
  }

  #onTimer(): void {
    if (isLongAgo(this.#busySince)) this.#stick("the disk does not answer");
    this.#isCheckDue = true;
    this.#retry();
    void this.#sync();
  }

  #retry(): void {
    this.#isFailing = false;
    this.#start();
  }

  #sync(): Promise<void> {
    if (this.#syncing !== null) return this.#syncing;
    if (!this.#isDirty) return Promise.resolve();
    this.#syncingSince = performance.now();
    this.#syncing = this.#syncAll().finally(() => {
      this.#syncing = null;
      this.#syncingSince = null;
    });
    return this.#syncing;
  }

  async #syncAll(): Promise<void> {
    // Records in memory are not part of this sync.
    const synced = this.#written;
    this.#isDirty = false;
    try {
      await this.#file.sync();
      if (!this.#isStuck && !this.#isSyncBroken) this.#options.onSynced(synced);
    } catch (error) {
      this.#isDirty = true;
      if (this.#isSyncBroken) return;
      this.#isSyncBroken = true;
      const trouble = `The disk cannot make the journal safe from a loss of power (${codeOf(error)}): from now on no record is reported as written. Check the disk.`;
      this.#faults.push(trouble);
      this.#options.onTrouble(trouble);
    }
  }
}

function isLongAgo(at: number | null): boolean {
  return at !== null && performance.now() - at > silentMs;
}
