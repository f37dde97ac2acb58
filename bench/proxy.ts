// Measures the proxy's performance bars: npm run bench:proxy [-- --short]. Origin and load generator are separate processes;
// the subjects take turns in one run, and the figures are medians over the rounds. On a machine that does other work, only
// ratios within one run and processor time for each request are reliable. Linux only, because of /proc.
//   --short      one small round      --alone      direct and realmscope only      --profile=FOLDER      realmscope under the profiler
import { once } from "node:events";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { cpus, loadavg, tmpdir } from "node:os";
import { join } from "node:path";
import { buildTestCertificate } from "../test/support/proxy-certificates.ts";
import { barsOf, lastingOf } from "./proxy/bars.ts";
import { cpuMs, residentMb, watchPeak } from "./proxy/process-figures.ts";
import {
  forkScript,
  type Setting,
  type Subject,
  startBare,
  startBytesOnly,
  startCapturing,
  startMitmdump,
  stopProcess,
} from "./proxy/subjects.ts";
import { baseName, type Job, type JobResult, newHosts } from "./proxy/traffic.ts";

const isShort = process.argv.includes("--short");
const isAlone = process.argv.includes("--alone");
/** Runs the capturing proxy under V8's profiler; its figures are then not valid. */
const profileFolder = process.argv.find((argument) => argument.startsWith("--profile="))?.slice(10);
const rounds = isShort ? 1 : 5;
const smallRequests = isShort ? 600 : 1500;
const idle = new Map<string, number>();
const soakRequests = isShort ? 2_000 : 20_000;

const folder = mkdtempSync(join(tmpdir(), "realmscope-bench-"));
const certificate = buildTestCertificate({ hosts: [baseName, ...newHosts] });
const originProcess = forkScript("origin.ts");
const loadProcess = forkScript("load.ts");

async function ask(subject: Subject, origin: number, job: Job): Promise<JobResult> {
  loadProcess.send({ route: { origin, proxy: subject.port, trust: subject.trust }, job });
  const [answer] = (await once(loadProcess, "message")) as [{ result?: JobResult; answered: number; failure?: string }];
  if (answer.result !== undefined) {
    // Deferred work counts as processor time of this subject and must not overlap the next one's turn.
    await subject.settled?.(answer.answered);
    return answer.result;
  }
  throw new Error(`${subject.name}: ${answer.failure}`);
}

const quantile = (values: readonly number[], part: number): number =>
  [...values].sort((a, b) => a - b)[Math.min(values.length - 1, Math.floor(values.length * part))] ?? Number.NaN;
const median = (values: readonly number[]): number => quantile(values, 0.5);

interface Round {
  readonly perSecond: number;
  readonly cpu: number;
  readonly p50: number;
  readonly p99: number;
}

async function measureRound(subject: Subject, origin: number, job: Job & { requests: number }): Promise<Round> {
  const before = subject.pid === null ? Number.NaN : cpuMs(subject.pid);
  const { seconds, latencies } = await ask(subject, origin, job);
  const after = subject.pid === null ? Number.NaN : cpuMs(subject.pid);
  const cpu = (after - before) / job.requests;
  return { perSecond: job.requests / seconds, cpu, p50: quantile(latencies, 0.5), p99: quantile(latencies, 0.99) };
}

function mediansOf(measured: readonly Round[]): Round {
  const of = (key: keyof Round): number => median(measured.map((round) => round[key]));
  return { perSecond: of("perSecond"), cpu: of("cpu"), p50: of("p50"), p99: of("p99") };
}

function roundsOf<Kind extends string>(name: string, kinds: Readonly<Record<Kind, ReadonlyMap<string, Round>>>) {
  const entries = Object.entries<ReadonlyMap<string, Round>>(kinds);
  return Object.fromEntries(entries.map(([kind, rounds]) => [kind, rounds.get(name)])) as Record<
    Kind,
    Round | undefined
  >;
}

/** Alternating rounds of one kind of work. A slow subject gets fewer requests, to bound the run. */
async function measureRounds(subjects: readonly Subject[], origin: number, kind: "small" | "lean" | "big") {
  const measured = new Map<string, Round[]>(subjects.map(({ name }) => [name, []]));
  const [requests, tunnels] = kind === "big" ? [smallRequests / 10, 8] : [smallRequests, 32];
  for (let round = -1; round < rounds; round += 1) {
    const turn = round % 2 === 0 ? subjects : [...subjects].reverse();
    for (const subject of turn) {
      const share = subject.name.startsWith("mitmdump") ? 4 : 1;
      const figures = await measureRound(subject, origin, { kind, requests: Math.ceil(requests / share), tunnels });
      // The first round is a warm-up.
      if (round >= 0) measured.get(subject.name)?.push(figures);
    }
  }
  return new Map([...measured].map(([name, figures]) => [name, mediansOf(figures)]));
}

