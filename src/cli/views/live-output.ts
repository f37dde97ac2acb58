import type { LiveOutput } from "../../app/live/view.ts";
import { addExitTask } from "../../app/process-end.ts";
import { outliveClosedPipe } from "../../app/standard-streams.ts";
import { safeJson } from "../../core/safe-json.ts";
import { openPatientOutput } from "./patient-output.ts";

/** How long an interrupted program waits for a reader that takes nothing. */
const lastWaitMs = 3000;

/** `onClosed` is called when nobody can read standard output any more. */
export function openLiveOutput(isJson: boolean, onClosed: () => void): LiveOutput {
  const closedPipe = outliveClosedPipe();
  const tellOf = (lines: number): string => `${lines} lines were left out here: nobody took them in time.`;
  const errors = openPatientOutput(process.stderr, {
    leftOut: (lines) => `realmscope: ${tellOf(lines)}\n`,
    onClosed: () => undefined,
  });
  const output = openPatientOutput(process.stdout, {
    leftOut: (lines) => (isJson ? `${safeJson({ event: "notice", text: tellOf(lines) })}\n` : `${tellOf(lines)}\n`),
    onClosed() {
      errors.write("realmscope: standard output was closed; what follows is not shown.\n");
      onClosed();
    },
  });
  const restore = replaceErrorWrites((text) => errors.write(text));
  // A bug is told when nothing else is: at once, in the usual way.
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

/** Warnings of Node and words of packages go the same way as our own. */
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
