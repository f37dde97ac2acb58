import type { CaptureSource, SourceSummary } from "../../core/capture-event.ts";
import type { HttpTransaction } from "../../core/http-transaction.ts";
import type { Progress } from "./byte-input.ts";

/** What the reader of one format gives: the events, and what it says about the file after them. */
export interface FileReading {
  readonly events: CaptureSource;
  summary(): SourceSummary;
  /** Bytes of the file that the event read last stands in, for `readTransactionAt`; null where it cannot be read again. */
  place?(): FilePlace | null;
  /** What the file itself says of a transaction that was read last. */
  provenanceOf(transaction: HttpTransaction): Provenance;
}

/** What stands in the file about a transaction; where it does not, the reader put something in its place. */
export interface Provenance {
  /** It has an id; else its id is its number in the file. */
  readonly isNamed: boolean;
  /** It has a time; else it has that of the one before it. */
  readonly isTimed: boolean;
  /** The time is only that of the answer's `Date` field: whole seconds by the server's clock. */
  readonly isServersTime?: boolean;
}

export interface FilePlace {
  readonly from: number;
  readonly length: number;
}

/** Events are read once, in the order of the file; they throw ToolError when the file turns out to be none of ours. */
export interface Capture extends FileReading {
  /** How far reading is, in bytes as they are on the disk. */
  progress(): Progress;
}

export interface EntryPlace {
  /** Number of the entry in its file, from 1. */
  readonly number: number;
  /** Time to use when the entry has none that can be read, epoch milliseconds. */
  readonly before: number;
}
