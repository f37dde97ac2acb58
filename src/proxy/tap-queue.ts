import type { Side, Tap } from "./tap.ts";

type Work =
  | { readonly tap: Tap; readonly at: number; readonly kind: "bytes"; readonly side: Side; readonly bytes: Uint8Array }
  | { readonly tap: Tap; readonly at: number; readonly kind: "end"; readonly side: Side; readonly isClean: boolean }
  | { readonly tap: Tap; readonly at: number; readonly kind: "close"; readonly brokenBy: Side | null };

/** How much is read in one turn of the event loop before the traffic gets its next chance. */
const turnBytes = 512 * 1024;
const turnEntries = 128;

/**
 * Copies of the traffic that wait to be read. They are read after the bytes were passed on; over the limit the
 * connection's tap gives up, and the traffic goes on.
 */
export class TapQueue {
  readonly #limitBytes: number;
  #waiting: Work[] = [];
  #next = 0;
  #bytes = 0;
  #isScheduled = false;
  #whenIdle: (() => void)[] = [];

  constructor(limitBytes: number) {
    this.#limitBytes = limitBytes;
  }

  bytes(tap: Tap, side: Side, bytes: Uint8Array): void {
    if (tap.isOver) return;
    const at = Date.now();
    if (this.#bytes + bytes.length > this.#limitBytes) {
      tap.giveUp(at, "more traffic came than could be read in time");
      return;
    }
    this.#bytes += bytes.length;
    this.#add({ tap, at, kind: "bytes", side, bytes });
  }

  end(tap: Tap, side: Side, isClean: boolean): void {
    this.#add({ tap, at: Date.now(), kind: "end", side, isClean });
  }

  close(tap: Tap, brokenBy: Side | null): void {
    this.#add({ tap, at: Date.now(), kind: "close", brokenBy });
  }

  /** Resolves when everything that waits now was read. */
  idle(): Promise<void> {
    if (!this.#isScheduled) return Promise.resolve();
    return new Promise((resolve) => this.#whenIdle.push(resolve));
  }

  #add(work: Work): void {
    this.#waiting.push(work);
    if (this.#isScheduled) return;
    this.#isScheduled = true;
    setImmediate(() => this.#turn());
  }

  #turn(): void {
    let bytes = 0;
    for (let entries = 0; entries < turnEntries && bytes < turnBytes; entries += 1) {
      const work = this.#waiting[this.#next];
      if (work === undefined) break;
      this.#next += 1;
      if (work.kind === "bytes") bytes += work.bytes.length;
      perform(work);
    }
    this.#bytes -= bytes;
    if (this.#next === this.#waiting.length) {
      this.#waiting = [];
      this.#next = 0;
      this.#isScheduled = false;
      for (const resolve of this.#whenIdle.splice(0)) resolve();
      return;
    }
    if (this.#next > 4096) {
      this.#waiting = this.#waiting.slice(this.#next);
      this.#next = 0;
    }
    setImmediate(() => this.#turn());
  }
}

/** A bug in reading one connection must end neither the traffic nor the reading of others. */
function perform(work: Work): void {
  try {
    read(work);
  } catch (error) {
    if (work.tap.isOver) return;
    const name = error instanceof Error ? error.name : "an error";
    work.tap.giveUp(work.at, `a bug in reading it (${name.replace(/[^A-Za-z]/g, "").slice(0, 40)})`);
  }
}

function read(work: Work): void {
  if (work.kind === "bytes") work.tap.push(work.side, work.bytes, work.at);
  else if (work.kind === "end") work.tap.end(work.side, work.at, work.isClean);
  else work.tap.close(work.at, work.brokenBy);
}
