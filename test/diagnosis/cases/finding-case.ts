import type { CaptureEvent } from "../../../src/core/capture-event.ts";
import type { AnalysisOptions } from "../../../src/diagnosis/analyze.ts";
import type { FindingCode, Severity } from "../../../src/diagnosis/catalogue/finding.ts";
import type { Exchanged } from "../story.ts";

/** One way in which a code is shown: what was on the wire, and what must (or must not) be said about it. */
export interface FindingCase {
  readonly name: string;
  readonly story: readonly (Exchanged | CaptureEvent)[];
  readonly options?: AnalysisOptions;
  /** Codes that must be there, with the severity they must have when it is not the catalogue's. */
  readonly shows?: readonly FindingCode[];
  readonly severity?: Severity;
  readonly never?: readonly FindingCode[];
  /** A part of the first shown finding's message or remedy. */
  readonly says?: string;
}
