// `watch` as a process of its own before origins of the test, and what can be seen of it from outside.
import { type ChildProcessByStdio, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, readdirSync, readFileSync, readlinkSync, rmSync, writeFileSync } from "node:fs";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import type { Readable } from "node:stream";

export interface WatchOptions {
  /** Command line after `watch`, without listeners. */
  readonly args: readonly string[];
  /** `https://name` of the target of each reverse listener. */
  readonly reverses?: readonly string[];
  /** PEM of certificates to trust for the targets. */
  readonly upstreamCa?: string;
}

export interface WatchProcess {
  readonly forward: number;
  /** Ports of the reverse listeners. */
  readonly reverses: readonly number[];
  /** PEM of its inspection CA. */
  readonly trust: string;
  /** Open descriptors, among them those of files that are being loaded. */
  descriptors(): number;
  /** Open sockets alone. */
  sockets(): number;
  /** Resident megabytes. */
  residentMb(): number;
  isRunning(): boolean;
  /** Exit code or signal once it has ended. */
  ending(): string;
  stderr(): string;
  /** Lines of standard output so far, as events. */
  events(): readonly Readonly<Record<string, unknown>>[];
  /** SIGTERM; gives the exit code, and null when it had to be killed. */
  stop(limitMs?: number): Promise<number | null>;
}

type Program = ChildProcessByStdio<null, Readable, Readable>;

const program = new URL("../../dist/cli/main.js", import.meta.url).pathname;

/** Starts it on free ports of loopback. Whoever calls stops it. */
export async function startWatch(options: WatchOptions): Promise<WatchProcess> {
  const folder = mkdtempSync(join(tmpdir(), "realmscope-watch-"));
  const args = ["watch", "--json", "--forward", "0", ...options.args];
  const { reverses = [] } = options;
  for (const target of reverses) args.push("--reverse", `0=${target}`);
  if (options.upstreamCa !== undefined) {
    writeFileSync(join(folder, "upstream.pem"), options.upstreamCa);
    args.push("--upstream-ca", join(folder, "upstream.pem"));
  }
  const child: Program = spawn(process.execPath, [program, ...args], {
    stdio: ["ignore", "pipe", "pipe"],
    env: { PATH: process.env.PATH, HOME: folder, REALMSCOPE_HOME: folder },
  });
  let stderr = "";
  child.stderr.on("data", (bytes: Buffer) => {
    stderr = `${stderr}${bytes.toString()}`.slice(-100_000);
  });
  const exited = once(child, "exit");
  const events: Record<string, unknown>[] = [];
  const ports = await readyPorts(child, { events, wanted: 1 + reverses.length });
  if (ports === null) {
    rmSync(folder, { recursive: true, force: true });
    throw new Error(`watch ended before it was ready: ${stderr}`);
  }
  const pid = child.pid ?? 0;
  return {
    forward: ports[0] ?? Number.NaN,
    reverses: ports.slice(1),
    trust: readFileSync(join(folder, "run", `ca-${pid}.pem`), "utf8"),
    descriptors: () => readdirSync(`/proc/${pid}/fd`).length,
    sockets: () => readdirSync(`/proc/${pid}/fd`).filter((name) => isSocket(`/proc/${pid}/fd/${name}`)).length,
    residentMb: () => residentMb(pid),
    isRunning: () => child.exitCode === null && child.signalCode === null,
    ending: () => `${child.exitCode ?? child.signalCode ?? "running"}`,
    stderr: () => stderr,
    events: () => events,
    async stop(limitMs = 15_000) {
      child.kill("SIGTERM");
      const limit = setTimeout(() => child.kill("SIGKILL"), limitMs);
      await exited;
      clearTimeout(limit);
      rmSync(folder, { recursive: true, force: true });
      return child.exitCode;
    },
  };
}

/** The last of its events are kept: a long run must not fill the memory of its test. */
const keptEvents = 20_000;

function readyPorts(
  child: Program,
  { events, wanted }: { readonly events: Record<string, unknown>[]; readonly wanted: number },
): Promise<readonly number[] | null> {
  const ports: number[] = [];
  return new Promise((resolve) => {
    child.once("exit", () => resolve(null));
    createInterface({ input: child.stdout }).on("line", (line) => {
      const event: Record<string, unknown> = JSON.parse(line);
      if (events.push(event) > keptEvents) events.splice(0, keptEvents / 2);
      if (event.event !== "ready" || typeof event.port !== "number") return;
      ports.push(event.port);
      if (ports.length === wanted) resolve(ports);
    });
  });
}

function residentMb(pid: number): number {
  const file = `/proc/${pid}/status`;
  if (!existsSync(file)) return Number.NaN;
  return Number(/^VmRSS:\s+(\d+) kB/m.exec(readFileSync(file, "utf8"))?.[1] ?? Number.NaN) / 1024;
}

/** What one request over one connection brings back until it closes; rejects when it breaks or takes too long. */
export function askOnce(port: number, request: string, limitMs = 10_000): Promise<string> {
  return new Promise((resolve, reject) => {
    const pieces: Buffer[] = [];
    const socket = connect({ host: "127.0.0.1", port });
    const timer = setTimeout(() => socket.destroy(new Error("no answer in time")), limitMs);
    socket.on("data", (bytes: Buffer) => pieces.push(bytes));
    socket.on("error", reject);
    socket.on("end", () => resolve(Buffer.concat(pieces).toString("latin1")));
    socket.on("close", () => {
      clearTimeout(timer);
      reject(new Error("the connection closed"));
    });
    socket.write(Buffer.from(request, "latin1"));
  });
}

function isSocket(descriptor: string): boolean {
  try {
    return readlinkSync(descriptor).startsWith("socket:");
  } catch {
    // Closed since the folder was read.
    return false;
  }
}
