// `replay` as a test: every trace is judged by itself, checked, and told in the reports that were asked for.

import { safe } from "../../core/safe-text.ts";
import { ToolError } from "../../core/tool-error.ts";
import { leakIn } from "../../sanitising/search/leak-check.ts";
import { ValueSearch } from "../../sanitising/search/value-search.ts";
import { isRunnerCommands } from "../../sinks/ci/reporter-names.ts";
import { loadReport } from "../../sinks/ci/reporters.ts";
import type { CheckedRun, TraceReport } from "../../sinks/ci/trace-report.ts";
import { worstExitCode } from "../exit-codes.ts";
import { groupsOf, singleFile } from "../reading/capture-group.ts";
import { findTraces } from "../reading/find-traces.ts";
import { printCommands } from "../standard-streams.ts";
import { toolVersion } from "../version.ts";
import { checkAll } from "./check-all.ts";
import { type CheckPlan, isPerTrace, nameFor } from "./check-plan.ts";
import { loadExpectations } from "./load-expectations.ts";
import type { ReportTarget } from "./report-targets.ts";

export interface CheckRunOptions {
  readonly plan: CheckPlan;
  readonly targets: readonly ReportTarget[];
  readonly isQuiet: boolean;
  readonly isDetailed: boolean;
}

/** Checks traces (files and folders) and writes the reports. Gives the exit code; throws ToolError for what is wrong with the call. */
export async function runChecks(named: readonly string[], options: CheckRunOptions): Promise<number> {
  const { plan, targets } = options;
  // A file that is wrong for all traces is said once, before anything is read.
  if (plan.expect !== null && !isPerTrace(plan.expect)) loadExpectations(plan.expect);
  const paths = findTraces(named);
  const groups = plan.isTogether === true ? groupsOf(paths, true) : paths.map(singleFile);
  refuseSharedFiles(plan, groups.length);
  const traces = await checkAll(groups, plan);
  const run: CheckedRun = {
    version: toolVersion(),
    traces,
    exitCode: worstExitCode(traces.map((trace) => trace.exitCode)),
  };
  for (const target of targets) await writeReport(target, run, options);
  if (!options.isQuiet) tellWritten(plan, traces);
  return run.exitCode;
}

/** Files that were made beside the reports are told where they disturb no reader of these. */
function tellWritten({ writeExpect, snapshot, isSnapshotUpdated }: CheckPlan, traces: readonly TraceReport[]): void {
  for (const { path, outcome } of traces) {
    if (outcome === "error") continue;
    for (const name of [writeExpect, isSnapshotUpdated ? snapshot : null])
      if (name !== null) process.stderr.write(`${safe(`realmscope: ${nameFor(name, path)} was written.`)}\n`);
  }
}

/** One file cannot hold the snapshot, or the first expectations, of two traces. */
function refuseSharedFiles(plan: CheckPlan, traces: number): void {
  if (traces < 2) return;
  for (const [option, name] of [
    ["--snapshot", plan.snapshot],
    ["--write-expect", plan.writeExpect],
  ] as const) {
    if (name === null || isPerTrace(name)) continue;
    throw new ToolError("usage", `${option} ${JSON.stringify(name)} is one file for ${traces} traces.`, {
      hint: `Put {trace} into the name, for example ${option} '{trace}.snapshot.json': it stands for each trace's path without its ending.`,
    });
  }
}

async function writeReport({ name, file }: ReportTarget, run: CheckedRun, options: CheckRunOptions): Promise<void> {
  const isCalm = options.isQuiet && name === "pretty" && file === null;
  const render = await loadReport(name);
  const full = render(run, { safe, isDetailed: options.isDetailed });
  const text = isCalm ? `${full.trimEnd().split("\n").at(-1) ?? ""}\n` : full;
  // Reports are kept by CI systems for long and for many: nothing leaves when anything like a secret is in it.
  const leak = leakIn(Buffer.from(text), { known: new ValueSearch([]), isPublic: () => true });
  if (leak !== null) {
    throw new ToolError("leak", `The report ${name} held ${leak}, so it was not written.`, {
      hint: "Please report this with the kind of trace, not with the trace itself.",
    });
  }
  if (file === null) await print(text, isRunnerCommands(name));
  else await (await import("./write-whole.ts")).writeWhole(file, text, { mode: "replace" });
}

function print(text: string, areCommands: boolean): Promise<void> {
  return new Promise((resolve, reject) => {
    const done = (error?: Error | null): void => {
      if (error == null) resolve();
      else reject(error);
    };
    if (areCommands) printCommands(text, done);
    else process.stdout.write(text, done);
  });
}
