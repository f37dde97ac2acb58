import type { CheckPlan } from "../../src/app/checking/check-plan.ts";
import { startPipeline } from "../../src/app/run-pipeline.ts";
import type { Analysis } from "../../src/diagnosis/analysis.ts";
import { type CheckResult, checkEntries } from "../../src/expectations/check-entries.ts";
import { type LoggedEntry, startEntryLog } from "../../src/expectations/entry-log.ts";
import type { Expectations } from "../../src/expectations/expectations.ts";
import { readExpectations } from "../../src/expectations/read-expectations.ts";
import { allFacts } from "../../src/expectations/vocabulary.ts";
import { openCapture } from "../../src/sources/open-capture.ts";

/** A plan that checks nothing of its own. */
export const emptyPlan: CheckPlan = {
  expect: null,
  snapshot: null,
  isSnapshotUpdated: false,
  writeExpect: null,
  isTruncatedAllowed: false,
  failOn: null,
  usualFailOn: "error",
  realm: null,
  applications: [],
  metadata: [],
  authCert: [],
};

export interface LoadedTrace {
  readonly entries: readonly LoggedEntry[];
  readonly analysis: Analysis;
  readonly truncated: boolean;
}

/** Reads a trace with every fact there is. */
export async function loadTrace(
  path: string,
  factNames: ReadonlySet<string> = new Set(allFacts.keys()),
): Promise<LoadedTrace> {
  const log = startEntryLog({ factNames, clock: null });
  const pipeline = startPipeline({
    ...{ verification: {}, journal: null },
    pseudonymise: () => "",
    onChange: (event, change) => log.accept(event, change),
  });
  const capture = await openCapture(path);
  for await (const event of capture.events) await pipeline.accept(event);
  const analysis = pipeline.snapshot();
  return { entries: log.entries(analysis), analysis, truncated: capture.summary().truncated };
}

/** A file's text as expectations; throws with the problem when it is wrong. */
export function expectations(text: string): Expectations {
  const read = readExpectations(text, "test.yaml");
  if (read.ok) return read.value;
  throw new Error(`${read.problem.line}:${read.problem.column} ${read.problem.message}`);
}

/** Results of a file's text over a trace. */
export function check(text: string, trace: LoadedTrace): readonly CheckResult[] {
  return checkEntries(expectations(text), trace);
}

/** What is wrong with a file's text, as the program says it; null when nothing is. */
export function problemOf(text: string): string | null {
  const read = readExpectations(text, "test.yaml");
  return read.ok ? null : `${read.problem.line}:${read.problem.column} ${read.problem.message}`;
}
