// The journal: one JSON object a line, written as events happen. A written line survives the end of the process, whatever
// ends it; the sync on a timer protects against loss of power. No caller has to wait for a write, as the disk may be slow
// or not answer at all.
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
  /** The torn last line that was cut off an older file; null when that file was whole. */
  readonly repaired: Repair | null;
  /**
   * Queues an event; never throws and never waits. A record that cannot be written is kept and retried, within a limit.
   * `onWritten` is called when the record was written, or its failure was reported; it must not throw.
   */
  write(event: Redacted<CaptureEvent>, onWritten?: () => void): void;
  /** Resolves when every queued record was written, or writing has failed. */
  settled(): Promise<void>;
  /** Resolves when the queue is short, for a source that can wait. */
  hasRoom(): Promise<void>;
  /** True when a write has taken so long that it may never return. Such a process does not end by itself. */
  isBlocked(): boolean;
  /** One line for a person for each problem so far. */
  problems(): readonly string[];
  /** Writes the closing record and syncs; gives up on a disk that does not answer. */
  close(): Promise<void>;
  /** The same for a process that ends: synchronous, without a sync to the disk. */
  closeNow(): void;
}

export interface JournalOptions {
  /** Version of this program, for the head. */
  readonly tool: string;
  /** Limit of the text that waits in memory while the disk is full, in UTF-16 units. */
  readonly pendingLimit?: number;
  /** False marks a journal that holds secrets at the person's request. */
  readonly isSanitised?: boolean;
  /** When a part is full and how much is kept; without it the file grows. */
  readonly rotation?: Rotation;
  readonly syncEveryMs?: number;
  /** Takes a lock, and refuses a journal that another process writes. Not needed for a file that no other process knows. */
  readonly isLocked?: boolean;
  /** The clock, epoch milliseconds; an exported journal takes the times of its capture. */
  readonly now?: () => number;
  /** Called with one line for a person when no lock can be made, when writing fails or recovers, and when old parts are first deleted. */
  readonly onTrouble?: (text: string) => void;
  /** Called when everything written before also survives a loss of power. */
  readonly onSynced?: (synced: SyncedRecords) => void;
}

const defaultPendingLimit = 64 * 1024 * 1024;

/** Opens a journal for appending, mode 0600. Throws ToolError for a file that is not a journal or is another user's, and leaves it unchanged. */
export function openJournal(path: string, options: JournalOptions): Journal {
  const lock = options.isLocked === true ? lockJournal(path) : null;
  try {
    const journal = openUnlocked(path, options);
    if (lock !== null && lock.missing !== null) options.onTrouble?.(missingLockNotice(path, lock.missing));
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
    throw error instanceof ToolError ? error : unusableError(path, `it cannot be written (${codeOf(error)})`);
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
    if (codeOf(error) !== "EEXIST") throw unusableError(path, `it cannot be opened (${codeOf(error)})`);
  }
  return openExisting(path, flags);
}

/** Refuses a file that another user owns or has a hard link to: that user could read what is written. */
function openExisting(path: string, flags: number): number {
  let descriptor: number;
  try {
    descriptor = openSync(path, flags);
  } catch (error) {
    throw unusableError(path, `it cannot be opened (${codeOf(error)})`);
  }
  const why = foreignFile(fstatSync(descriptor), process.geteuid?.());
  if (why === null) return descriptor;
  closeSync(descriptor);
  throw new ToolError("journal-open", `The journal ${JSON.stringify(path)} ${why}.`, {
    hint: "Nothing was written; name another file for --save, in a folder of your own.",
  });
}

function missingLockNotice(path: string, code: string): string {
  const lock = JSON.stringify(`${path}.lock`);
  return `No lock can be made for the journal (${code}: ${lock}). It is written anyway; make sure that no other capture writes it.`;
}

function unusableError(path: string, why: string): ToolError {
  return new ToolError("journal-unusable", `The journal ${path} cannot be used: ${why}.`, {
    hint: "Name another file, in a folder of your own that exists and that you may write to.",
  });
}
