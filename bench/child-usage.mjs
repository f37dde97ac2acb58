// Loaded into a measured child with --import: tells the benchmark, on file descriptor 3, what the whole process used.
import { writeSync } from "node:fs";
import { isMainThread } from "node:worker_threads";

// Threads are part of the process: only the first one tells.
process.on("exit", () => {
  if (!isMainThread) return;
  const { maxRSS, userCPUTime, systemCPUTime } = process.resourceUsage();
  writeSync(3, JSON.stringify({ rssMegabytes: maxRSS / 1024, cpuSeconds: (userCPUTime + systemCPUTime) / 1e6 }));
});
