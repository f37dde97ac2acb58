import type { CaptureEvent } from "../../core/capture-event.ts";
import type { Analysis } from "../../diagnosis/analysis.ts";
import type { Redacted } from "../../sanitising/sanitise.ts";
import type { AnalysisSource } from "../analysis-json.ts";

/** The target of an export. Takes the events in the order of the capture, then their analysis. */
export interface CaptureSink {
  write(event: Redacted<CaptureEvent>): void;
  /** Resolves when everything written so far has left memory. */
  drain(): Promise<void>;
  close(analysis: Analysis, sources: readonly AnalysisSource[]): Promise<void>;
}

export interface SinkOptions {
  /** Version of this program. */
  readonly version: string;
  /** False only when the person asked to keep the secrets; every format then marks the file. */
  readonly isSanitised: boolean;
  /** One sentence for the format's comment about how the capture was sanitised. */
  readonly note: string;
}
