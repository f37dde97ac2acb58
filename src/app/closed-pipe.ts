import { exitCode } from "./exit-codes.ts";

let isOutlived = false;

/** A program whose reader has gone ends quietly; any other error of a standard stream is thrown. */
export function endQuietlyOnClosedPipe(): void {
  for (const stream of [process.stdout, process.stderr]) {
    stream.on("error", (error: NodeJS.ErrnoException) => {
      if (isOutlived) return;
      if (error.code === "EPIPE") process.exit(process.exitCode ?? exitCode.trustShown);
      throw error;
    });
  }
}

/** From now on whoever writes sees to it: a capture does not end because nobody reads what it says. */
export function outliveClosedPipe(): { release(): void } {
  isOutlived = true;
  return {
    release() {
      isOutlived = false;
    },
  };
}
