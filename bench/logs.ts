// How fast logs of Exchange are read and judged, and in how much memory: npm run bench:logs (--large for 1 GB as well). The built
// program runs as a child over a folder whose true counts are known; a wrong count ends the benchmark. The figures depend on the
// machine and its load; compare them with `cat`, which only reads the same bytes, in the same run.
import { spawn } from "node:child_process";
import { mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { cpus, loadavg, tmpdir } from "node:os";
import { join } from "node:path";
import { measureLiveLogs } from "./live-logs.ts";
import { type MadeLogs, madeLogs } from "./log-files.ts";

const folder = process.env.REALMSCOPE_BENCH_FOLDER ?? join(tmpdir(), "realmscope-bench-logs");
const program = "dist/cli/main.js";
const liveSeconds = 20;

interface Measured {
  readonly seconds: number;
  readonly cpuSeconds: number;
  readonly rssMegabytes: number;
}

async function text(stream: unknown): Promise<string> {
  const pieces: Buffer[] = [];
  for await (const piece of stream as AsyncIterable<Buffer>) pieces.push(piece);
  return Buffer.concat(pieces).toString("utf8");
}

const secondsSince = (start: bigint): number => Number(process.hrtime.bigint() - start) / 1e9;

/** Judges the logs and compares the counts with the truth. */
async function measureReplay({ folder: logs, truth }: MadeLogs): Promise<Measured> {
  const start = process.hrtime.bigint();
  const child = spawn(process.execPath, ["--import", "./bench/child-usage.mjs", program, "replay", logs, "--json"], {
    stdio: ["ignore", "pipe", "ignore", "pipe"],
  });
  const [stdout, usage] = await Promise.all([text(child.stdout), text(child.stdio[3])]);
  const seconds = secondsSince(start);
  const { counts, verdict }: { counts: Record<string, number>; verdict: string } = JSON.parse(stdout);
  for (const [name, expected] of Object.entries(truth))
    if (counts[name] !== expected) throw new Error(`${logs}: ${name} is ${counts[name]} and should be ${expected}`);
  if (verdict !== "oauth-confirmed") throw new Error(`${logs}: the verdict is ${verdict}`);
  return { seconds, ...(JSON.parse(usage) as Omit<Measured, "seconds">) };
}

/** Seconds in which the bytes are only read; also brings them into the page cache. */
async function measureReading({ folder: logs }: MadeLogs): Promise<{ readonly seconds: number }> {
  const files = readdirSync(logs, { recursive: true, encoding: "utf8" }).filter((name) => /\.LOG$/i.test(name));
  const start = process.hrtime.bigint();
  const child = spawn(
    "cat",
    files.map((name) => join(logs, name)),
    { stdio: ["ignore", "ignore", "inherit"] },
  );
  await new Promise((resolve) => child.once("close", resolve));
  return { seconds: secondsSince(start) };
}

/** The result with the middle time, and the most memory. */
async function repeated(rounds: number, measure: () => Promise<Measured>): Promise<Measured> {
  const measured: Measured[] = [];
  for (let round = 0; round < rounds; round++) measured.push(await measure());
  measured.sort((one, other) => one.seconds - other.seconds);
  const middle = measured[Math.floor(rounds / 2)];
  if (middle === undefined) throw new Error("nothing was measured");
  return { ...middle, rssMegabytes: Math.max(...measured.map(({ rssMegabytes }) => rssMegabytes)) };
}

const results: Record<string, unknown> = {};
const loadBefore = loadavg()[0];
const note = (name: string, value: object): void => {
  results[name] = value;
  process.stderr.write(`${name}: ${JSON.stringify(value)}\n`);
};

const sizes = process.argv.includes("--large") ? [100, 300, 1000] : [100, 300];
for (const megabytes of sizes) {
  const made = madeLogs(folder, megabytes);
  note(`cat ${megabytes} MB`, await measureReading(made));
  const rows = made.truth.logRows + made.truth.logRowsDropped;
  note(`HttpProxy ${megabytes} MB`, {
    rows,
    judged: made.truth.logRows,
    ...(await repeated(3, () => measureReplay(made))),
  });
}

// Of the logs above one row in 150 is judged. Here every one is, so that the cost of judging is seen.
const services = madeLogs(folder, 100, 100);
note("HttpProxy 100 MB, every row judged", {
  judged: services.truth.logRows,
  ...(await repeated(3, () => measureReplay(services))),
});

// Every 50th row is of a service; then every one.
for (const judgedOf of [50, 1]) {
  const cost = await measureLiveLogs(liveSeconds, judgedOf);
  note(`watch --logs, 20 files, 500 rows/s, ${judgedOf === 1 ? "all" : "2 %"} judged`, cost);
}

const result = {
  date: new Date().toISOString(),
  node: process.version,
  processors: cpus().length,
  load: { before: loadBefore, after: loadavg()[0] },
  results,
};
mkdirSync("bench/results", { recursive: true });
const file = `bench/results/${result.date.slice(0, 10)}-logs.json`;
writeFileSync(file, `${JSON.stringify(result, null, 2)}\n`);
process.stdout.write(`${file}\n`);
