// The performance bars of the live screen: npm run bench:screen [-- --short]. The installed program captures 500 requests a
// second for a minute with its screen in a real terminal (tmux), alternating with the same capture whose lines go to a pipe:
// the difference is the cost of the screen. Then the screen alone draws frames and works through many rows. Wall times depend
// on the other load of the machine; processor time is reliable. Linux only, because of /proc.
//   --short      less of everything      --only=PART      one part      --ahead      with priority over all other work (root)
import { type ChildProcess, execFileSync, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { cpus, loadavg, tmpdir } from "node:os";
import { join } from "node:path";
import { buildTestCertificate } from "../test/support/proxy-certificates.ts";
import { cpuMs, residentMb } from "./proxy/process-figures.ts";
import { forkScript, freePort, stopProcess } from "./proxy/subjects.ts";
import { baseName, type Job, type JobResult, type Route } from "./proxy/traffic.ts";
import { madeFile } from "./read-files.ts";
import { measureReplayScreen } from "./screen/replay.ts";

const isShort = process.argv.includes("--short");
/** The same files as `npm run bench:read` makes. */
const readFolder = process.env.REALMSCOPE_BENCH_FOLDER ?? join(tmpdir(), "realmscope-bench-read");
const perSecond = 500;
const seconds = isShort ? 10 : 60;
const size = { columns: 120, rows: 36 };
/** Gives this session priority over all others (autogroups of the kernel; needs root). */
const isAhead = process.argv.includes("--ahead");
function goAhead(pid: number): void {
  if (isAhead) writeFileSync(`/proc/${pid}/autogroup`, "-20");
}
const folder = mkdtempSync(join(tmpdir(), "realmscope-bench-screen-"));
const session = `realmscope-bench-${process.pid}`;
const tmux = (...args: string[]): string => execFileSync("tmux", ["-L", session, ...args], { encoding: "utf8" });

const quantile = (values: readonly number[], part: number): number =>
  [...values].sort((a, b) => a - b)[Math.floor((values.length - 1) * part)] ?? Number.NaN;

async function until<T>(look: () => T | null): Promise<T> {
  const end = Date.now() + 60_000;
  for (;;) {
    const found = look();
    if (found !== null) return found;
    if (Date.now() > end) throw new Error("the program did not reach the expected state in time");
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

interface Watching {
  readonly pid: number;
  readonly port: number;
  /** PEM of the inspection CA. */
  readonly trust: string;
  readonly screenPid: number | null;
  /** Ends the capture; returns the last third line of the screen. */
  stop(): Promise<string | null>;
}

interface Round {
  readonly how: "screen" | "plain";
  readonly home: string;
  readonly origin: number;
}

async function watchArguments({ home, origin }: Round): Promise<{ port: number; args: readonly string[] }> {
  const port = await freePort();
  const route = ["--upstream-ca", join(folder, "origin-root.pem"), "--connect-to"];
  const to = `${baseName}:${origin}=127.0.0.1:${origin}`;
  const journal = ["--save", join(home, "capture.ndjson")];
  const main = ["dist/cli/main.js", "watch", "--forward", String(port), "--host", "*.bench.test"];
  return { port, args: [...main, ...route, to, ...journal] };
}

const isGone = (pid: number): boolean => spawnSync("kill", ["-0", String(pid)]).status !== 0;
const trustOf = (home: string, pid: number): string => readFileSync(join(home, "run", `ca-${pid}.pem`), "utf8");

/** Starts the program in a terminal with its screen. */
async function watchOnScreen(round: Round): Promise<Watching> {
  const { port, args } = await watchArguments(round);
  const program = `exec env -u CI -u NO_COLOR REALMSCOPE_HOME=${round.home} ${process.execPath} ${args.join(" ")}`;
  const dimensions = ["-x", String(size.columns), "-y", String(size.rows)];
  tmux("-f", "/dev/null", "new-session", "-d", ...dimensions, "sh", "-f", "-c", program);
  await until(() => (tmux("capture-pane", "-p").includes("REC watch") ? true : null));
  const pid = Number(tmux("display-message", "-p", "#{pane_pid}"));
  goAhead(pid);
  const screenPid = Number(readFileSync(`/proc/${pid}/task/${pid}/children`, "utf8").trim().split(" ")[0]);
  const stop = async (): Promise<string> => {
    tmux("send-keys", "q");
    await until(() => (tmux("capture-pane", "-p").includes("s stop the capture") ? true : null));
    const seen = tmux("capture-pane", "-p").split("\n")[2] ?? "";
    tmux("send-keys", "s");
    await until(() => (isGone(pid) ? true : null));
    return seen;
  };
  return { pid, screenPid, port, trust: trustOf(round.home, pid), stop };
}

/** The control: the same program with its lines in a pipe. */
async function watchInAPipe(round: Round): Promise<Watching> {
  const { port, args } = await watchArguments(round);
  const env = { ...process.env, REALMSCOPE_HOME: round.home };
  const child: ChildProcess = spawn(process.execPath, [...args, "--plain"], {
    env,
    stdio: ["ignore", "pipe", "ignore"],
  });
  const pid = child.pid ?? Number.NaN;
  let lines = "";
  child.stdout?.setEncoding("utf8").on("data", (text: string) => {
    lines = (lines + text).slice(0, 10_000);
  });
  await until(() => (lines.includes("ready forward") ? true : null));
  const stop = async (): Promise<null> => {
    const ended = once(child, "close");
    child.kill("SIGINT");
    await ended;
    return null;
  };
  return { pid, screenPid: null, port, trust: trustOf(round.home, pid), stop };
}

async function measureRound(round: Round, load: ChildProcess) {
  mkdirSync(round.home);
  const watching = await (round.how === "screen" ? watchOnScreen(round) : watchInAPipe(round));
  const ask = async (job: Job): Promise<JobResult> => {
    const route: Route = { origin: round.origin, proxy: watching.port, trust: watching.trust };
    load.send({ route, job });
    const [answer] = (await once(load, "message")) as [{ result?: JobResult; failure?: string }];
    if (answer.result === undefined) throw new Error(answer.failure);
    return answer.result;
  };
  const warm = { kind: "paced", perSecond, seconds: 2, tunnels: 32 } as const;
  await ask(warm);
  const used = (): number[] => [watching.screenPid, watching.pid].map((pid) => (pid === null ? 0 : cpuMs(pid)));
  const before = used();
  const { latencies, seconds: took } = await ask({ kind: "paced", perSecond, seconds, tunnels: 32 });
  const shares = used().map((ms, index) => (ms - (before[index] ?? 0)) / 1000 / took);
  const memory = { proxyMb: residentMb(watching.pid), screenMb: watching.screenPid && residentMb(watching.screenPid) };
  const statusLine = await watching.stop();
  const requests = perSecond * (seconds + warm.seconds);
  const written = countEntries(round.home);
  rmSync(round.home, { recursive: true });
  return {
    how: round.how,
    load: loadavg()[0],
    requests,
    lost: requests - written,
    requestsPerSecond: latencies.length / took,
    latencyMs: { ...quantiles(latencies), max: latencies.reduce((max, ms) => Math.max(max, ms), 0) },
    /** Requests over 50 ms, for each second that had any; tells one stall from constant slowness. */
    slow: slowSeconds(latencies),
    proxyShareOfACore: shares[1],
    screenShareOfACore: watching.screenPid === null ? null : shares[0],
    ...memory,
    statusLine,
  };
}

const quantiles = (values: readonly number[]) => ({
  p50: quantile(values, 0.5),
  p95: quantile(values, 0.95),
  p99: quantile(values, 0.99),
});

/** Latencies are in the order of the answers. */
function slowSeconds(latencies: readonly number[]): Record<string, number> {
  const slow: Record<string, number> = {};
  for (const [index, ms] of latencies.entries()) {
    if (ms <= 50) continue;
    const second = `second ${Math.floor(index / perSecond) + 1}`;
    slow[second] = (slow[second] ?? 0) + 1;
  }
  return slow;
}

async function measureLoad(): Promise<readonly object[]> {
  const certificate = buildTestCertificate({ hosts: [baseName] });
  writeFileSync(join(folder, "origin-root.pem"), certificate.rootPem);
  const originProcess = forkScript("origin.ts");
  const loadProcess = forkScript("load.ts");
  const measured: object[] = [];
  try {
    originProcess.send({ key: certificate.key, cert: certificate.cert });
    const [{ port: origin }] = (await once(originProcess, "message")) as [{ port: number }];
    for (const [index, how] of (["screen", "plain", "screen", "plain"] as const).entries()) {
      const round = await measureRound({ how, home: join(folder, `round-${index}`), origin }, loadProcess);
      process.stderr.write(`${JSON.stringify(round)}\n`);
      measured.push(round);
    }
    return measured;
  } finally {
    spawnSync("tmux", ["-L", session, "kill-server"]);
    await stopProcess(loadProcess);
    await stopProcess(originProcess);
  }
}

/** Entries in all parts of the journal. */
function countEntries(home: string): number {
  const parts = readdirSync(home).filter((name) => name.startsWith("capture"));
  return parts
    .map((name) => readFileSync(join(home, name), "utf8").match(/^\{"k":"entry"/gm)?.length ?? 0)
    .reduce((sum, count) => sum + count, 0);
}

function frames(what: "frames" | "rows", count: number): Record<string, number> {
  const args = ["--expose-gc", "bench/screen/frames.mjs", what, String(size.columns), String(size.rows), String(count)];
  const { NODE_ENV: _, ...environment } = process.env;
  const output = execFileSync(process.execPath, args, { encoding: "utf8", env: environment });
  return JSON.parse(/^\{.*$/m.exec(output)?.[0] ?? "{}");
}

/** Runs all parts, or the one that `--only=` names; the results of the others stay unchanged in the file of the day. */
const parts: Readonly<Record<string, () => Promise<unknown>>> = {
  capturing: measureLoad,
  frames: async () => frames("frames", isShort ? 500 : 5000),
  hundredThousandRows: async () => frames("rows", 100_000),
  savedGigabyte: async () =>
    measureReplayScreen(madeFile(readFolder, "journal", isShort ? 100 : 1000), folder, {
      ...size,
      session,
      onStarted: goAhead,
    }),
};

const only = process.argv.find((argument) => argument.startsWith("--only="))?.slice(7);
const file = `bench/results/${new Date().toISOString().slice(0, 10)}-screen.json`;
const earlier = only !== undefined && existsSync(file) ? JSON.parse(readFileSync(file, "utf8")) : {};
const results: Record<string, unknown> = {
  node: process.version,
  processors: cpus().length,
  terminal: size,
  ...earlier,
};
try {
  for (const [name, measure] of Object.entries(parts)) {
    if (only !== undefined && only !== name) continue;
    goAhead(process.pid);
    const before = loadavg()[0];
    const measured = await measure();
    const circumstances = { date: new Date().toISOString(), load: [before, loadavg()[0]], isAhead };
    results[name] = { ...circumstances, measured };
    process.stderr.write(`${name}: ${JSON.stringify(results[name])}\n`);
  }
  mkdirSync("bench/results", { recursive: true });
  writeFileSync(file, `${JSON.stringify(results, null, 2)}\n`);
  process.stdout.write(`${file}\n`);
} finally {
  rmSync(folder, { recursive: true, force: true });
}
