import { groupsOf, readGroup } from "../../src/cli/reading/capture-group.ts";
import { type Pipeline, startPipeline } from "../../src/cli/run-pipeline.ts";
import type { SourceSummary } from "../../src/core/capture-event.ts";
import type { Analysis } from "../../src/diagnosis/analysis.ts";
import { again } from "../../src/sources/in-time.ts";

function start(): Pipeline {
  return startPipeline({
    ...{ verification: {}, journal: null },
    pseudonymise: () => "",
    onChange: () => undefined,
  });
}

export interface JudgedFile {
  readonly analysis: Analysis;
  readonly summary: SourceSummary;
}

/** Reads and judges one capture file as `replay` does. */
export async function judgeFile(path: string): Promise<JudgedFile> {
  const { analysis, summaries } = await judgeTogether([path]);
  const [summary] = summaries;
  if (summary === undefined) throw new Error("nothing was read");
  return { analysis, summary };
}

/** Reads and judges several files as one, as `replay --together` does. */
export async function judgeTogether(
  paths: readonly string[],
): Promise<{ readonly analysis: Analysis; readonly summaries: readonly SourceSummary[] }> {
  const [group] = groupsOf(paths, true);
  if (group === undefined) throw new Error("nothing was named");
  const reading = readGroup(group, { take: () => null });
  let pipeline = start();
  for await (const batch of reading.batches) {
    if (batch === again) pipeline = start();
    else for (const { event } of batch) await pipeline.accept(event);
  }
  return { analysis: pipeline.snapshot(), summaries: reading.summaries() };
}
