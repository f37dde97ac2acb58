import { startPipeline } from "../../src/cli/run-pipeline.ts";
import type { SourceSummary } from "../../src/core/capture-event.ts";
import type { Analysis } from "../../src/diagnosis/analysis.ts";
import { openCapture } from "../../src/sources/open-capture.ts";

/** Reads and judges one capture file as `replay` does. */
export async function judgeFile(path: string): Promise<{ analysis: Analysis; summary: SourceSummary }> {
  const pipeline = startPipeline({
    ...{ verification: {}, journal: null },
    pseudonymise: () => "",
    onChange: () => undefined,
  });
  const capture = await openCapture(path);
  for await (const event of capture.events) await pipeline.accept(event);
  return { analysis: pipeline.snapshot(), summary: capture.summary() };
}
