import { CommanderError } from "commander";
import { ToolError } from "../core/tool-error.ts";
import { safe } from "../tui/safe-text.ts";
import { exitCode } from "./exit-codes.ts";
import { buildProgram } from "./program.ts";

/**
 * Runs one command line and gives its exit code: the one place where errors become codes. A ToolError is one line that
 * says what to do; anything else is a bug in this program and keeps its stack.
 */
export async function runProgram(argumentsGiven: readonly string[]): Promise<number> {
  endQuietlyOnClosedPipe();
  let code: number = exitCode.trustShown;
  try {
    const program = buildProgram((answered) => {
      code = answered;
    });
    await program.parseAsync(argumentsGiven, { from: "user" });
    return code;
  } catch (error) {
    return codeOfError(error);
  }
}

function codeOfError(error: unknown): number {
  // Commander has printed its own line by then; help and version are no errors.
  if (error instanceof CommanderError) return error.exitCode === 0 ? exitCode.trustShown : exitCode.cannotJudge;
  if (error instanceof ToolError) {
    process.stderr.write(`realmscope: ${safe(error.message)} ${safe(error.hint)}\n`);
    return exitCode.cannotJudge;
  }
  const stack = error instanceof Error ? (error.stack ?? error.message) : String(error);
  const lines = stack.split("\n").map((line) => safe(line));
  process.stderr.write(`realmscope: a bug in the program, please report these lines.\n${lines.join("\n")}\n`);
  return exitCode.bug;
}

function endQuietlyOnClosedPipe(): void {
  for (const stream of [process.stdout, process.stderr]) {
    stream.on("error", (error: NodeJS.ErrnoException) => {
      if (error.code === "EPIPE") process.exit(process.exitCode ?? exitCode.trustShown);
      throw error;
    });
  }
}
