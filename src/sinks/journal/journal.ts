// The journal: one JSON object a line, written as things happen, so that whatever ends the program leaves all that was
// told before. A line that was written survives the death of the process; the sync on a timer is for loss of power. No
// write is waited for: the disk may be slow, or not answer at all.
import { closeSync, constants, fstatSync, openSync } from "node:fs";
import type { CaptureEvent } from "../../core/capture-event.ts";
import { foreignFile } from "../../core/file-owner.ts";
import { ToolError } from "../../core/tool-error.ts";
import type { Redacted } from "../../sanitising/sanitise.ts";
import type { OpenedFile } from "../line-file.ts";
import { codeOf } from "../system-error.ts";
import type { Rotation } from "./journal-file.ts";
import { lockJournal } from "./journal-lock.ts";
import { prepareJournalFile, type Repair } from "./journal-repair.ts";
import { findSegments } from "./journal-segments.ts";
import { JournalWriter, type SyncedRecords } from "./journal-writer.ts";

const journalSchema = "realmscope.journal/1";

export interface Journal {
  /** What was cut from the end of an older file whose writer died in the middle of a line; null when it was whole. */
  readonly repaired: Repair | null;
  /**
   * Never throws and never waits; what cannot be written is kept and tried again, within a bound. `onWritten` is called when
   * the record is with the operating system, or when it was told that it cannot be; it must not throw.
   */
  write(event: Redacted<CaptureEvent>, onWritten?: () => void): void;
  /** Resolves when all that was told is with the operating system, or cannot be. */
  settled(): Promise<void>;
  /** Resolves when little waits to be written: for a source that can wait. */
  hasRoom(): Promise<void>;
  /** A write has been under way for so long that nobody can say when it ends. A process with such a one does not end by itself. */
  isBlocked(): boolean;
  /** One clear line for each thing that went wrong, for the person. */
  problems(): readonly string[];
  /** Writes the closing record and syncs; gives up on a disk that does not answer. */
  close(): Promise<void>;
  /** The same without a sync, before it returns, for a process that ends: what was told stands in the file. */
  closeNow(): void;
}

export interface JournalOptions {
  /** Version of this program, for the head. */
  readonly tool: string;
  /** How much may wait in memory while the disk is full, in UTF-16 units. */
  readonly pendingLimit?: number;
  /** False marks a journal that holds secrets, because the person asked for them. */
  readonly isSanitised?: boolean;
  /** When a part is full and how much is kept; without it the file grows. */
  readonly rotation?: Rotation;
  readonly syncEveryMs?: number;
  /** Refuse a journal that another process is writing, and be the only one meanwhile. For what no other knows of, not needed. */
  readonly isLocked?: boolean;
  /** The clock, epoch milliseconds; an exported journal goes by the times of its capture. */
  readonly now?: () => number;
  /** Called with one clear line when no lock can be made, when writing stops and goes on, and when old parts begin to be deleted. */
  readonly onTrouble?: (text: string) => void;
  /** Called when what was written before is safe from loss of power, too. */
  readonly onSynced?: (synced: SyncedRecords) => void;
}

const defaultPendingLimit = 64 * 1024 * 1024;

/** Opens a journal for appending, mode 0600. A file that is no journal, or another user's, is refused and left as it is. */
export function openJournal(path: string, options: JournalOptions): Journal {
  const lock = options.isLocked === true ? lockJournal(path) : null;
  try {
    const journal = openUnlocked(path, options);
    if (lock !== null && lock.missing !== null) options.onTrouble?.(unguarded(path, lock.missing));
    return { ...journal, close: () => journal.close().finally(() => lock?.release()) };
  } catch (error) {
    lock?.release();
    throw error;
  }
}

function openUnlocked(path: string, options: JournalOptions): Journal {
  const { repaired, ...opened } = openPrepared(path);
  try {
    const writer = startWriter(path, opened, options);
    return {
      repaired,
      write: (event, onWritten) => writer.write(event, onWritten),
      settled: () => writer.settled(),
      hasRoom: () => writer.hasRoom(),
      isBlocked: () => writer.isBlocked,
      problems: () => writer.problems(),
      close: () => writer.close(),
      closeNow: () => writer.closeNow(),
    };
  } catch (error) {
    closeSync(opened.descriptor);
    throw error instanceof ToolError ? error : unusable(path, `it cannot be written (${codeOf(error)})`);
  }
}

function openPrepared(path: string): OpenedFile & { readonly repaired: Repair | null } {
  const descriptor = openFile(path);
  try {
    return { descriptor, ...prepareJournalFile(descriptor, path) };
  } catch (error) {
    closeSync(descriptor);
    throw error;
  }
}

function startWriter(path: string, opened: OpenedFile, options: JournalOptions): JournalWriter {
  const now = options.now ?? Date.now;
  const tool = { name: "realmscope", version: options.tool };
  const startedAt = new Date(now()).toISOString();
  return new JournalWriter({
    ...opened,
    path,
    reopen: () => openPrepared(path),
    head: {
      ...{ k: "head", schema: journalSchema, tool, startedAt, sanitised: options.isSanitised ?? true },
      checksum: "crc32",
    },
    pendingLimit: options.pendingLimit ?? defaultPendingLimit,
    syncEveryMs: options.syncEveryMs ?? 1000,
    rotation: options.rotation === undefined ? null : { ...options.rotation, segments: findSegments(path) },
    now,
    onTrouble: options.onTrouble ?? (() => undefined),
    onSynced: options.onSynced ?? (() => undefined),
  });
}

function openFile(path: string): number {
  const { O_RDWR, O_CREAT, O_EXCL, O_NOFOLLOW } = constants;
  const flags = O_RDWR | (O_NOFOLLOW ?? 0);
  try {
    return openSync(path, flags | O_CREAT | O_EXCL, 0o600);
  } catch (error) {
    if (codeOf(error) !== "EEXIST") throw unusable(path, `it cannot be opened (${codeOf(error)})`);
  }
  return openExisting(path, flags);
}

/** One that is there may have been put there by somebody who wants to read it: whoever owns it or holds another name of it can. */
function openExisting(path: string, flags: number): number {
  let descriptor: number;
  try {
    descriptor = openSync(path, flags);
  } catch (error) {
    throw unusable(path, `it cannot be opened (${codeOf(error)})`);
  }
  const why = foreignFile(fstatSync(descriptor), process.geteuid?.());
  if (why === null) return descriptor;
  closeSync(descriptor);
  throw new ToolError("journal-open", `The journal ${JSON.stringify(path)} ${why}.`, {
    hint: "Nothing was written; name another file for --save, in a folder of your own.",
  });
}

function unguarded(path: string, code: string): string {
  const lock = JSON.stringify(`${path}.lock`);
  return `No lock can be made for the journal (${code}: ${lock}). It is written all the same; let no other capture write it meanwhile.`;
}

function unusable(path: string, why: string): ToolError {
  return new ToolError("journal-unusable", `The journal ${path} cannot be used: ${why}.`, {
    hint: "Name another file, in a folder of your own that exists and that you may write to.",
  });
}
