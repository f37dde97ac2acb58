import type { CaptureSource, SourceSummary } from "../core/capture-event.ts";

/** What the reader of one format gives: the events, and what it says about the file after them. */
export interface FileReading {
  readonly events: CaptureSource;
  summary(): SourceSummary;
  /** Bytes of the file that the event read last stands in, for `readTransactionAt`; null where it cannot be read again. */
  place?(): FilePlace | null;
}

export interface FilePlace {
  readonly from: number;
  readonly length: number;
}
