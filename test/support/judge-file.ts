import { createHash } from "node:crypto";
import { type CaptureGroup, groupsOf, judgingOptions, readInto } from "../../src/app/reading/capture-group.ts";
import { type Pipeline, startPipeline } from "../../src/app/run-pipeline.ts";
import type { SourceSummary } from "../../src/core/capture-event.ts";
import type { Analysis } from "../../src/diagnosis/analysis.ts";

function start(group: CaptureGroup): Pipeline {
  return startPipeline({
    ...{ verification: {}, journal: null, ...judgingOptions(group) },
    pseudonymise,
    onChange: () => undefined,
  });
}

const letters = "abcdefghijklmnopqrstuvwxyz234567";

/** Rows of logs are judged as they are kept, so equal values must have equal pseudonyms, and others others. */
function pseudonymise(kind: string, value: string): string {
  const digest = createHash("sha256").update(`${kind}:${value}`).digest();
  return [...digest.subarray(0, 10)].map((byte) => letters[byte % 32]).join("");
}

export interface JudgedFile {
  readonly analysis: Analysis;
  readonly summary: SourceSummary;
}

/** Reads and judges one capture file as `replay` does. */
export async function judgeFile(path: string): Promise<JudgedFile> {
  const { analysis, summaries } = await judgeGroup(groupsOf([path], false));
  const [summary] = summaries;
  if (summary === undefined) throw new Error("nothing was read");
  return { analysis, summary };
}

export interface JudgedGroup {
  readonly analysis: Analysis;
  readonly summaries: readonly SourceSummary[];
}

/** Reads and judges several files as one, as `replay --together` does. */
export function judgeTogether(paths: readonly string[]): Promise<JudgedGroup> {
  return judgeGroup(groupsOf(paths, true));
}

async function judgeGroup([group]: readonly CaptureGroup[]): Promise<JudgedGroup> {
  if (group === undefined) throw new Error("nothing was named");
  let pipeline = start(group);
  const summaries = await readInto(group, () => {
    pipeline = start(group);
    return ({ event }) => pipeline.accept(event);
  });
  return { analysis: pipeline.snapshot(), summaries };
}
