// The one place through which all printed text goes, whoever prints it: commands, commander's usage errors, libraries.
import { withoutCommands } from "../core/runner-commands.ts";

type Done = (error?: Error | null) => void;
type Write = (text: string, done: Done) => boolean;

const unguarded = new Map<NodeJS.WriteStream, Write>();

/** From now on no line of standard output and standard error can be taken for a command of a CI runner. */
export function guardOutput(): void {
  for (const stream of [process.stdout, process.stderr]) guard(stream);
}

/** Writes a report to standard output whose lines are commands for a runner and mean to be. */
export function printCommands(text: string, done: Done): void {
  const write = unguarded.get(process.stdout) ?? ((given, told) => process.stdout.write(given, told));
  write(text, done);
}

function guard(stream: NodeJS.WriteStream): void {
  if (unguarded.has(stream)) return;
  const write = stream.write.bind(stream);
  unguarded.set(stream, (text, done) => write(text, done));
  stream.write = (chunk: Uint8Array | string, second?: BufferEncoding | Done, third?: Done): boolean => {
    const given = typeof chunk === "string" ? withoutCommands(chunk) : chunk;
    return typeof second === "function" ? write(given, second) : write(given, second, third);
  };
}
