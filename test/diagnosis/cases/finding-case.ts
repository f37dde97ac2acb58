import type { CaptureEvent } from "../../../src/core/capture-event.ts";
import type { AnalysisOptions } from "../../../src/diagnosis/analyze.ts";
import type { FindingCode, Severity } from "../../../src/diagnosis/catalogue/finding.ts";
import type { Exchanged } from "../story.ts";

/** One case of a finding: the traffic, and the findings that it must or must not give. */
export interface FindingCase {
  readonly name: string;
  readonly story: readonly (Exchanged | CaptureEvent)[];
  readonly options?: AnalysisOptions;
  /** Codes that must be reported, with their severity when it is not the catalogue's. */
  readonly shows?: readonly FindingCode[];
  readonly severity?: Severity;
  readonly never?: readonly FindingCode[];
  /** A part of the message or remedy of the first expected finding. */
  readonly says?: string;
}
