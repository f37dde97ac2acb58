import { ToolError } from "../../core/tool-error.ts";
import type { ComparedCapture } from "../../expectations/compare-analyses.ts";
import { startEntryLog } from "../../expectations/entry-log.ts";
import { handshakeDetailFacts, handshakeDetails } from "../../expectations/handshake-details.ts";
import { openCapture } from "../../sources/open-capture.ts";
import type { VerificationOptions } from "../../verification/verify-signatures.ts";
import { startPipeline } from "../run-pipeline.ts";

/** Reads one of two captures to compare. Throws ToolError when there is nothing in it to judge. */
export async function readForDiff(
  path: string,
  options: {
    readonly realm: string | null;
    readonly applications: ReadonlyMap<string, string>;
    readonly verification: VerificationOptions;
  },
): Promise<ComparedCapture & { readonly isTruncated: boolean }> {
  const log = startEntryLog({ asked: handshakeDetailFacts, clock: null });
  const pipeline = startPipeline({
    ...(options.realm === null ? {} : { realm: options.realm }),
    applications: options.applications,
    verification: options.verification,
    // Nothing of the traffic is written by this run.
    pseudonymise: () => "",
    journal: null,
    onChange: (event, change) => log.accept(event, change),
  });
  const capture = await openCapture(path);
  for await (const event of capture.events) await pipeline.accept(event);
  const analysis = pipeline.snapshot();
  if (analysis.counts.transactions === 0) {
    throw new ToolError("empty-capture", `There is no HTTP transaction in ${JSON.stringify(path)}.`, {
      hint: "Capture again while the handshake happens.",
    });
  }
  return { analysis, details: handshakeDetails(log.entries(analysis)), isTruncated: capture.summary().truncated };
}
