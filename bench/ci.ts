// How fast saved traces are checked: npm run bench:ci. A folder of a thousand small captures in one call, and one small
// file alone, compared with the start of bare Node in the same run. The figures depend on the machine and its load.
import { spawn } from "node:child_process";
import { copyFileSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { availableParallelism, cpus, loadavg, tmpdir } from "node:os";
import { join } from "node:path";

const program = "dist/cli/main.js";
const traces = 1_000;
const folderRounds = 3;
const startRounds = 11;

interface Measured {
  readonly seconds: number;
  readonly cpuSeconds: number;
  readonly rssMegabytes: number;
}

/** Runs Node with arguments to its end; throws on an unexpected exit code or output. */
async function measure(args: readonly string[], expected: (stdout: string) => boolean): Promise<Measured> {
  const start = process.hrtime.bigint();
  const child = spawn(process.execPath, ["--import", "./bench/child-usage.mjs", ...args], {
    stdio: ["ignore", "pipe", "inherit", "pipe"],
  });
  const [stdout, usage] = await Promise.all([text(child.stdout), text(child.stdio[3])]);
  const seconds = Number(process.hrtime.bigint() - start) / 1e9;
  if (!expected(stdout)) throw new Error(`wrong answer: ${stdout.slice(-300)}`);
  const used: Omit<Measured, "seconds"> = JSON.parse(usage);
  return { seconds, ...used };
}

async function text(stream: unknown): Promise<string> {
  const pieces: Buffer[] = [];
  for await (const piece of stream as AsyncIterable<Buffer>) pieces.push(piece);
  return Buffer.concat(pieces).toString("utf8");
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((one, other) => one - other);
  return round(sorted[Math.floor(sorted.length / 2)] ?? Number.NaN);
}

const round = (value: number): number => Math.round(value * 1000) / 1000;

function summary(runs: readonly Measured[]): object {
  return {
    seconds: median(runs.map(({ seconds }) => seconds)),
    fastest: round(Math.min(...runs.map(({ seconds }) => seconds))),
    cpuSeconds: median(runs.map(({ cpuSeconds }) => cpuSeconds)),
    rssMegabytes: median(runs.map(({ rssMegabytes }) => rssMegabytes)),
  };
}

const folder = mkdtempSync(join(tmpdir(), "realmscope-bench-ci-"));
try {
  const stories = readdirSync("captures").filter((name) => name.endsWith(".ndjson"));
  for (let index = 0; index < traces; index++) {
    const story = stories[index % stories.length] ?? "";
    const place = join(folder, String(index).padStart(4, "0"));
    copyFileSync(join("captures", story), `${place}.ndjson`);
    copyFileSync(join("captures", story.replace(".ndjson", ".expect.yaml")), `${place}.expect.yaml`);
  }
  const many: Measured[] = [];
  const check = ["replay", folder, "--expect", "{trace}.expect.yaml", "--quiet"];
  for (let index = 0; index < folderRounds; index++)
    many.push(
      await measure([program, ...check], (stdout) => stdout.includes(`over ${traces} traces: 0 failed (in 0)\n`)),
    );

  const [bare, one]: [Measured[], Measured[]] = [[], []];
  const single = [program, "replay", "captures/one-way.ndjson", "--expect", "captures/one-way.expect.yaml", "--quiet"];
  for (let index = 0; index < startRounds; index++) {
    bare.push(await measure(["-e", "0"], (stdout) => stdout === ""));
    one.push(await measure(single, (stdout) => stdout.endsWith("over 1 trace: 0 failed (in 0)\n")));
  }
  const wall = median(many.map(({ seconds }) => seconds));
  const result = {
    node: process.version,
    cpu: cpus()[0]?.model ?? "unknown",
    cores: availableParallelism(),
    load: loadavg().map(round).join(" "),
    folder: { traces, ...summary(many), coresBusy: round(median(many.map(({ cpuSeconds }) => cpuSeconds)) / wall) },
    oneFile: summary(one),
    nodeAlone: summary(bare),
    bars: {
      "a thousand traces in under 20 s": wall < 20,
      "one small file in under 0.3 s (fastest of the runs)": Math.min(...one.map(({ seconds }) => seconds)) < 0.3,
    },
  };
  mkdirSync("bench/results", { recursive: true });
  const path = `bench/results/${new Date().toISOString().slice(0, 10)}-ci.json`;
  writeFileSync(path, `${JSON.stringify(result, null, 2)}\n`);
  process.stdout.write(`${JSON.stringify(result, null, 2)}\n`);
} finally {
  rmSync(folder, { recursive: true, force: true });
}
