import { exitCode } from "./exit-codes.ts";

/** Ends the program with its own exit code when it is interrupted or terminated. What it writes is written whole or not at all. */
export function endOnSignals(): void {
  process.on("SIGINT", () => process.exit(exitCode.interrupted));
  for (const signal of ["SIGTERM", "SIGHUP"] as const) process.on(signal, () => process.exit(exitCode.terminated));
}
