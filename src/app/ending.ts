// How a live run is ended: by a signal, or because nobody needs it any more.
import { exitCode } from "./exit-codes.ts";

export interface Ending {
  /** Ends the run in an orderly way, with that exit code. */
  end(code: number): void;
  /** The exit code when the run was ended so. */
  code(): number | null;
  release(): void;
}

/** The first signal ends the run in an orderly way, the second at once. */
export function startEnding(stopping: AbortController): Ending {
  let code: number | null = null;
  const end = (wanted: number): void => {
    code ??= wanted;
    stopping.abort("ended");
  };
  const onSignal = (signal: NodeJS.Signals): void => {
    const wanted = signal === "SIGINT" ? exitCode.interrupted : exitCode.terminated;
    if (code !== null) process.exit(wanted);
    end(wanted);
  };
  const signals: readonly NodeJS.Signals[] = ["SIGINT", "SIGTERM", "SIGHUP"];
  for (const signal of signals) process.on(signal, onSignal);
  return {
    end,
    code: () => code,
    release() {
      for (const signal of signals) process.off(signal, onSignal);
    },
  };
}

/** Resolves when the signal was given. */
export function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener("abort", () => resolve(), { once: true });
  });
}
