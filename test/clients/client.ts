// A client program as the tests call it, and how its process is run.
import { spawn } from "node:child_process";
import { type Answer, type Failed, type Run, readAnswers } from "./answers.ts";
import type { PlannedCall } from "./origins.ts";

/** How a client is to reach the origin. */
export interface Way {
  /** `https://localhost:PORT` */
  readonly base: string;
  /** Port of a proxy on 127.0.0.1; null for direct. */
  readonly proxy: number | null;
  /** PEM file of the only CA that is trusted; null for the system's store, which does not know those of the tests. */
  readonly trust: string | null;
}

export interface Client {
  readonly name: string;
  /** One line about its TLS library, for the page. */
  readonly tls: string;
  /** What the program says of its version; null where it is not on this machine, and `missing` says why. */
  readonly version: string | null;
  readonly missing: string;
  /** Which calls of the plan it can make; all where absent. */
  readonly calls?: readonly string[];
  /** `h2`: HTTP/2 alone; `both`: offers both. HTTP/1.1 alone where absent. */
  readonly protocol?: "h2" | "both";
  /** It cannot send plain `http://` requests to a proxy. */
  readonly hasNoPlain?: true;
  run(way: Way, calls: readonly PlannedCall[]): Promise<Run>;
}

export interface Ended {
  readonly exitCode: number | null;
  readonly stdout: Buffer;
  readonly stderr: string;
  readonly ms: number;
}

export interface Command {
  readonly program: string;
  readonly args: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
  readonly input?: string;
  readonly folder?: string;
}

/** No client may hold the tests; it is killed after this. */
const limitMs = 60_000;

/** Runs a program to its end. Its proxy variables are taken away: what it uses is what its arguments say. */
export function runProgram({ program, args, environment = {}, input = "", folder }: Command): Promise<Ended> {
  const inherited = Object.entries(process.env).filter(
    ([name]) => !/proxy$|^SSL_CERT|^NODE_|^CURL_CA|^REQUESTS_CA|^JAVA_TOOL|^VITEST/i.test(name),
  );
  const begun = performance.now();
  return new Promise((resolve) => {
    const child = spawn(program, args, { env: { ...Object.fromEntries(inherited), ...environment }, cwd: folder });
    const [stdout, stderr]: [Buffer[], Buffer[]] = [[], []];
    const limit = setTimeout(() => child.kill("SIGKILL"), limitMs);
    child.stdout.on("data", (bytes: Buffer) => stdout.push(bytes));
    child.stderr.on("data", (bytes: Buffer) => stderr.push(bytes));
    child.stdin.on("error", () => child.stdin.destroy());
    child.stdin.end(input);
    const settle = (exitCode: number | null): void => {
      clearTimeout(limit);
      const ms = performance.now() - begun;
      resolve({ exitCode, stdout: Buffer.concat(stdout), stderr: Buffer.concat(stderr).toString(), ms });
    };
    child.once("error", () => settle(127)).once("close", settle);
  });
}

/** The first line that matches what a program prints for its version; null where it does not run. */
export async function versionOf(program: string, args: readonly string[], pattern: RegExp): Promise<string | null> {
  const { exitCode, stdout, stderr } = await runProgram({ program, args });
  if (exitCode !== 0) return null;
  return pattern.exec(`${stdout.toString()}\n${stderr}`)?.[1] ?? null;
}

/** One process for all calls, for the programs of `programs/`. */
export async function runOwnProgram(command: Command, way: Way, calls: readonly PlannedCall[]): Promise<Run> {
  const proxy = way.proxy === null ? "-" : `http://127.0.0.1:${way.proxy}`;
  const words = calls.flatMap(({ method, path, bytes }) => [method, `${way.base}${path}`, String(bytes)]);
  const { exitCode, stdout, stderr, ms } = await runProgram({ ...command, args: [...command.args, proxy, ...words] });
  const answers = readAnswers(stdout.toString());
  if (answers.length === 0) throw new Error(`${command.program} printed no answer: ${stderr}`);
  return { exitCode, answers, ms };
}

/** One process for each call, joined to one run. */
export async function runEach(
  calls: readonly PlannedCall[],
  call: (planned: PlannedCall) => Promise<{ readonly ended: Ended; readonly answer: Answer | Failed }>,
): Promise<Run> {
  const answers: (Answer | Failed)[] = [];
  let [exitCode, ms]: [number | null, number] = [0, 0];
  for (const planned of calls) {
    const { ended, answer } = await call(planned);
    answers.push(answer);
    ms += ended.ms;
    if (exitCode === 0) exitCode = ended.exitCode;
  }
  return { exitCode, answers, ms };
}
