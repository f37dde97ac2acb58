import { CopyStore, type StoredCopy } from "./copy-store.ts";
import type { Side, Tap } from "./tap.ts";

type Work =
  | { readonly tap: Tap; readonly at: number; readonly kind: "bytes"; readonly side: Side; readonly copy: StoredCopy }
  | { readonly tap: Tap; readonly at: number; readonly kind: "end"; readonly side: Side; readonly isClean: boolean }
  | { readonly tap: Tap; readonly at: number; readonly kind: "close"; readonly brokenBy: Side | null };

/**
 * Work done in one turn of the event loop before the traffic gets its next turn: in a pause, and when reading is
 * overdue.
 */
const idleTurn = { bytes: 512 * 1024, entries: 8 };
const overdueTurn = { bytes: 512 * 1024, entries: 128 };

/** The traffic pauses when no byte arrived for this long. */
const pauseMs = 3;
/**
 * Reading yields to the traffic until the oldest copy is this old, or this many bytes (or a quarter of the limit) are
 * queued.
 */
const yieldMs = 50;
const mostYieldBytes = 6.5 * 1024 * 1024;

/**
 * Copies of the traffic, queued until they are read. A burst is relayed first and read in the pause that follows;
 * longer load is read beside the traffic. Over the limit the tap of the connection gives up, and the traffic continues.
 */
export class TapQueue {
  readonly #limitBytes: number;
  readonly #yieldBytes: number;
  readonly #store = new CopyStore();
  #queued: Work[] = [];
  #next = 0;
  #bytes = 0;
  #lastAt = 0;
  #isScheduled = false;
  #isHurried = false;
  #addedCount = 0;
  #readCount = 0;
  #readAllCalls: { readonly upTo: number; readonly resolve: () => void }[] = [];

  constructor(limitBytes: number) {
    this.#limitBytes = limitBytes;
    this.#yieldBytes = Math.min(mostYieldBytes, limitBytes / 4);
  }

  pushBytes(tap: Tap, side: Side, bytes: Uint8Array): void {
    if (tap.isOver) return;
    const at = Date.now();
    this.#lastAt = at;
    if (this.#bytes + bytes.length > this.#limitBytes) {
      tap.giveUp(at, "more traffic came than could be read in time");
      return;
    }
    this.#bytes += bytes.length;
    this.#add({ tap, at, kind: "bytes", side, copy: this.#store.put(bytes) });
  }

  pushEnd(tap: Tap, side: Side, isClean: boolean): void {
    this.#add({ tap, at: Date.now(), kind: "end", side, isClean });
  }

  pushClose(tap: Tap, brokenBy: Side | null): void {
    this.#add({ tap, at: Date.now(), kind: "close", brokenBy });
  }

  /**
   * Resolves when everything queued now is read; copies that arrive later do not delay it. From now on copies are read
   * as soon as they arrive.
   */
  readAll(): Promise<void> {
    this.#isHurried = true;
    if (!this.#isScheduled) return Promise.resolve();
    return new Promise((resolve) => this.#readAllCalls.push({ upTo: this.#addedCount, resolve }));
  }

  /** Resolves when the queue is empty; traffic that never pauses delays it without end. */
  async whenIdle(): Promise<void> {
    while (this.#isScheduled) await this.readAll();
  }

  /** For a process that ends: reads one turn's worth; false when the queue is empty. */
  readSome(): boolean {
    if (this.#next < this.#queued.length) this.#read(overdueTurn);
    return this.#next < this.#queued.length;
  }

  /** Queued pieces. */
  get length(): number {
    return this.#queued.length - this.#next;
  }

  #add(work: Work): void {
    this.#addedCount += 1;
    this.#queued.push(work);
    if (this.#isScheduled) return;
    this.#isScheduled = true;
    setImmediate(() => this.#turn());
  }

  #turn(): void {
    const isOverdue = this.#isOverdue();
    if (!isOverdue && !isPast(this.#lastAt, pauseMs)) {
      setTimeout(() => this.#turn(), pauseMs);
      return;
    }
    this.#read(isOverdue ? overdueTurn : idleTurn);
    if (this.#isScheduled) setImmediate(() => this.#turn());
  }

  #isOverdue(): boolean {
    const oldest = this.#queued[this.#next]?.at ?? 0;
    return this.#isHurried || this.#bytes > this.#yieldBytes || isPast(oldest, yieldMs);
  }

  #read(turn: { readonly bytes: number; readonly entries: number }): void {
    let bytes = 0;
    for (let entries = 0; entries < turn.entries && bytes < turn.bytes; entries += 1) {
      const work = this.#queued[this.#next];
      if (work === undefined) break;
      this.#next += 1;
      this.#readCount += 1;
      if (work.kind === "bytes") bytes += work.copy.length;
      perform(work, this.#store);
    }
    this.#bytes -= bytes;
    this.#resolveReadAll();
    if (this.#next === this.#queued.length) {
      this.#queued = [];
      this.#next = 0;
      this.#isScheduled = false;
      return;
    }
    if (this.#next > 4096) {
      this.#queued = this.#queued.slice(this.#next);
      this.#next = 0;
    }
  }

  #resolveReadAll(): void {
    while ((this.#readAllCalls[0]?.upTo ?? Number.POSITIVE_INFINITY) <= this.#readCount)
      this.#readAllCalls.shift()?.resolve();
  }
}

/** Whether `at` is at least `ms` ago. A time in the future means that the clock was set back, and counts as past. */
function isPast(at: number, ms: number): boolean {
  const elapsed = Date.now() - at;
  return elapsed >= ms || elapsed < 0;
}

/** A bug in reading one connection ends neither the traffic nor the reading of other connections. */
function perform(work: Work, store: CopyStore): void {
  try {
    read(work, store);
  } catch (error) {
    if (work.tap.isOver) return;
    const name = error instanceof Error ? error.name : "an error";
    giveUp(work, `a bug in reading it (${name.replace(/[^A-Za-z]/g, "").slice(0, 40)})`);
  }
}

/** The receiver of the events may be what throws; then this connection is abandoned without an event. */
function giveUp({ tap, at }: Work, reason: string): void {
  try {
    tap.giveUp(at, reason);
  } catch {
    tap.abandon();
  }
}

function read(work: Work, store: CopyStore): void {
  if (work.kind === "bytes") work.tap.push(work.side, store.take(work.copy), work.at);
  else if (work.kind === "end") work.tap.end(work.side, work.at, work.isClean);
  else work.tap.close(work.at, work.brokenBy);
}
