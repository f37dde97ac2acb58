// The built program in front of a real HTTPS origin, clients that ask without a pause, and what the journal holds of it.
import { type ChildProcess, type SpawnOptions, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { Agent, request } from "node:https";
import { connect, createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { onTestFinished } from "vitest";
import { startHttpsOrigin } from "./proxy-origin.ts";

const program = new URL("../../dist/cli/main.js", import.meta.url).pathname;
const host = "origin.test";
const limitMs = 60_000;

export interface WatchedOptions {
  /** More arguments of `watch`. */
  readonly args?: readonly string[];
  /** A module that is loaded into the program first: what a machine does that this one cannot be made to do. */
  readonly preload?: string;
  readonly environment?: Readonly<Record<string, string>>;
  readonly stdio?: SpawnOptions["stdio"];
  /** The command that starts the program's own command line, here with `node` as its first word. */
  readonly wrap?: (command: readonly string[]) => readonly string[];
  /** Null for none. */
  readonly journal?: string | null;
}

export interface Watched {
  readonly child: ChildProcess;
  /** Of the program itself, also inside a wrapper. */
  readonly pid: number;
  readonly journal: string;
  readonly folder: string;
  readonly load: Load;
  /** All that the program wrote to standard output and standard error, as far as they are pipes that are read. */
  readonly told: { stdout: string; stderr: string };
  readonly ended: Promise<{ readonly code: number | null; readonly signal: NodeJS.Signals | null }>;
}

/** Starts `watch --reverse` and resolves when it takes connections. Everything is gone when the test is over. */
export async function startWatched(options: WatchedOptions = {}): Promise<Watched> {
  const folder = mkdtempSync(join(tmpdir(), "realmscope-watched-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const origin = await startHttpsOrigin([host], (_, answer) => answer.end("x".repeat(400)));
  const root = join(folder, "root.pem");
  writeFileSync(root, origin.rootPem);
  const port = await freePort();
  const journal = options.journal ?? join(folder, "c.ndjson");
  const command = [
    process.execPath,
    ...(options.preload === undefined
      ? []
      : ["--import", new URL(`preload/${options.preload}`, import.meta.url).pathname]),
    ...[program, "watch", "--reverse", `127.0.0.1:${port}=https://${host}`, "--upstream-ca", root],
    ...["--connect-to", `${host}:443=127.0.0.1:${origin.port}`],
    ...(options.journal === null ? [] : ["--save", journal]),
    ...(options.args ?? ["--json"]),
  ];
  const [file = "", ...args] = options.wrap?.(command) ?? command;
  const child = spawn(file, args, {
    stdio: options.stdio ?? ["ignore", "pipe", "pipe"],
    env: { PATH: process.env.PATH, TERM: "xterm", REALMSCOPE_HOME: folder, ...options.environment },
  });
  const told = { stdout: "", stderr: "" };
  if (options.wrap === undefined)
    child.stdout?.on("data", (bytes: Buffer) => {
      told.stdout += bytes.toString();
    });
  child.stderr?.on("data", (bytes: Buffer) => {
    told.stderr += bytes.toString();
  });
  const ended = once(child, "exit").then(([code, signal]) => ({ code, signal }));
  const pid = await untilReady(folder, port, child);
  onTestFinished(() => endAll(child, pid));
  const trust = readFileSync(join(folder, "run", `ca-${pid}.pem`), "utf8");
  return { child, pid, journal, folder, told, ended, load: new Load(port, trust) };
}

function endAll(child: ChildProcess, pid: number): void {
  for (const one of [pid, child.pid ?? pid]) {
    try {
      process.kill(one, "SIGKILL");
    } catch {
      // It has ended already.
    }
  }
}

async function untilReady(folder: string, port: number, child: ChildProcess): Promise<number> {
  const until = Date.now() + limitMs;
  const run = join(folder, "run");
  while (Date.now() < until && child.exitCode === null) {
    const pid = existsSync(run) ? readdirSync(run).flatMap((name) => /^ca-(\d+)\.pem$/.exec(name)?.[1] ?? [])[0] : "";
    if (pid !== undefined && pid !== "" && (await accepts(port))) return Number(pid);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  throw new Error("watch was never ready");
}

function accepts(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host: "127.0.0.1", port });
    socket.once("error", () => resolve(false));
    socket.once("connect", () => resolve(socket.destroy().destroyed));
  });
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  server.close();
  await once(server, "close");
  return typeof address === "object" && address !== null ? address.port : 0;
}

/** Clients that ask one request after the other, each by its own number. */
export class Load {
  readonly #agent: Agent;
  readonly #options: object;
  readonly answered: string[] = [];
  readonly latencies: number[] = [];
  #isOver = false;
  #count = 0;
  #onAnswer: () => void = () => undefined;

  constructor(port: number, trust: string) {
    this.#agent = new Agent({ keepAlive: true, ca: trust, servername: host, maxSockets: 64 });
    this.#options = { host: "127.0.0.1", port, agent: this.#agent, headers: { host } };
    onTestFinished(() => this.#agent.destroy());
  }

  /** Asks until `stop` is called or no answer comes any more; resolves when the last client has left. */
  async run(clients: number): Promise<void> {
    await Promise.all(Array.from({ length: clients }, () => this.#client()));
  }

  stop(): void {
    this.#isOver = true;
  }

  /** Resolves when so many more were answered; rejects when that takes too long. */
  async more(count: number): Promise<void> {
    const wanted = this.answered.length + count;
    await new Promise<void>((resolve, reject) => {
      const timer = setTimeout(
        () => reject(new Error(`only ${this.answered.length} of ${wanted} were answered`)),
        limitMs,
      );
      this.#onAnswer = () => {
        if (this.answered.length < wanted) return;
        clearTimeout(timer);
        resolve();
      };
    });
  }

  async #client(): Promise<void> {
    while (!this.#isOver) {
      this.#count += 1;
      const id = `load-${this.#count}`;
      const begun = performance.now();
      if (!(await this.#ask(id))) return;
      this.latencies.push(performance.now() - begun);
      this.answered.push(id);
      this.#onAnswer();
    }
  }

  #ask(id: string): Promise<boolean> {
    return new Promise((resolve) => {
      const headers = { host, "client-request-id": id };
      const asked = request({ ...this.#options, headers, path: "/EWS/Exchange.asmx" }, (answer) => {
        answer.resume();
        answer.once("end", () => resolve(answer.complete));
        answer.once("error", () => resolve(false));
      });
      asked.once("error", () => resolve(false));
      asked.end();
    });
  }
}

export interface Kept {
  readonly missing: readonly string[];
  readonly doubled: readonly string[];
  /** Requests that the gaps of the journal speak of. */
  readonly lost: number;
  /** What stands in the last line: `end` after an orderly end. */
  readonly last: string;
  /** Lines that are no whole record. */
  readonly torn: number;
}

/** What the journal, read line by line, holds of the answered requests. */
export function keptOf(journal: string, answered: readonly string[]): Kept {
  const counts = new Map<string, number>();
  let [last, torn, lost] = ["", 0, 0];
  const lines = readFileSync(journal, "utf8").split("\n");
  if (lines.pop() !== "") torn += 1;
  for (const line of lines) {
    const id = /"client-request-id","value":"([^"]+)"/.exec(line)?.[1];
    try {
      const record: { k: string; lost?: number } = JSON.parse(line);
      last = record.k;
      if (record.k === "gap") lost += record.lost ?? 0;
    } catch {
      torn += 1;
    }
    if (id !== undefined) counts.set(id, (counts.get(id) ?? 0) + 1);
  }
  return {
    missing: answered.filter((id) => !counts.has(id)),
    doubled: [...counts].filter(([, count]) => count > 1).map(([id]) => id),
    ...{ last, torn, lost },
  };
}
