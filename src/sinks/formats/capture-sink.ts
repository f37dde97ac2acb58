import type { CaptureEvent } from "../../core/capture-event.ts";
import type { Analysis } from "../../diagnosis/analysis.ts";
import type { Redacted } from "../../sanitising/sanitise.ts";
import type { AnalysisSource } from "../analysis-json.ts";

/** Where an exported capture goes. Takes events in the order of the capture, then what they come to. */
export interface CaptureSink {
  write(event: Redacted<CaptureEvent>): void;
  /** Resolves when what was written so far is out of memory. */
  drain(): Promise<void>;
  close(analysis: Analysis, sources: readonly AnalysisSource[]): Promise<void>;
}

export interface SinkOptions {
  /** Version of this program. */
  readonly version: string;
  /** False only where the person asked for the secrets: every format then says so. */
  readonly isSanitised: boolean;
  /** One sentence for the format's comment: what was done to the capture. */
  readonly note: string;
}
