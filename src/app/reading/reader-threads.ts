// The threads that read captures: light, so that they can be started while everything that judges is still loading.
import { existsSync, statSync } from "node:fs";
import { availableParallelism } from "node:os";
import { fileURLToPath } from "node:url";
import { Worker } from "node:worker_threads";

export interface ReaderThreads {
  readonly workers: readonly Worker[];
  stop(): Promise<void>;
}

/** Below this, starting threads takes longer than they save. */
const smallBytes = 8 * 1024 * 1024;
const mostWorkers = 4;
const entry = fileURLToPath(new URL("./read-worker.js", import.meta.url));

/** Rows and filters look at whole requests; what only judges needs little of them, so that other threads may read ahead. */
export function needsWholeRequests(options: {
  readonly verbose?: true | undefined;
  readonly filter?: string | undefined;
}): boolean {
  return options.verbose === true || options.filter !== undefined;
}

/** True where threads would save time: enough to read, all of it in files, and more than one core. */
export function isWorthThreads(files: readonly string[]): boolean {
  if (availableParallelism() < 2 || files.includes("-") || !existsSync(entry)) return false;
  const size = files.reduce((sum, file) => sum + (statSync(file, { throwIfNoEntry: false })?.size ?? 0), 0);
  return size >= smallBytes;
}

/** Starts a thread for each file, as many as there are cores. They wait to be told what to read. */
export function startReaderThreads(files: readonly string[]): ReaderThreads {
  const count = Math.min(files.length, mostWorkers, Math.max(1, availableParallelism()));
  const workers = Array.from(
    { length: count },
    () => new Worker(entry, { resourceLimits: { maxYoungGenerationSizeMb: 8 } }),
  );
  return {
    workers,
    async stop() {
      await Promise.all(workers.map((worker) => worker.terminate()));
    },
  };
}
