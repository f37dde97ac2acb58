// A thread that checks traces: it receives traces, sends reports, and ends at an empty list.
import { parentPort, workerData } from "node:worker_threads";
import type { TraceReport } from "../../sinks/ci/trace-report.ts";
import type { CaptureGroup } from "../reading/capture-group.ts";
import type { CheckPlan } from "./check-plan.ts";
import { checkTrace } from "./check-trace.ts";

/** Traces with their indices; an empty list when there are no more. */
export type ToCheckWorker = readonly (readonly [place: number, trace: CaptureGroup])[];
export type FromCheckWorker = readonly (readonly [place: number, report: TraceReport])[];

const port = parentPort;
if (port !== null) {
  const plan: CheckPlan = workerData;
  port.on("message", (traces: ToCheckWorker) => {
    if (traces.length === 0) port.close();
    else void answer(traces, plan);
  });
  // A bug is an unhandled rejection: it ends the thread with an error that `checkAll` throws.
  const answer = async (traces: ToCheckWorker, checked: CheckPlan): Promise<void> => {
    const reports: (readonly [number, TraceReport])[] = [];
    for (const [place, trace] of traces) reports.push([place, await checkTrace(trace, checked)]);
    port.postMessage(reports satisfies FromCheckWorker);
  };
}
