import type { CaptureSource, SourceSummary } from "../core/capture-event.ts";

/** What the reader of one format gives: the events, and what it says about the file after them. */
export interface FileReading {
  readonly events: CaptureSource;
  summary(): SourceSummary;
}
