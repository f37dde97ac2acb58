// `replay` as a test: every trace is judged and checked by itself, then the chosen reports are written.
import { safe } from "../../core/safe-text.ts";
import { ToolError } from "../../core/tool-error.ts";
import { leakIn } from "../../sanitising/search/leak-check.ts";
import { ValueSearch } from "../../sanitising/search/value-search.ts";
import { isRunnerCommands } from "../../sinks/ci/reporter-names.ts";
import { loadReport } from "../../sinks/ci/reporters.ts";
import type { CheckedRun, TraceReport } from "../../sinks/ci/trace-report.ts";
import type { LogScope } from "../../sources/logs/log-file.ts";
import { worstExitCode } from "../exit-codes.ts";
import { groupsOf, separateGroups } from "../reading/capture-group.ts";
import { findAndReportTraces } from "../reading/find-traces.ts";
import { printCommands } from "../standard-streams.ts";
import { toolVersion } from "../version.ts";
import { checkAll } from "./check-all.ts";
import { type CheckPlan, isPerTrace, nameFor } from "./check-plan.ts";
import { loadExpectations } from "./load-expectations.ts";
import type { ReportTarget } from "./report-targets.ts";

export interface CheckRunOptions {
  readonly plan: CheckPlan;
  readonly targets: readonly ReportTarget[];
  /** Which rows of logs are judged; null for all. */
  readonly scope: LogScope | null;
  readonly isQuiet: boolean;
  readonly isDetailed: boolean;
}

/** Checks traces (files and folders) and writes the reports. Returns the exit code; throws ToolError when the call is wrong. */
export async function runChecks(named: readonly string[], options: CheckRunOptions): Promise<number> {
  const { plan, targets } = options;
  // A wrong file for all traces is reported once, before any trace is read.
  if (plan.expect !== null && !isPerTrace(plan.expect)) loadExpectations(plan.expect);
  const paths = await findAndReportTraces(named, options.isQuiet ? null : (text) => process.stderr.write(text));
  const { scope } = options;
  const groups = plan.isTogether === true ? groupsOf(paths, true, scope) : separateGroups(paths, scope);
  refuseSharedFiles(plan, groups.length);
  const traces = await checkAll(groups, plan);
  const run: CheckedRun = {
    version: toolVersion(),
    traces,
    exitCode: worstExitCode(traces.map((trace) => trace.exitCode)),
  };
  for (const target of targets) await writeReport(target, run, options);
  if (!options.isQuiet) reportWritten(plan, traces);
  return run.exitCode;
}

/** Names the written files on standard error, apart from the reports. */
function reportWritten({ writeExpect, snapshot, isSnapshotUpdated }: CheckPlan, traces: readonly TraceReport[]): void {
  for (const { path, outcome } of traces) {
    if (outcome === "error") continue;
    for (const name of [writeExpect, isSnapshotUpdated ? snapshot : null])
      if (name !== null) process.stderr.write(`${safe(`realmscope: ${nameFor(name, path)} was written.`)}\n`);
  }
}

/** Throws ToolError `usage` when two traces would write their snapshot or first expectations to one file. */
function refuseSharedFiles(plan: CheckPlan, traces: number): void {
  if (traces < 2) return;
  for (const [option, name] of [
    ["--snapshot", plan.snapshot],
    ["--write-expect", plan.writeExpect],
  ] as const) {
    if (name === null || isPerTrace(name)) continue;
    throw new ToolError("usage", `${option} ${JSON.stringify(name)} is one file for ${traces} traces.`, {
      hint: `Put {trace} into the name, for example ${option} '{trace}.snapshot.json': it stands for each trace's path without its extension.`,
    });
  }
}

async function writeReport({ name, file }: ReportTarget, run: CheckedRun, options: CheckRunOptions): Promise<void> {
  const isLastLineOnly = options.isQuiet && name === "pretty" && file === null;
  const render = await loadReport(name);
  const full = render(run, { safe, isDetailed: options.isDetailed });
  const text = isLastLineOnly ? `${full.trimEnd().split("\n").at(-1) ?? ""}\n` : full;
  // CI systems keep reports for long and show them to many: one with anything like a secret in it is not written.
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