/** Measures of a fresh process: its speed under load that lasts longer than any queue, its memory after that load, and with a body of 100 MB that is read slowly. */
async function measureMemory(subject: Subject, origin: number) {
  const isMitmdump = subject.name.startsWith("mitmdump");
  const requests = isMitmdump ? soakRequests / 10 : soakRequests;
  const lasting = await measureRound(subject, origin, { kind: "small", requests, tunnels: 32 });
  const afterSoak = subject.pid === null ? Number.NaN : residentMb(subject.pid);
  const peak = subject.pid === null || isMitmdump ? () => Number.NaN : watchPeak(subject.pid);
  // mitmdump takes more than a minute for it.
  const huge = isMitmdump ? null : await ask(subject, origin, { kind: "huge" });
  return {
    lasting,
    residentIdleMb: idle.get(subject.name),
    residentAfterMb: afterSoak,
    residentAfterRequests: requests,
    hugeGrowthMb: peak() - afterSoak,
    hugeSeconds: huge?.seconds ?? Number.NaN,
  };
}

async function measureConnections(subject: Subject, origin: number) {
  const hosts = isShort
    ? newHosts.slice(0, 20)
    : subject.name.startsWith("http-mitm")
      ? newHosts.slice(0, 40)
      : newHosts;
  const newHost = (await ask(subject, origin, { kind: "new-hosts", hosts })).latencies;
  const ntlm = await ask(subject, origin, { kind: "ntlm", clients: 8 });
  return {
    newHost: { p50: median(newHost), p99: quantile(newHost, 0.99), hosts: hosts.length },
    ntlm: { whole: ntlm.whole ?? 0, of: 8, leaked: ntlm.leaked ?? 0 },
  };
}

async function startSubjects(setting: Setting): Promise<readonly Subject[]> {
  const direct = { name: "direct", pid: null, port: null, trust: setting.originRoot, stop: () => Promise.resolve() };
  if (profileFolder !== undefined) {
    return [direct, await startCapturing(setting, ["--cpu-prof", `--cpu-prof-dir=${profileFolder}`])];
  }
  if (isAlone) return [direct, await startCapturing(setting), await startBytesOnly(setting)];
  const started = [
    await startCapturing(setting),
    await startBytesOnly(setting),
    await startBare(setting),
    await startMitmdump(setting),
  ];
  return [direct, ...started.filter((subject) => subject !== null)];
}

async function measure() {
  originProcess.send({ key: certificate.key, cert: certificate.cert });
  const [{ port: origin }] = (await once(originProcess, "message")) as [{ port: number }];
  const subjects = await startSubjects({ folder, origin, originRoot: certificate.rootPem });
  try {
    for (const { name, pid } of subjects) if (pid !== null) idle.set(name, residentMb(pid));
    const memory = [];
    for (const subject of subjects) memory.push(await measureMemory(subject, origin));
    const small = await measureRounds(subjects, origin, "small");
    const lean = await measureRounds(subjects, origin, "lean");
    const big = await measureRounds(subjects, origin, "big");
    const results = [];
    for (const [index, subject] of subjects.entries()) {
      const connections = await measureConnections(subject, origin);
      const { name } = subject;
      results.push({ name, ...roundsOf(name, { small, lean, big }), ...connections, ...memory[index] });
    }
    return results;
  } finally {
    for (const subject of subjects) await subject.stop();
  }
}

const loadBefore = loadavg()[0];
try {
  const results = await measure();
  const bars = barsOf(results);
  const lasting = lastingOf(results);
  const result = {
    date: new Date().toISOString(),
    node: process.version,
    processors: cpus().length,
    load: { before: loadBefore, after: loadavg()[0] },
    work: { rounds, smallRequests, tunnels: 32, soakRequests },
    results,
    bars,
    lasting,
  };
  process.stdout.write(`${JSON.stringify(result, null, 2)}\n`);
  if (!isShort && !isAlone && profileFolder === undefined) {
    mkdirSync("bench/results", { recursive: true });
    const file = `bench/results/${result.date.slice(0, 10)}-proxy.json`;
    writeFileSync(file, `${JSON.stringify(result, null, 2)}\n`);
    process.stdout.write(`${file}\n`);
  }
  for (const { bar, measured, holds } of bars)
    process.stdout.write(`${holds ? "holds" : "FALLS"}  ${bar}: ${measured}\n`);
  for (const line of lasting) process.stdout.write(`       ${line}\n`);
} finally {
  await Promise.all([stopProcess(originProcess), stopProcess(loadProcess)]);
  rmSync(folder, { recursive: true, force: true });
}
