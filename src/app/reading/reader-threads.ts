// Starts the threads that read captures. Imports little, so that they start while the rest of the program loads.
import { existsSync, statSync } from "node:fs";
import { availableParallelism } from "node:os";
import { fileURLToPath } from "node:url";
import { Worker } from "node:worker_threads";
import { isOfLogs, kindOfFile } from "../../sources/input/capture-kind.ts";

export interface ReaderThreads {
  readonly workers: readonly Worker[];
  stop(): Promise<void>;
}

/** Below this, starting threads takes longer than they save. */
const smallBytes = 8 * 1024 * 1024;
const mostWorkers = 4;
const entry = fileURLToPath(new URL("./read-worker.js", import.meta.url));

/** True when rows are shown or filtered, which needs whole requests; judging alone needs few fields, so threads can send them. */
export function needsWholeRequests(options: {
  readonly verbose?: true | undefined;
  readonly filter?: string | undefined;
}): boolean {
  return options.verbose === true || options.filter !== undefined;
}

/** True when threads would save time: large files, no standard input, and more than one core. */
export function isWorthThreads(files: readonly string[]): boolean {
  if (availableParallelism() < 2 || files.includes("-") || !existsSync(entry)) return false;
  if (sizeOf(files) < smallBytes) return false;
  // Logs are counted by their bytes: another thread would take longer to start than it saves.
  return sizeOf(files.filter((file) => !isOfLogs(kindOfFile(file)))) >= smallBytes;
}

function sizeOf(files: readonly string[]): number {
  return files.reduce((sum, file) => sum + (statSync(file, { throwIfNoEntry: false })?.size ?? 0), 0);
}

/** Starts a thread for each file, at most one a core. They wait for orders. */
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
