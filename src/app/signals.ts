import { rmSync } from "node:fs";
import { exitCode } from "./exit-codes.ts";

const unfinished = new Set<string>();

const signals = [
  ["SIGINT", (): never => end(exitCode.interrupted)],
  ["SIGTERM", (): never => end(exitCode.terminated)],
  ["SIGHUP", (): never => end(exitCode.terminated)],
] as const;

/** Until it is released, an interrupt or the wish to end takes these files and folders away before the program ends. */
export function removeOnSignals(paths: readonly string[]): { release(): void } {
  if (unfinished.size === 0) for (const [signal, handler] of signals) process.prependListener(signal, handler);
  for (const path of paths) unfinished.add(path);
  return {
    release() {
      for (const path of paths) unfinished.delete(path);
      if (unfinished.size === 0) for (const [signal, handler] of signals) process.off(signal, handler);
    },
  };
}

function end(code: number): never {
  for (const path of unfinished) rmSync(path, { force: true, recursive: true });
  process.exit(code);
}

/** Ends the program with its own exit code when it is interrupted or terminated. What it writes is written whole or not at all. */
export function endOnSignals(): void {
  process.on("SIGINT", () => process.exit(exitCode.interrupted));
  for (const signal of ["SIGTERM", "SIGHUP"] as const) process.on(signal, () => process.exit(exitCode.terminated));
}
