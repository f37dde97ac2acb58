import type { LiveOutput } from "../../app/live/view.ts";
import { addExitTask } from "../../app/process-end.ts";
import { outliveClosedPipe } from "../../app/standard-streams.ts";
import { safeJson } from "../../core/safe-json.ts";
import { openNonBlockingOutput } from "./non-blocking-output.ts";

/** How long an interrupted program waits for a reader that does not read. */
const lastWaitMs = 3000;

/** Opens both standard streams of a live capture. `onClosed` is called when standard output is closed. */
export function openLiveOutput(isJson: boolean, onClosed: () => void): LiveOutput {
  const closedPipe = outliveClosedPipe();
  const leftOutText = (lines: number): string => `${lines} lines were left out here: nobody took them in time.`;
  const errors = openNonBlockingOutput(process.stderr, {
    leftOut: (lines) => `realmscope: ${leftOutText(lines)}\n`,
    onClosed: () => undefined,
  });
  const output = openNonBlockingOutput(process.stdout, {
    leftOut: (lines) =>
      isJson ? `${safeJson({ event: "notice", text: leftOutText(lines) })}\n` : `${leftOutText(lines)}\n`,
    onClosed() {
      errors.write("realmscope: standard output was closed; further output is not shown.\n");
      onClosed();
    },
  });
  const restore = replaceErrorWrites((text) => errors.write(text));
  // The report of a bug is written at once, past the queue.
  const exitTask = addExitTask(() => {
    restore();
    return false;
  });
  return {
    write: output.write,
    keepAll: output.keepAll,
    async end(isPatient) {
      const limitMs = isPatient ? Number.POSITIVE_INFINITY : lastWaitMs;
      const wasTaken = (await output.flush(limitMs)) && (await errors.flush(lastWaitMs));
      exitTask.release();
      restore();
      closedPipe.release();
      return wasTaken;
    },
  };
}

/** Sends warnings of Node and of packages through the same queue. */
function replaceErrorWrites(write: (text: string) => void): () => void {
  const { stderr } = process;
  const direct = stderr.write;
  const replaced = (chunk: string | Uint8Array, ...rest: readonly unknown[]): boolean => {
    write(typeof chunk === "string" ? chunk : Buffer.from(chunk).toString());
    const done = rest.at(-1);
    if (typeof done === "function") done();
    return true;
  };
  stderr.write = replaced;
  return () => {
    stderr.write = direct;
  };
}
