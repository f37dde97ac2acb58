// Loaded into a measured child with --import: reports the resource usage of the whole process on file descriptor 3.
import { writeSync } from "node:fs";
import { isMainThread } from "node:worker_threads";

// Only the main thread reports, as threads belong to the same process.
process.on("exit", () => {
  if (!isMainThread) return;
  const { maxRSS, userCPUTime, systemCPUTime } = process.resourceUsage();
  writeSync(3, JSON.stringify({ rssMegabytes: maxRSS / 1024, cpuSeconds: (userCPUTime + systemCPUTime) / 1e6 }));
});
