import { CommanderError } from "commander";
import { exitCode } from "../app/exit-codes.ts";
import { runExitTasks } from "../app/process-end.ts";
import { endQuietlyOnClosedPipe, guardOutput } from "../app/standard-streams.ts";
import { safe } from "../core/safe-text.ts";
import { ToolError } from "../core/tool-error.ts";
import { buildProgram } from "./program/program.ts";

/**
 * Runs one command line and gives its exit code: the one place where errors become codes. A ToolError is one line that
 * says what to do; anything else is a bug in this program and keeps its stack.
 */
export async function runProgram(argumentsGiven: readonly string[]): Promise<number> {
  guardOutput();
  endQuietlyOnClosedPipe();
  endOnUnforeseen();
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
    // A written file that did not pass its check: the tool worked, and found something.
    return error.code === "leak" ? exitCode.problemFound : exitCode.cannotJudge;
  }
  process.stderr.write(bugReport(error));
  return exitCode.bug;
}

/** Name and places only: the message of an unforeseen error may repeat what was captured. */
function bugReport(error: unknown): string {
  const name = error instanceof Error ? error.name : "a value that is no error";
  const code: unknown = error instanceof Error && "code" in error ? error.code : undefined;
  const places = error instanceof Error ? (error.stack ?? "").split("\n").filter((line) => /^\s+at /.test(line)) : [];
  const lines = [
    `realmscope: a bug in the program, please report these lines.`,
    `${name}${typeof code === "string" ? ` ${code}` : ""}`,
    ...places,
  ];
  return lines.map((line) => `${safe(line)}\n`).join("");
}

/** What nobody awaits ends the program as any other bug does; first the journal gets what was captured, then the bug is told. */
function endOnUnforeseen(): void {
  const end = (error: unknown): void => {
    runExitTasks();
    process.stderr.write(bugReport(error));
    process.exit(exitCode.bug);
  };
  process.on("uncaughtException", end);
  process.on("unhandledRejection", end);
}
