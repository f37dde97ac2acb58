// Checks many traces on all cores: each is judged by itself, so threads share them.
import { existsSync } from "node:fs";
import { availableParallelism } from "node:os";
import { fileURLToPath } from "node:url";
import { Worker } from "node:worker_threads";
import type { TraceReport } from "../../sinks/ci/trace-report.ts";
import type { CaptureGroup } from "../reading/capture-group.ts";
import type { CheckPlan } from "./check-plan.ts";
import { checkTrace } from "./check-trace.ts";
import type { FromCheckWorker, ToCheckWorker } from "./check-worker.ts";

/** Below this, starting threads takes longer than they save. */
const fewTraces = 24;
const mostWorkers = 8;

/** Reports of all traces, in their order. Throws an error that a thread did not catch. */
export async function checkAll(traces: readonly CaptureGroup[], plan: CheckPlan): Promise<readonly TraceReport[]> {
  const workers = Math.min(availableParallelism(), mostWorkers);
  const entry = fileURLToPath(new URL("./check-worker.js", import.meta.url));
  if (
    traces.length < fewTraces ||
    workers < 2 ||
    traces.some(({ files }) => files.some(({ path }) => path === "-")) ||
    !existsSync(entry)
  )
    return checkInThisThread(traces, plan);
  const reports: TraceReport[] = [];
  const queue = [...traces.keys()];
  await Promise.all(Array.from({ length: workers }, () => runWorker(entry, { traces, plan, queue, reports })));
  return reports;
}

async function checkInThisThread(traces: readonly CaptureGroup[], plan: CheckPlan): Promise<readonly TraceReport[]> {
  const reports: TraceReport[] = [];
  for (const trace of traces) reports.push(await checkTrace(trace, plan));
  return reports;
}

interface SharedWork {
  readonly traces: readonly CaptureGroup[];
  readonly plan: CheckPlan;
  /** Indices in `traces` that no thread has taken. */
  readonly queue: number[];
  readonly reports: TraceReport[];
}

const batch = 8;

/** Runs one thread, which takes a few traces at a time. */
async function runWorker(entry: string, { traces, plan, queue, reports }: SharedWork): Promise<void> {
  const worker = new Worker(entry, { workerData: plan });
  const send = (): void => {
    const places = queue.splice(0, batch);
    const message: ToCheckWorker = places.flatMap((place) => {
      const trace = traces[place];
      return trace === undefined ? [] : [[place, trace] as const];
    });
    worker.postMessage(message);
  };
  try {
    await new Promise<void>((resolve, reject) => {
      worker.once("error", reject);
      worker.once("exit", () => resolve());
      worker.on("message", (answers: FromCheckWorker) => {
        for (const [place, report] of answers) reports[place] = report;
        send();
      });
      send();
    });
  } finally {
    await worker.terminate();
  }
}
