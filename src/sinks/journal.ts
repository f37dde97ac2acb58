// The journal: one JSON object a line, written as things happen, so that whatever ends the program leaves all that was
// told before. A line that was written survives the death of the process; the sync on a timer is for loss of power.
import { closeSync, constants, fdatasync, fdatasyncSync, ftruncateSync, openSync, writeSync } from "node:fs";
import type { CaptureEvent } from "../core/capture-event.ts";
import { ToolError } from "../core/tool-error.ts";
import type { Redacted } from "../sanitising/sanitise.ts";
import { harEntry } from "./har-entry.ts";
import { prepareJournalFile, type Repair } from "./journal-repair.ts";
import { safeJson } from "./safe-json.ts";

const journalSchema = "realmscope.journal/1";

export interface Journal {
  /** What was cut from the end of an older file whose writer died in the middle of a line; null when it was whole. */
  readonly repaired: Repair | null;
  /** Never throws and never waits; what cannot be written is kept and tried again, within a bound. */
  write(event: Redacted<CaptureEvent>): void;
  /** One clear line for each thing that went wrong, for the person. */
  problems(): readonly string[];
  /** Writes the closing record and syncs. */
  close(): Promise<void>;
}

export interface JournalOptions {
  /** Version of this program, for the head. */
  readonly tool: string;
  /** How much may wait in memory while the disk is full, in UTF-16 units. */
  readonly pendingLimit?: number;
  /** False marks a journal that holds secrets, because the person asked for them. */
  readonly isSanitised?: boolean;
  /** The clock, epoch milliseconds; an exported journal goes by the times of its capture. */
  readonly now?: () => number;
}

const syncEveryMs = 1000;
const defaultPendingLimit = 64 * 1024 * 1024;

/** Opens a journal for appending, mode 0600. A file that is no journal is refused and left as it is. */
export function openJournal(path: string, options: JournalOptions): Journal {
  const descriptor = openFile(path);
  try {
    const { size, repaired } = prepareJournalFile(descriptor, path);
    const now = options.now ?? Date.now;
    const writer = new JournalWriter(descriptor, size, {
      pendingLimit: options.pendingLimit ?? defaultPendingLimit,
      now,
    });
    const tool = { name: "realmscope", version: options.tool };
    const startedAt = new Date(now()).toISOString();
    writer.line({ k: "head", schema: journalSchema, tool, startedAt, sanitised: options.isSanitised ?? true });
    const [problem] = writer.problems();
    if (problem !== undefined) throw unusable(path, problem);
    return {
      repaired,
      write: (event) => writer.event(event),
      problems: () => writer.problems(),
      close: () => writer.close(),
    };
  } catch (error) {
    closeSync(descriptor);
    throw error;
  }
}

function openFile(path: string): number {
  const { O_RDWR, O_CREAT, O_APPEND, O_NOFOLLOW } = constants;
  try {
    return openSync(path, O_RDWR | O_CREAT | O_APPEND | (O_NOFOLLOW ?? 0), 0o600);
  } catch (error) {
    throw unusable(path, `it cannot be opened (${codeOf(error)})`);
  }
}

function unusable(path: string, why: string): ToolError {
  return new ToolError("journal-unusable", `The journal ${path} cannot be used: ${why}.`, {
    hint: "Name another file for --save, in a folder that exists and that you may write to.",
  });
}

class JournalWriter {
  readonly #descriptor: number;
  readonly #pendingLimit: number;
  readonly #now: () => number;
  readonly #timer: NodeJS.Timeout;
  #size: number;
  #number = 0;
  #transactions = 0;
  #pending: string[] = [];
  #pendingLength = 0;
  #lost = 0;
  #error = "";
  #isDirty = false;
  #syncing: Promise<void> | null = null;

  constructor(
    descriptor: number,
    size: number,
    options: { readonly pendingLimit: number; readonly now: () => number },
  ) {
    this.#descriptor = descriptor;
    this.#size = size;
    this.#pendingLimit = options.pendingLimit;
    this.#now = options.now;
    this.#timer = setInterval(() => this.#sync(), syncEveryMs);
    this.#timer.unref();
  }

  event(event: Redacted<CaptureEvent>): void {
    this.#number += 1;
    if (event.kind === "transaction") {
      this.#transactions += 1;
      this.line({ k: "entry", n: this.#number, ...harEntry(event.transaction) });
      return;
    }
    const { kind, ...members } = event;
    this.line({ k: kind, n: this.#number, ...members });
  }

  line(record: object): void {
    const text = `${safeJson(record)}\n`;
    if (this.#pending.length === 0 && this.#append(text)) return;
    if (this.#pendingLength + text.length > this.#pendingLimit) {
      this.#lost += 1;
      return;
    }
    this.#pending.push(text);
    this.#pendingLength += text.length;
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
    this.line({
      k: "end",
      n: this.#number + 1,
      at: new Date(this.#now()).toISOString(),
      transactions: this.#transactions,
    });
    try {
      fdatasyncSync(this.#descriptor);
    } catch (error) {
      this.#error = codeOf(error);
    }
    closeSync(this.#descriptor);
  }

  /** Writes one whole line or nothing: what a full disk cut short is taken back. */
  #append(text: string): boolean {
    const bytes = Buffer.from(text, "latin1");
    try {
      let done = 0;
      while (done < bytes.length) done += writeSync(this.#descriptor, bytes, done);
      this.#size += bytes.length;
      this.#isDirty = true;
      return true;
    } catch (error) {
      this.#error = codeOf(error);
      this.#takeBack();
      return false;
    }
  }

  #takeBack(): void {
    try {
      ftruncateSync(this.#descriptor, this.#size);
    } catch (error) {
      this.#error = codeOf(error);
    }
  }

  #retry(): void {
    while (this.#pending.length > 0) {
      const [text = ""] = this.#pending;
      if (!this.#append(text)) return;
      this.#pending.shift();
      this.#pendingLength -= text.length;
    }
  }

  #sync(): void {
    this.#retry();
    if (!this.#isDirty || this.#syncing !== null) return;
    this.#isDirty = false;
    this.#syncing = new Promise((resolve) => {
      fdatasync(this.#descriptor, (error) => {
        this.#syncing = null;
        if (error !== null) this.#error = codeOf(error);
        resolve();
      });
    });
  }
}

function codeOf(error: unknown): string {
  const code: unknown = error instanceof Error && "code" in error ? error.code : undefined;
  return typeof code === "string" ? code : "unknown error";
}
