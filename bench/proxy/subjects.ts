// The compared proxies, each started as a separate process.
import { type ChildProcess, fork, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdirSync, openSync, readFileSync, readSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { baseName, newHosts } from "./traffic.ts";

export interface Subject {
  readonly name: string;
  /** Null for `direct`, which has no process. */
  readonly pid: number | null;
  readonly port: number | null;
  readonly trust: string;
  /** Resolves when all work for that many further answered requests is done, for a subject that defers some of it. */
  settled?(answered: number): Promise<void>;
  stop(): Promise<void>;
}

export interface Setting {
  /** For keys, certificates and journals; removed by the caller. */
  readonly folder: string;
  readonly origin: number;
  /** PEM of the root of the origin's certificate, which every proxy verifies. */
  readonly originRoot: string;
}

const hosts = [baseName, ...newHosts];

/** Forks a script of the benchmark. */
export function forkScript(file: string): ChildProcess {
  return fork(new URL(file, import.meta.url), {
    execArgv: ["--import", "tsx"],
    stdio: ["ignore", "inherit", "inherit", "ipc"],
  });
}

export async function stopProcess(child: ChildProcess, signal: NodeJS.Signals = "SIGTERM"): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = once(child, "exit");
  child.kill(signal);
  await ended;
}

/** `realmscope watch --save` as it is installed. `nodeOptions` go to the one process, for profiling. */
export async function startCapturing(setting: Setting, nodeOptions: readonly string[] = []): Promise<Subject> {
  const rootFile = join(setting.folder, "origin-root.pem");
  writeFileSync(rootFile, setting.originRoot);
  const journal = join(setting.folder, "capture.ndjson");
  const child = spawn(
    process.execPath,
    [
      ...nodeOptions,
      "dist/cli/main.js",
      "watch",
      ...["--forward", "0", "--host", "*.bench.test", "--upstream-ca", rootFile, "--json", "--quiet"],
      ...["--save", journal],
      ...hosts.flatMap((host) => ["--connect-to", `${host}:${setting.origin}=127.0.0.1:${setting.origin}`]),
    ],
    { stdio: ["ignore", "pipe", "inherit"], env: { ...process.env, REALMSCOPE_HOME: setting.folder } },
  );
  const lines = createInterface({ input: child.stdout });
  const port = await new Promise<number>((resolve, reject) => {
    child.once("exit", (code) => reject(new Error(`watch ended with ${code}`)));
    lines.on("line", (line) => {
      const event: { event?: string; port?: number } = JSON.parse(line);
      if (event.event === "ready" && event.port !== undefined) resolve(event.port);
    });
  });
  const trust = readFileSync(join(setting.folder, "run", `ca-${child.pid}.pem`), "utf8");
  const recorded = countEntries(journal);
  let expected = 0;
  const settled = (answered: number): Promise<void> => {
    expected += answered;
    return until(async () => recorded() >= expected, 60_000);
  };
  return { name: "realmscope, journal", pid: child.pid ?? 0, port, trust, settled, stop: () => stopProcess(child) };
}

/** Counts the transactions in a growing journal; each call reads what was added since the previous one. */
function countEntries(path: string): () => number {
  const buffer = Buffer.alloc(1024 * 1024);
  let [descriptor, count] = [-1, 0];
  return () => {
    if (descriptor < 0) descriptor = openSync(path, "r");
    for (let read = readSync(descriptor, buffer); read > 0; read = readSync(descriptor, buffer)) {
      // Every record is one line; head and end are not transactions, and neither is written in between.
      for (let at = buffer.indexOf(10); at >= 0 && at < read; at = buffer.indexOf(10, at + 1)) count += 1;
    }
    return count - 1;
  };
}

export async function startBytesOnly({ origin, originRoot }: Setting): Promise<Subject> {
  const child = forkScript("bytes-only.ts");
  child.send({ hosts, ca: originRoot, origin: { host: "127.0.0.1", port: origin } });
  const [{ port, trust }] = (await once(child, "message")) as [{ port: number; trust: string }];
  return { name: "realmscope, bytes only", pid: child.pid ?? 0, port, trust, stop: () => stopProcess(child) };
}

export async function startBare({ folder, originRoot }: Setting): Promise<Subject> {
  const child = forkScript("bare.ts");
  const caFolder = join(folder, "bare");
  child.send({ folder: caFolder, ca: originRoot });
  const [{ port }] = (await once(child, "message")) as [{ port: number }];
  const trust = readFileSync(join(caFolder, "certs", "ca.pem"), "utf8");
  return { name: "http-mitm-proxy, keepAlive", pid: child.pid ?? 0, port, trust, stop: () => stopProcess(child) };
}

/** Null when mitmdump is not installed. */
export async function startMitmdump({ folder, originRoot }: Setting): Promise<Subject | null> {
  if (spawnSync("mitmdump", ["--version"]).status !== 0) return null;
  const home = join(folder, "mitmdump");
  mkdirSync(home, { mode: 0o700 });
  const rootFile = join(home, "origin-root.pem");
  writeFileSync(rootFile, originRoot);
  const port = await freePort();
  const script = new URL("mitmdump-names.py", import.meta.url).pathname;
  const child = spawn(
    "mitmdump",
    [
      ...["--listen-host", "127.0.0.1", "-p", String(port), "-q", "-w", join(home, "flows"), "-s", script],
      ...["--set", `confdir=${home}`, "--set", `ssl_verify_upstream_trusted_ca=${rootFile}`, "--set", "http2=false"],
    ],
    { stdio: ["ignore", "ignore", "inherit"] },
  );
  const caFile = join(home, "mitmproxy-ca-cert.pem");
  await until(async () => existsSync(caFile) && (await accepts(port)), 60_000);
  return {
    name: "mitmdump -w",
    pid: child.pid ?? 0,
    port,
    trust: readFileSync(caFile, "utf8"),
    stop: () => stopProcess(child),
  };
}

export async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  server.close();
  await once(server, "close");
  return typeof address === "object" && address !== null ? address.port : 0;
}

async function accepts(port: number): Promise<boolean> {
  const { connect } = await import("node:net");
  return new Promise((resolve) => {
    const socket = connect({ host: "127.0.0.1", port });
    socket.once("error", () => resolve(false));
    socket.once("connect", () => {
      socket.destroy();
      resolve(true);
    });
  });
}

/** Polls for states that nothing reports: that mitmdump listens, or that the journal holds enough records. */
async function until(holds: () => Promise<boolean>, limitMs: number): Promise<void> {
  const end = Date.now() + limitMs;
  while (!(await holds())) {
    if (Date.now() > end) throw new Error("the expected state was not reached in time");
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}
