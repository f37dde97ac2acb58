import { CommanderError } from "commander";
import { exitCode } from "../app/exit-codes.ts";
import { runExitTasks } from "../app/process-end.ts";
import { endQuietlyOnClosedPipe, guardOutput } from "../app/standard-streams.ts";
import { safe } from "../core/safe-text.ts";
import { ToolError } from "../core/tool-error.ts";
import { buildProgram } from "./program/program.ts";

/**
 * Runs one command line and gives its exit code; only here errors become exit codes. A ToolError becomes one line with what to
 * do; any other error is a bug and is reported with its stack.
 */
export async function runProgram(argumentsGiven: readonly string[]): Promise<number> {
  guardOutput();
  endQuietlyOnClosedPipe();
  endOnUnforeseenErrors();
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
  // Commander has printed its line already; help and version are not errors.
  if (error instanceof CommanderError) return error.exitCode === 0 ? exitCode.trustShown : exitCode.cannotJudge;
  if (error instanceof ToolError) {
    process.stderr.write(`realmscope: ${safe(error.message)} ${safe(error.hint)}\n`);
    // A file failed the search for secrets after it was written: the program worked and found a problem.
    return error.code === "leak" ? exitCode.problemFound : exitCode.cannotJudge;
  }
  process.stderr.write(bugReport(error));
  return exitCode.bug;
}

/** Only the name and the stack: the message of an unforeseen error may contain captured text. */
function bugReport(error: unknown): string {
  const name = error instanceof Error ? error.name : "a value that is not an error";
  const code: unknown = error instanceof Error && "code" in error ? error.code : undefined;
  const places = error instanceof Error ? (error.stack ?? "").split("\n").filter((line) => /^\s+at /.test(line)) : [];
  const lines = [
    `realmscope: a bug in the program, please report these lines.`,
    `${name}${typeof code === "string" ? ` ${code}` : ""}`,
    ...places,
  ];
  return lines.map((line) => `${safe(line)}\n`).join("");
}

/** Ends the program for uncaught errors and rejections; first the journal gets what was captured. */
function endOnUnforeseenErrors(): void {
  const end = (error: unknown): void => {
    runExitTasks();
    process.stderr.write(bugReport(error));
    process.exit(exitCode.bug);
  };
  process.on("uncaughtException", end);
  process.on("unhandledRejection", end);
}
