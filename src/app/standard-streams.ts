// Standard output and standard error of the whole program: every printed text goes through the guard, whoever prints it
// (commands, commander's usage errors, libraries), and a closed pipe is not an error.
import { withoutCommands } from "../core/runner-commands.ts";
import { exitCode } from "./exit-codes.ts";

type Done = (error?: Error | null) => void;
type Write = (text: string, done: Done) => boolean;

const unguarded = new Map<NodeJS.WriteStream, Write>();
let isOutlived = false;

/** From now on no line of standard output and standard error can be taken for a command of a CI runner. */
export function guardOutput(): void {
  for (const stream of [process.stdout, process.stderr]) guard(stream);
}

function guard(stream: NodeJS.WriteStream): void {
  if (unguarded.has(stream)) return;
  const write = stream.write.bind(stream);
  unguarded.set(stream, (text, done) => write(text, done));
  stream.write = (chunk: Uint8Array | string, second?: BufferEncoding | Done, third?: Done): boolean => {
    const guarded = typeof chunk === "string" ? withoutCommands(chunk) : chunk;
    return typeof second === "function" ? write(guarded, second) : write(guarded, second, third);
  };
}

/** Writes a report to standard output whose lines are meant as commands for a CI runner. */
export function printCommands(text: string, done: Done): void {
  const write = unguarded.get(process.stdout) ?? ((report, written) => process.stdout.write(report, written));
  write(text, done);
}

/** Ends the program quietly when the reader of a standard stream closes it; any other error of the stream is thrown. */
export function endQuietlyOnClosedPipe(): void {
  for (const stream of [process.stdout, process.stderr]) {
    stream.on("error", (error: NodeJS.ErrnoException) => {
      if (isOutlived) return;
      if (error.code === "EPIPE") process.exit(process.exitCode ?? exitCode.trustShown);
      throw error;
    });
  }
}

/** Lets the program outlive a closed pipe until it is released: a capture does not end because nobody reads its output. */
export function outliveClosedPipe(): { release(): void } {
  isOutlived = true;
  return {
    release() {
      isOutlived = false;
    },
  };
}
