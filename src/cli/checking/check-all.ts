// Many traces, over all cores: each is judged by itself, so they can be shared out.
import { existsSync } from "node:fs";
import { availableParallelism } from "node:os";
import { fileURLToPath } from "node:url";
import { Worker } from "node:worker_threads";
import type { TraceReport } from "../../sinks/ci/trace-report.ts";
import type { CheckPlan } from "./check-plan.ts";
import { checkTrace } from "./check-trace.ts";
import type { FromCheckWorker, ToCheckWorker } from "./check-worker.ts";

/** Below this, starting threads takes longer than they save. */
const fewTraces = 24;
const mostWorkers = 8;

/** Reports of all traces, in their order. A bug in a thread is thrown here. */
export async function checkAll(paths: readonly string[], plan: CheckPlan): Promise<readonly TraceReport[]> {
  const workers = Math.min(availableParallelism(), mostWorkers);
  const entry = fileURLToPath(new URL("./check-worker.js", import.meta.url));
  if (paths.length < fewTraces || workers < 2 || paths.includes("-") || !existsSync(entry))
    return checkHere(paths, plan);
  const reports: TraceReport[] = [];
  const queue = [...paths.keys()];
  await Promise.all(Array.from({ length: workers }, () => runWorker(entry, { paths, plan, queue, reports })));
  return reports;
}

async function checkHere(paths: readonly string[], plan: CheckPlan): Promise<readonly TraceReport[]> {
  const reports: TraceReport[] = [];
  for (const path of paths) reports.push(await checkTrace(path, plan));
  return reports;
}

interface SharedWork {
  readonly paths: readonly string[];
  readonly plan: CheckPlan;
  /** Places in `paths` that nobody has taken. */
  readonly queue: number[];
  readonly reports: TraceReport[];
}

const batch = 8;

/** One thread that takes a few traces whenever it is done with the last ones. */
async function runWorker(entry: string, { paths, plan, queue, reports }: SharedWork): Promise<void> {
  const worker = new Worker(entry, { workerData: plan });
  const send = (): void => {
    const places = queue.splice(0, batch);
    const message: ToCheckWorker = places.map((place) => [place, paths[place] ?? ""] as const);
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
