import { type ChildProcessByStdio, spawn } from "node:child_process";
import { existsSync } from "node:fs";
import type { Readable, Writable } from "node:stream";

const program = new URL("../../dist/cli/main.js", import.meta.url).pathname;

export interface CliResult {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface CliOptions {
  readonly input?: string | Buffer;
  readonly environment?: Readonly<Record<string, string>>;
  readonly folder?: string;
  readonly limitMs?: number;
}

export type CliChild = ChildProcessByStdio<Writable, Readable, Readable>;

/** Starts the built program as a user would. `npm test` builds it first. */
export function startCli(args: readonly string[], options: CliOptions = {}): CliChild {
  if (!existsSync(program)) throw new Error("dist/ is missing: run npm run build");
  const child = spawn(process.execPath, [program, ...args], {
    stdio: ["pipe", "pipe", "pipe"],
    cwd: options.folder,
    env: { PATH: process.env.PATH, HOME: process.env.HOME, ...options.environment },
  });
  const limit = setTimeout(() => child.kill("SIGKILL"), options.limitMs ?? 25_000);
  child.once("exit", () => clearTimeout(limit));
  return child;
}

/** Runs the built program to its end. */
export async function runCli(args: readonly string[], options: CliOptions = {}): Promise<CliResult> {
  const child = startCli(args, options);
  child.stdin.on("error", () => child.stdin.destroy());
  child.stdin.end(options.input ?? "");
  return collect(child);
}

/** Waits for the end of a started program and gives all it said. */
export function collect(child: CliChild): Promise<CliResult> {
  return new Promise((resolve) => {
    const stdout: Buffer[] = [];
    const stderr: Buffer[] = [];
    child.stdout.on("data", (chunk: Buffer) => stdout.push(chunk));
    child.stderr.on("data", (chunk: Buffer) => stderr.push(chunk));
    child.once("close", (code, signal) => {
      resolve({
        code,
        signal,
        stdout: Buffer.concat(stdout).toString("utf8"),
        stderr: Buffer.concat(stderr).toString("utf8"),
      });
    });
  });
}

/** The last line of `--json` output, parsed. */
export function lastJson(stdout: string): Record<string, unknown> {
  const line = stdout.trimEnd().split("\n").at(-1) ?? "";
  const parsed: unknown = JSON.parse(line);
  if (typeof parsed !== "object" || parsed === null) throw new Error("the last line is no JSON object");
  return { ...parsed };
}
