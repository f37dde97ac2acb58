// A thread that checks traces: paths come in, reports go out, an empty list ends it.
import { parentPort, workerData } from "node:worker_threads";
import type { TraceReport } from "../../sinks/ci/trace-report.ts";
import type { CheckPlan } from "./check-plan.ts";
import { checkTrace } from "./check-trace.ts";

/** Places and paths of traces; an empty list when there are no more. */
export type ToCheckWorker = readonly (readonly [place: number, path: string])[];
export type FromCheckWorker = readonly (readonly [place: number, report: TraceReport])[];

const port = parentPort;
if (port !== null) {
  const plan: CheckPlan = workerData;
  port.on("message", (traces: ToCheckWorker) => {
    if (traces.length === 0) port.close();
    else void answer(traces, plan);
  });
  // A bug in here is an unhandled rejection, which ends the thread with an error that its owner throws.
  const answer = async (paths: ToCheckWorker, checked: CheckPlan): Promise<void> => {
    const reports: (readonly [number, TraceReport])[] = [];
    for (const [place, path] of paths) reports.push([place, await checkTrace(path, checked)]);
    port.postMessage(reports satisfies FromCheckWorker);
  };
}
