// What surrounds a run while it changes anything: the locks of this user and this machine, and the ends that must wait for the
// call in flight: Ctrl-C, Ctrl-Break, SIGTERM, the close of the console or of the connection that it came through.
import { warn } from "../../app/setup/open-provisioning.ts";
import { lockPath } from "../../app/setup/run-folder.ts";
import { outliveClosedPipe } from "../../app/standard-streams.ts";
import { machineFolder } from "../../locks/machine-runs.ts";
import { announce, lockRuns, type RunLock } from "../../provisioning/engine/run-lock.ts";
import { provisionExit } from "./provision-exit.ts";

/** Locks the runs of this user, then looks for those of others. Throws Stop `locked`. */
export function lockRun(root: string, id: string, isBeside: boolean): RunLock {
  const own = lockRuns(lockPath(root), id);
  try {
    const machine = announce({ folder: machineFolder(), root, run: id }, { isBeside, warn });
    return {
      release() {
        machine.release();
        own.release();
      },
    };
  } catch (error) {
    own.release();
    throw error;
  }
}

export interface Interruption {
  readonly isInterrupted: () => boolean;
  release(): void;
}

/** SIGBREAK is Ctrl-Break on Windows. SIGHUP is there also the close of the console, after which Windows allows some seconds. */
const signals = ["SIGINT", "SIGBREAK", "SIGTERM", "SIGHUP"] as const;

/**
 * The first signal stops the run after the current call; the second kills the shell and ends the program. A hang-up comes
 * twice, from the kernel and from the shell, and nobody is there to press anything: it never counts as the second. A run also
 * outlives the reader of its output.
 */
export function watchInterruption(cancel: () => Promise<void>): Interruption {
  const pipes = outliveClosedPipe();
  let count = 0;
  let isHungUp = false;
  const onSignal = (signal: NodeJS.Signals): void => {
    if (signal === "SIGHUP") isHungUp = true;
    if (signal === "SIGHUP" && count > 0) return;
    count += 1;
    if (count > 1) void cancel().finally(() => process.exit(provisionExit.interrupted));
    else if (!isHungUp)
      process.stderr.write("Stopping after the call under way; press Ctrl-C again to stop at once.\n");
  };
  for (const signal of signals) process.on(signal, onSignal);
  return {
    isInterrupted: () => count > 0,
    release() {
      for (const signal of signals) process.off(signal, onSignal);
      // The terminal is gone: what is still printed must not end the program as a bug.
      if (!isHungUp) pipes.release();
    },
  };
}
