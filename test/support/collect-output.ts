import { spawn } from "node:child_process";
import { text } from "node:stream/consumers";

/** Runs any program to its end with this input, and gives all it said. */
export async function collectOutput(
  program: string,
  programArguments: readonly string[],
  input: string,
): Promise<{ readonly stdout: string; readonly stderr: string }> {
  const child = spawn(program, programArguments, { stdio: ["pipe", "pipe", "pipe"] });
  child.stdin.on("error", () => child.stdin.destroy());
  child.stdin.end(input);
  const [stdout, stderr] = await Promise.all([text(child.stdout), text(child.stderr)]);
  return { stdout: stdout.replaceAll("\r\n", "\n"), stderr };
}
