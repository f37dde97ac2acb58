// What watch --logs costs while logs are written: 20 files that get 500 rows a second together. The processor time is that of the
// whole program, from /proc, after its start.
import { spawn } from "node:child_process";
import { appendFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { setTimeout as wait } from "node:timers/promises";
import {
  agents,
  columnsOf,
  csvLine,
  exchangeLog,
  httpProxyRow,
  type LogCells,
  proxyShapes,
} from "../test/support/log-lines.ts";

export interface LiveCost {
  readonly rows: number;
  readonly judged: number;
  /** Processor time per second of the run, in percent of one core. */
  readonly percentOfCore: number;
  readonly rssMegabytes: number;
}

const files = 20;
const rowsPerSecond = 500;
const stepMs = 100;
/** `_SC_CLK_TCK`: Linux counts processor time in hundredths of a second. */
const ticksPerSecond = 100;

/** Runs the built program for so many seconds; every `judgedOf`th row is of a service, the others are of Exchange's own probes. Linux only. */
export async function measureLiveLogs(seconds: number, judgedOf: number): Promise<LiveCost> {
  const folder = mkdtempSync(join(tmpdir(), "realmscope-bench-live-"));
  const logs = join(folder, "logs");
  mkdirSync(logs);
  const paths = Array.from({ length: files }, (_, index) => join(logs, `HttpProxy_2026113012-${index + 1}.LOG`));
  for (const path of paths) writeFileSync(path, exchangeLog("http-proxy", []));
  const args = ["dist/cli/main.js", "watch", "--json", "--logs", logs, "--save", join(folder, "journal.ndjson")];
  const child = spawn(process.execPath, args, {
    stdio: ["ignore", "pipe", "inherit"],
    env: { ...process.env, REALMSCOPE_HOME: join(folder, "home") },
  });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  for (let line = await lines.next(); !String(line.value).includes("Following"); line = await lines.next());
  const last = lastLine(lines);
  const before = processorSeconds(child.pid);
  const start = performance.now();
  let rows = 0;
  let judged = 0;
  while (performance.now() - start < seconds * 1000) {
    const due = Math.floor(((performance.now() - start) / 1000) * rowsPerSecond);
    for (; rows < due; rows++) {
      const isJudged = rows % judgedOf === 0;
      if (isJudged) judged += 1;
      appendFileSync(paths[rows % files] ?? "", lineOf(rows, isJudged));
    }
    await wait(stepMs);
  }
  const percentOfCore = (100 * (processorSeconds(child.pid) - before)) / ((performance.now() - start) / 1000);
  const rssMegabytes = residentMegabytes(child.pid);
  child.kill("SIGTERM");
  const { counts } = JSON.parse(await last) as { counts: { logRows: number; logRowsDropped: number } };
  rmSync(folder, { recursive: true, force: true });
  if (counts.logRows !== judged || counts.logRows + counts.logRowsDropped !== rows)
    throw new Error(
      `${counts.logRows} of ${judged} rows were judged, ${counts.logRowsDropped} dropped, ${rows} written`,
    );
  return { rows, judged, percentOfCore, rssMegabytes };
}

const columns = columnsOf("http-proxy", "15.02");

function lineOf(number: number, isJudged: boolean): string {
  const cells: LogCells = {
    ...(isJudged ? {} : { ...proxyShapes.healthMailbox, AuthenticationType: "Anonymous", UserAgent: agents.probe }),
    DateTime: new Date().toISOString(),
    RequestId: `${number.toString(16).padStart(8, "0")}-1c2b-4d5e-8f90-abcdefabcdef`,
  };
  return `${csvLine(columns, httpProxyRow(cells))}\r\n`;
}

async function lastLine(lines: AsyncIterator<string>): Promise<string> {
  let last = "";
  for (let line = await lines.next(); line.done !== true; line = await lines.next()) last = line.value;
  return last;
}

function processorSeconds(pid: number | undefined): number {
  // The name of the program, in brackets, may hold blanks.
  const fields = readFileSync(`/proc/${pid}/stat`, "utf8")
    .replace(/^.*\) /, "")
    .split(" ");
  return (Number(fields[11]) + Number(fields[12])) / ticksPerSecond;
}

function residentMegabytes(pid: number | undefined): number {
  const [, kilobytes] = /^VmRSS:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, "utf8")) ?? [];
  return Math.round(Number(kilobytes) / 1024);
}
