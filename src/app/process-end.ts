// How the process ends: on a signal, by process.exit or by an exception that nobody caught, and what runs before it does.
import { rmSync } from "node:fs";
import { exitCode } from "./exit-codes.ts";

/** Runs at once, without a turn of the event loop. True when the process cannot end by itself: a thread waits for a disk that does not answer. */
type ExitTask = () => boolean;

const exitTasks = new Set<ExitTask>();
let cannotEnd = false;
let isListening = false;

/** Runs `task` before the process ends, whatever ends it, until it is released. */
export function addExitTask(task: ExitTask): { release(): void } {
  if (!isListening) process.prependListener("exit", onExit);
  isListening = true;
  exitTasks.add(task);
  return { release: () => void exitTasks.delete(task) };
}

/** Runs the tasks that have not run yet. */
export function runExitTasks(): void {
  for (const task of exitTasks) {
    exitTasks.delete(task);
    try {
      cannotEnd = task() || cannotEnd;
    } catch {
      // A task that fails must not cost the others.
    }
  }
}

/** Node waits for its threads when it ends; one that is stuck in the kernel would hold the process and its ports for ever. */
function onExit(): void {
  runExitTasks();
  if (!cannotEnd) return;
  process.removeAllListeners("SIGTERM");
  process.kill(process.pid, "SIGTERM");
}

const codes = [
  ["SIGINT", exitCode.interrupted],
  ["SIGTERM", exitCode.terminated],
  ["SIGHUP", exitCode.terminated],
] as const;

/** Ends the program with the exit code of the signal. For commands that write each file whole or not at all. */
export function endOnSignals(): void {
  for (const [signal, code] of codes) process.on(signal, () => process.exit(code));
}

const unfinished = new Set<string>();
const removers = codes.map(([signal, code]) => [signal, (): never => removeAndEnd(code)] as const);

/** Removes these files and folders when a signal ends the program, until it is released. */
export function removeOnSignals(paths: readonly string[]): { release(): void } {
  if (unfinished.size === 0) for (const [signal, remove] of removers) process.prependListener(signal, remove);
  for (const path of paths) unfinished.add(path);
  return {
    release() {
      for (const path of paths) unfinished.delete(path);
      if (unfinished.size === 0) for (const [signal, remove] of removers) process.off(signal, remove);
    },
  };
}

function removeAndEnd(code: number): never {
  for (const path of unfinished) rmSync(path, { force: true, recursive: true });
  process.exit(code);
}

/** The orderly end of a live run: by a signal, or because the run is no longer needed. */
export interface OrderlyEnd {
  /** Ends the run in an orderly way, with that exit code; the first code counts. */
  end(code: number): void;
  /** The exit code of a run that was ended so; null for any other. */
  code(): number | null;
  release(): void;
}

/** Aborts `stopping` at the first signal; the second ends the program at once. */
export function endOrderlyOnSignals(stopping: AbortController): OrderlyEnd {
  let code: number | null = null;
  const end = (wanted: number): void => {
    code ??= wanted;
    stopping.abort("ended");
  };
  const handlers = codes.map(([signal, wanted]) => {
    const handler = (): void => {
      if (code !== null) process.exit(wanted);
      end(wanted);
    };
    return [signal, handler] as const;
  });
  for (const [signal, handler] of handlers) process.on(signal, handler);
  return {
    end,
    code: () => code,
    release() {
      for (const [signal, handler] of handlers) process.off(signal, handler);
    },
  };
}

/** Resolves when the signal is aborted. */
export function whenAborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener("abort", () => resolve(), { once: true });
  });
}
