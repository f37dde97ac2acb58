import { provisionExit } from "./provision-exit.ts";

export interface Interruption {
  readonly isInterrupted: () => boolean;
  release(): void;
}

/** The first Ctrl-C lets the call under way end and stops then; the second kills the shell and ends at once. */
export function watchInterruption(cancel: () => Promise<void>): Interruption {
  let count = 0;
  const onSignal = (): void => {
    count += 1;
    if (count === 1) process.stderr.write("Stopping after the call under way; press Ctrl-C again to stop at once.\n");
    else void cancel().finally(() => process.exit(provisionExit.interrupted));
  };
  process.on("SIGINT", onSignal);
  process.on("SIGTERM", onSignal);
  return {
    isInterrupted: () => count > 0,
    release() {
      process.off("SIGINT", onSignal);
      process.off("SIGTERM", onSignal);
    },
  };
}
