import { ToolError } from "../../core/tool-error.ts";
import type { ComparedCapture } from "../../expectations/compare-analyses.ts";
import { type EntryLog, startEntryLog } from "../../expectations/entry-log.ts";
import { handshakeDetailFacts, handshakeDetails } from "../../expectations/handshake-details.ts";
import type { VerificationOptions } from "../../verification/verify-signatures.ts";
import type { KnownApplications } from "../hybrid-app.ts";
import { constantPseudonym } from "../pseudonyms.ts";
import { judgingOptions, readInto, singleFile } from "../reading/capture-group.ts";
import { type Pipeline, startPipeline } from "../run-pipeline.ts";

/** Reads one of two captures to compare. Throws ToolError `empty-capture` when it has no transaction. */
export async function readForDiff(
  path: string,
  options: {
    readonly realm: string | null;
    readonly known: KnownApplications;
    readonly verification: VerificationOptions;
  },
): Promise<ComparedCapture & { readonly isTruncated: boolean }> {
  const group = singleFile(path);
  const start = (): { readonly log: EntryLog; readonly pipeline: Pipeline } => {
    const log = startEntryLog({ factNames: handshakeDetailFacts, clock: null });
    const pipeline = startPipeline({
      ...(options.realm === null ? {} : { realm: options.realm }),
      ...options.known,
      verification: options.verification,
      ...judgingOptions(group),
      // The differences must be the same in every run.
      pseudonymise: constantPseudonym,
      journal: null,
      onChange: (event, change) => log.accept(event, change),
    });
    return { log, pipeline };
  };
  let judging = start();
  const [summary] = await readInto(group, () => {
    judging = start();
    return ({ event }) => judging.pipeline.accept(event);
  });
  const { log, pipeline } = judging;
  const analysis = pipeline.snapshot();
  if (analysis.counts.transactions + analysis.counts.logRows === 0) {
    throw new ToolError("empty-capture", `There is no HTTP transaction in ${JSON.stringify(path)}.`, {
      hint: "Capture again while the handshake happens.",
    });
  }
  return { analysis, details: handshakeDetails(log.entries(analysis)), isTruncated: summary?.truncated === true };
}
