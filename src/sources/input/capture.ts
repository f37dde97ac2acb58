import type { CaptureSource, SourceSummary } from "../../core/capture-event.ts";
import type { HttpTransaction } from "../../core/http-transaction.ts";
import type { Progress } from "./byte-input.ts";

/** The port of a format reader: the events of a file, and a summary after the last one. */
export interface FileReading {
  readonly events: CaptureSource;
  summary(): SourceSummary;
  /** The span of the event read last, for `readTransactionAt`; null where it cannot be read again. */
  place?(): FilePlace | null;
  /** Which values of the transaction read last come from the file. */
  provenanceOf(transaction: HttpTransaction): Provenance;
}

/** Which values of a transaction come from the file; the reader has filled in the others. */
export interface Provenance {
  /** The id; otherwise the id is the number of the transaction in the file. */
  readonly isNamed: boolean;
  /** The time; otherwise the time is that of the transaction before it. */
  readonly isTimed: boolean;
  /** The time is from the `Date` field of the answer: whole seconds by the server's clock. */
  readonly isServersTime?: boolean;
}

/** A span of a file, in bytes. */
export interface FilePlace {
  readonly from: number;
  readonly length: number;
}

/**
 * An opened capture. Its events can be read once, in the order of the file, and throw ToolError for a file of another
 * format.
 */
export interface Capture extends FileReading {
  /** Bytes read so far, as they are on the disk. */
  progress(): Progress;
}

/** What a reader knows of an entry besides its content. */
export interface EntryPlace {
  /** Number of the entry in its file, from 1. */
  readonly number: number;
  /** Time for an entry without a readable one, epoch milliseconds. */
  readonly before: number;
}
