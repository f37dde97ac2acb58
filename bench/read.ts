// How fast saved captures are read and judged, and in how much memory: npm run bench:read. The built program runs as a child
// over files whose true counts are known; a wrong count ends the benchmark. The figures depend on the machine and its load;
// compare them with plain JSON.parse of the same bytes in the same run.
import { type ChildProcess, spawn } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { cpus, loadavg, tmpdir } from "node:os";
import { join } from "node:path";
import { type Format, type MadeFile, madeFile } from "./read-files.ts";

const folder = process.env.REALMSCOPE_BENCH_FOLDER ?? join(tmpdir(), "realmscope-bench-read");
const program = "dist/cli/main.js";

interface Measured {
  readonly seconds: number;
  readonly cpuSeconds: number;
  readonly rssMegabytes: number;
}

interface Finished extends Measured {
  readonly stdout: string;
}

function startChild(args: readonly string[]): ChildProcess {
  return spawn(process.execPath, ["--import", "./bench/child-usage.mjs", ...args], {
    stdio: ["ignore", "pipe", "ignore", "pipe"],
  });
}

async function run(args: readonly string[]): Promise<Finished> {
  const start = process.hrtime.bigint();
  const child = startChild(args);
  const [stdout, usage] = await Promise.all([text(child.stdout), text(child.stdio[3])]);
  const seconds = secondsSince(start);
  const used: Omit<Measured, "seconds"> = JSON.parse(usage);
  return { seconds, ...used, stdout };
}

async function measure(args: readonly string[]): Promise<Measured> {
  const { stdout: _, ...measured } = await run(args);
  return measured;
}

async function text(stream: unknown): Promise<string> {
  const pieces: Buffer[] = [];
  for await (const piece of stream as AsyncIterable<Buffer>) pieces.push(piece);
  return Buffer.concat(pieces).toString("utf8");
}

const secondsSince = (start: bigint): number => Number(process.hrtime.bigint() - start) / 1e9;

/** Reads the files as one capture and compares every count with the truth. */
async function measureReplay(files: readonly MadeFile[]): Promise<Measured & { readonly verdict: unknown }> {
  const { stdout, ...measured } = await run([program, "replay", ...files.map(({ path }) => path), "--json"]);
  const analysis: { counts: Record<string, number>; verdict: unknown } = JSON.parse(stdout);
  for (const name of Object.keys(files[0]?.truth ?? {})) {
    const expected = files.reduce((sum, { truth }) => sum + (truth[name as keyof typeof truth] ?? 0), 0);
    if (analysis.counts[name] !== expected) {
      throw new Error(`${files[0]?.path}: ${name} is ${analysis.counts[name]} and should be ${expected}`);
    }
  }
  return { ...measured, verdict: analysis.verdict };
}

/** Milliseconds from the start of the program to its first line about a request. */
async function measureFirstEntry({ path }: MadeFile): Promise<number> {
  const start = process.hrtime.bigint();
  const child = startChild([program, "replay", path, "--plain", "--verbose"]);
  const ended = new Promise((resolve) => child.once("close", resolve));
  await new Promise((resolve) => child.stdout?.once("data", resolve));
  const seconds = secondsSince(start);
  child.kill("SIGKILL");
  await ended;
  return seconds * 1000;
}

const median = (values: readonly number[]): number =>
  [...values].sort((one, other) => one - other)[Math.floor(values.length / 2)] ?? Number.NaN;

async function repeated<Result extends Measured>(rounds: number, measure: () => Promise<Result>): Promise<Result> {
  const results: Result[] = [];
  for (let round = 0; round < rounds; round++) results.push(await measure());
  const middle = median(results.map(({ seconds }) => seconds));
  const found = results.find(({ seconds }) => seconds === middle) ?? results[0];
  if (found === undefined) throw new Error("nothing was measured");
  return { ...found, rssMegabytes: Math.max(...results.map(({ rssMegabytes }) => rssMegabytes)) };
}

const results: Record<string, unknown> = {};
const loadBefore = loadavg()[0];
const note = (name: string, value: object): void => {
  results[name] = value;
  process.stderr.write(`${name}: ${JSON.stringify(value)}\n`);
};

const sizes = process.argv.includes("--small") ? [100] : [100, 1000];
for (const megabytes of sizes) {
  const rounds = megabytes === 100 ? 3 : 1;
  const journal = madeFile(folder, "journal", megabytes);
  note(`parse only ${megabytes} MB`, await repeated(rounds, () => measure(["bench/parse-lines.mjs", journal.path])));
  const formats: readonly Format[] = megabytes === 100 ? ["har", "journal", "flow", "saz"] : ["har", "journal"];
  for (const format of formats) {
    const made = madeFile(folder, format, megabytes);
    note(`${format} ${megabytes} MB`, await repeated(rounds, () => measureReplay([made])));
  }
  const first = madeFile(folder, "har", megabytes);
  const times: number[] = [];
  for (let round = 0; round < 5; round++) times.push(await measureFirstEntry(first));
  note(`first entry of a HAR of ${megabytes} MB`, { milliseconds: median(times) });
}
const several = [1, 2, 3, 4].map((seed) => madeFile(folder, "har", 100, seed));
note("four HAR of 100 MB", await repeated(1, () => measureReplay(several)));

const result = {
  date: new Date().toISOString(),
  node: process.version,
  processors: cpus().length,
  load: { before: loadBefore, after: loadavg()[0] },
  results,
};
mkdirSync("bench/results", { recursive: true });
const file = `bench/results/${result.date.slice(0, 10)}-read.json`;
writeFileSync(file, `${JSON.stringify(result, null, 2)}\n`);
process.stdout.write(`${file}\n`);
