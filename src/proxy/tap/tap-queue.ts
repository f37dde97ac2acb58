import { CopyStore, type StoredCopy } from "./copy-store.ts";
import type { Side, Tap } from "./tap.ts";

type Work =
  | { readonly tap: Tap; readonly at: number; readonly kind: "bytes"; readonly side: Side; readonly copy: StoredCopy }
  | { readonly tap: Tap; readonly at: number; readonly kind: "end"; readonly side: Side; readonly isClean: boolean }
  | { readonly tap: Tap; readonly at: number; readonly kind: "close"; readonly brokenBy: Side | null };

/** How much is read in one turn of the event loop before the traffic gets its next chance: while it pauses, and when it must be read. */
const idleTurn = { bytes: 512 * 1024, entries: 8 };
const pressedTurn = { bytes: 512 * 1024, entries: 128 };

/** The traffic pauses when no byte has come for so long. */
const pauseMs = 3;
/** Reading yields to the traffic until the oldest copy is so old, or so many bytes wait (or a quarter of the limit). */
const yieldMs = 50;
const mostYieldBytes = 6.5 * 1024 * 1024;

/**
 * Copies of the traffic that wait to be read. A burst goes through first and is read in the pause that follows it; what
 * lasts longer is read beside it. Over the limit the connection's tap gives up, and the traffic goes on.
 */
export class TapQueue {
  readonly #limitBytes: number;
  readonly #yieldBytes: number;
  readonly #store = new CopyStore();
  #waiting: Work[] = [];
  #next = 0;
  #bytes = 0;
  #lastAt = 0;
  #isScheduled = false;
  #isHurried = false;
  #added = 0;
  #readSoFar = 0;
  #waitingForRead: { readonly upTo: number; readonly resolve: () => void }[] = [];

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
   * Resolves when everything that waits now was read, whatever comes meanwhile: traffic that never pauses holds nobody up.
   * From now on copies are read as soon as they came.
   */
  readAll(): Promise<void> {
    this.#isHurried = true;
    if (!this.#isScheduled) return Promise.resolve();
    return new Promise((resolve) => this.#waitingForRead.push({ upTo: this.#added, resolve }));
  }

  /** Resolves when nothing waits any more; traffic that never pauses keeps it waiting. */
  async whenIdle(): Promise<void> {
    while (this.#isScheduled) await this.readAll();
  }

  /** For the end of the process: reads what waits, a turn at a time; false when nothing is left. */
  readSome(): boolean {
    if (this.#next < this.#waiting.length) this.#read(pressedTurn);
    return this.#next < this.#waiting.length;
  }

  /** Pieces that wait to be read. */
  get length(): number {
    return this.#waiting.length - this.#next;
  }

  #add(work: Work): void {
    this.#added += 1;
    this.#waiting.push(work);
    if (this.#isScheduled) return;
    this.#isScheduled = true;
    setImmediate(() => this.#turn());
  }

  #turn(): void {
    const isPressed = this.#isPressed();
    if (!isPressed && !isPast(this.#lastAt, pauseMs)) {
      setTimeout(() => this.#turn(), pauseMs);
      return;
    }
    this.#read(isPressed ? pressedTurn : idleTurn);
    if (this.#isScheduled) setImmediate(() => this.#turn());
  }

  #isPressed(): boolean {
    const oldest = this.#waiting[this.#next]?.at ?? 0;
    return this.#isHurried || this.#bytes > this.#yieldBytes || isPast(oldest, yieldMs);
  }

  #read(turn: { readonly bytes: number; readonly entries: number }): void {
    let bytes = 0;
    for (let entries = 0; entries < turn.entries && bytes < turn.bytes; entries += 1) {
      const work = this.#waiting[this.#next];
      if (work === undefined) break;
      this.#next += 1;
      this.#readSoFar += 1;
      if (work.kind === "bytes") bytes += work.copy.length;
      perform(work, this.#store);
    }
    this.#bytes -= bytes;
    this.#tellWhoWaits();
    if (this.#next === this.#waiting.length) {
      this.#waiting = [];
      this.#next = 0;
      this.#isScheduled = false;
      return;
    }
    if (this.#next > 4096) {
      this.#waiting = this.#waiting.slice(this.#next);
      this.#next = 0;
    }
  }

  #tellWhoWaits(): void {
    // Who asked first waits for the least.
    while ((this.#waitingForRead[0]?.upTo ?? Number.POSITIVE_INFINITY) <= this.#readSoFar)
      this.#waitingForRead.shift()?.resolve();
  }
}

/** Whether that time was so long ago; a time to come tells of a clock that was set back, and is nothing to wait for. */
function isPast(at: number, ms: number): boolean {
  const elapsed = Date.now() - at;
  return elapsed >= ms || elapsed < 0;
}

/** A bug in reading one connection must end neither the traffic nor the reading of others. */
function perform(work: Work, store: CopyStore): void {
  try {
    read(work, store);
  } catch (error) {
    if (work.tap.isOver) return;
    const name = error instanceof Error ? error.name : "an error";
    giveUp(work, `a bug in reading it (${name.replace(/[^A-Za-z]/g, "").slice(0, 40)})`);
  }
}

/** What takes the events may be what throws; then this connection is left without a word. */
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
