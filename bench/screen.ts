// The bars of the live screen: npm run bench:screen [-- --short]. The installed program captures 500 requests a second for
// a minute while its screen is up in a real terminal (tmux); then the screen alone draws frames and goes through many rows.
// Wall times depend on what else the machine does; processor time is what to trust. Linux only, for /proc.
import { execFileSync, spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { cpus, loadavg, tmpdir } from "node:os";
import { join } from "node:path";
import { buildTestCertificate } from "../test/support/proxy-certificates.ts";
import { cpuMs, residentMb } from "./proxy/process-figures.ts";
import { forkScript, freePort, stopProcess } from "./proxy/subjects.ts";
import { baseName, type Job, type JobResult, type Route } from "./proxy/traffic.ts";

const isShort = process.argv.includes("--short");
const perSecond = 500;
const seconds = isShort ? 10 : 60;
const size = { columns: 120, rows: 36 };
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
    if (Date.now() > end) throw new Error("the program never got there");
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

/** The program in a terminal of its own, its screen up. */
async function startWatching(origin: number, originRoot: string) {
  const root = join(folder, "origin-root.pem");
  const journal = join(folder, "capture.ndjson");
  writeFileSync(root, originRoot);
  const port = await freePort();
  const program = `exec env -u CI -u NO_COLOR REALMSCOPE_HOME=${folder} ${process.execPath} dist/cli/main.js watch --forward ${port} --host *.bench.test --upstream-ca ${root} --connect-to ${baseName}:${origin}=127.0.0.1:${origin} --save ${journal}`;
  tmux(
    "-f",
    "/dev/null",
    "new-session",
    "-d",
    "-x",
    String(size.columns),
    "-y",
    String(size.rows),
    "sh",
    "-f",
    "-c",
    program,
  );
  await until(() => (tmux("capture-pane", "-p").includes("REC watch") ? true : null));
  const pid = Number(tmux("display-message", "-p", "#{pane_pid}"));
  const screenPid = Number(readFileSync(`/proc/${pid}/task/${pid}/children`, "utf8").trim().split(" ")[0]);
  const trust = readFileSync(join(folder, "run", `ca-${pid}.pem`), "utf8");
  return { pid, screenPid, port, trust, journal };
}

async function measureLoad(): Promise<object> {
  const certificate = buildTestCertificate({ hosts: [baseName] });
  const originProcess = forkScript("origin.ts");
  const loadProcess = forkScript("load.ts");
  try {
    originProcess.send({ key: certificate.key, cert: certificate.cert });
    const [{ port: origin }] = (await once(originProcess, "message")) as [{ port: number }];
    const watching = await startWatching(origin, certificate.rootPem);
    const ask = async (job: Job): Promise<JobResult> => {
      const route: Route = { origin, proxy: watching.port, trust: watching.trust };
      loadProcess.send({ route, job });
      const [answer] = (await once(loadProcess, "message")) as [{ result?: JobResult; failure?: string }];
      if (answer.result === undefined) throw new Error(answer.failure);
      return answer.result;
    };
    const warm = { kind: "paced", perSecond, seconds: 2, tunnels: 32 } as const;
    await ask(warm);
    const [screenBefore, proxyBefore] = [cpuMs(watching.screenPid), cpuMs(watching.pid)];
    const { latencies, seconds: took } = await ask({ kind: "paced", perSecond, seconds, tunnels: 32 });
    const [screenAfter, proxyAfter] = [cpuMs(watching.screenPid), cpuMs(watching.pid)];
    const screenMb = residentMb(watching.screenPid);
    tmux("send-keys", "q");
    await until(() => (tmux("capture-pane", "-p").includes("s stop the capture") ? true : null));
    const seen = tmux("capture-pane", "-p").split("\n")[2];
    tmux("send-keys", "s");
    await until(() => (spawnSync("kill", ["-0", String(watching.pid)]).status === 0 ? null : true));
    const requests = perSecond * (seconds + warm.seconds);
    const written = countEntries(folder);
    return {
      requests,
      writtenToTheJournal: written,
      lost: requests - written,
      requestsPerSecond: latencies.length / took,
      latencyMs: { p50: quantile(latencies, 0.5), p99: quantile(latencies, 0.99), max: Math.max(...latencies) },
      screen: { shareOfACore: (screenAfter - screenBefore) / 1000 / took, residentMb: screenMb, statusLine: seen },
      proxyShareOfACore: (proxyAfter - proxyBefore) / 1000 / took,
    };
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

const before = loadavg()[0];
try {
  const load = await measureLoad();
  const memory = frames("frames", isShort ? 500 : 5000);
  const rows = frames("rows", 100_000);
  const result = {
    date: new Date().toISOString(),
    node: process.version,
    processors: cpus().length,
    load: { before, after: loadavg()[0] },
    terminal: size,
    capturing: load,
    frames: memory,
    hundredThousandRows: rows,
  };
  const file = `bench/results/${result.date.slice(0, 10)}-screen.json`;
  mkdirSync("bench/results", { recursive: true });
  writeFileSync(file, `${JSON.stringify(result, null, 2)}\n`);
  process.stdout.write(`${JSON.stringify(result, null, 2)}\n${file}\n`);
} finally {
  rmSync(folder, { recursive: true, force: true });
}
