// The one place where other programs are started: by their full path, without a shell, with a named environment and no handle
// of this process but the pipes.
import {
  type ChildProcess,
  type ChildProcessByStdio,
  type ChildProcessWithoutNullStreams,
  fork,
  spawn,
} from "node:child_process";
import { isAbsolute } from "node:path";
import type { Writable } from "node:stream";
import { type Environment, environmentOf, type ProgramKind } from "./environment.ts";

export interface StartOptions {
  /** Decides which environment variables the program gets. */
  readonly kind: ProgramKind;
  /** Where its variables are taken from; default: this process. */
  readonly environment?: Environment;
  /** In a process group of its own, so that Ctrl-C on our terminal does not reach it. */
  readonly isDetached?: boolean;
  /** The working folder; default: this process's. */
  readonly folder?: string;
  /** Arguments are quoted already, for cmd.exe. */
  readonly isVerbatim?: boolean;
}

/** Starts a program with a pipe each for its input, output and errors. Throws for a path that is not a full one. */
export function startProgram(
  path: string,
  args: readonly string[],
  options: StartOptions,
): ChildProcessWithoutNullStreams {
  return spawn(fullPath(path), args, { ...spawnOptions(options), stdio: ["pipe", "pipe", "pipe"] });
}

/** Starts a program that may outlive this one: it gets its input from a pipe, and its output goes nowhere. */
export function startWriter(
  path: string,
  args: readonly string[],
  options: StartOptions,
): ChildProcessByStdio<Writable, null, null> {
  return spawn(fullPath(path), args, { ...spawnOptions(options), stdio: ["pipe", "ignore", "ignore"] });
}

/** Starts a module of this program in a second process, on the same terminal. */
export function startModule(
  module: string,
  args: readonly string[],
  environment: Readonly<Record<string, string>>,
): ChildProcess {
  return fork(module, args, {
    serialization: "advanced",
    execArgv: [],
    env: { ...environmentOf("screen"), ...environment },
  });
}

export interface ProgramAnswer {
  /** The exit code; null when the program was ended by a signal, or did not start. */
  readonly code: number | null;
  readonly output: string;
  readonly errors: string;
  /** The system's code of a failed start (`ENOENT`, `EACCES`), else null. */
  readonly failure: string | null;
  /** It was ended because it took longer than its limit, or wrote more. */
  readonly isOverLimit: boolean;
}

/** Runs a program without input to its end. Never rejects. */
export function runProgram(
  path: string,
  args: readonly string[],
  options: StartOptions & { readonly limitMs: number; readonly limitBytes?: number },
): Promise<ProgramAnswer> {
  let child: ChildProcessWithoutNullStreams;
  try {
    child = startProgram(path, args, options);
  } catch (error) {
    // Windows: a policy that forbids the program is thrown, not emitted.
    return Promise.resolve({ code: null, output: "", errors: "", failure: codeOf(error), isOverLimit: false });
  }
  const limitBytes = options.limitBytes ?? 1_000_000;
  const output: Buffer[] = [];
  const errors: Buffer[] = [];
  let length = 0;
  let isOverLimit = false;
  let failure: string | null = null;
  const end = (): void => {
    isOverLimit = true;
    child.kill("SIGKILL");
    // What the program itself started may hold the pipes open.
    child.stdout.destroy();
    child.stderr.destroy();
  };
  const collect = (into: Buffer[]) => (chunk: Buffer) => {
    length += chunk.length;
    if (length > limitBytes) end();
    else into.push(chunk);
  };
  child.stdout.on("data", collect(output));
  child.stderr.on("data", collect(errors));
  child.stdin.on("error", () => undefined);
  child.stdin.end();
  const timer = setTimeout(end, options.limitMs);
  return new Promise((resolve) => {
    child.once("error", (error) => {
      failure = codeOf(error);
    });
    child.once("close", (code) => {
      clearTimeout(timer);
      const [text, errorText] = [output, errors].map((chunks) => Buffer.concat(chunks).toString("utf8"));
      resolve({ code, output: text ?? "", errors: errorText ?? "", failure, isOverLimit });
    });
  });
}

function codeOf(error: unknown): string {
  return error instanceof Error && "code" in error ? String(error.code) : "error";
}

function spawnOptions({ kind, environment, isDetached, folder, isVerbatim }: StartOptions) {
  return {
    shell: false,
    windowsHide: true,
    env: environmentOf(kind, environment),
    ...(isDetached === true ? { detached: true } : {}),
    ...(folder === undefined ? {} : { cwd: folder }),
    ...(isVerbatim === true ? { windowsVerbatimArguments: true } : {}),
  };
}

/** A bare name would be searched by the system, on Windows in the working folder first. */
function fullPath(path: string): string {
  if (isAbsolute(path)) return path;
  throw new TypeError("A program is started by its full path only.");
}
