// How fast tokens and transactions are decoded, and what share of a replay that is: npm run bench. The subjects alternate in
// one run and the figures are medians; they depend on the machine and its load.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { cpus, loadavg, tmpdir } from "node:os";
import { join } from "node:path";
import { startPipeline } from "../src/app/run-pipeline.ts";
import type { CaptureEvent } from "../src/core/capture-event.ts";
import type { HttpTransaction } from "../src/core/http-transaction.ts";
import { decodeTransaction } from "../src/decoders/messages/decode-transaction.ts";
import { decodeToken } from "../src/decoders/tokens/s2s-token.ts";
import { startAnalysis } from "../src/diagnosis/analyze.ts";
import { openCapture } from "../src/sources/open-capture.ts";
import { newStory, outerToken } from "../test/diagnosis/story.ts";

const rounds = 41;
const batch = 500;

const nested = outerToken();
const story = newStory();
const withToken = story({ authorization: `Bearer ${nested}` });
const withoutToken = story({ authorization: "Negotiate", path: "/mapi/emsmdb/" });

const subjects: Readonly<Record<string, () => unknown>> = {
  "nested token": () => decodeToken(nested),
  "transaction with a nested token": () => decodeTransaction(withToken),
  "transaction without a token": () => decodeTransaction(withoutToken),
  "JSON.parse of the token's two payloads, for comparison": parseOnly,
};

function parseOnly(): unknown {
  const outer: { actortoken: string } = JSON.parse(payload(nested));
  return JSON.parse(payload(outer.actortoken));
}

function payload(token: string): string {
  return Buffer.from(token.split(".")[1] ?? "", "base64url").toString("utf8");
}

interface Times {
  readonly wall: number[];
  /** Processor time, which on a busy machine is the only fair measure. */
  readonly processor: number[];
}

/** Microseconds for one call of each subject in each round; the subjects take turns. */
function measure(): Readonly<Record<string, Times>> {
  const times = Object.fromEntries(
    Object.keys(subjects).map((name): [string, Times] => [name, { wall: [], processor: [] }]),
  );
  for (let round = -10; round < rounds; round++) {
    for (const [name, run] of Object.entries(subjects)) {
      const start = process.hrtime.bigint();
      const used = process.cpuUsage();
      for (let count = 0; count < batch; count++) run();
      const { user, system } = process.cpuUsage(used);
      if (round < 0) continue;
      times[name]?.wall.push(Number(process.hrtime.bigint() - start) / 1000 / batch);
      times[name]?.processor.push((user + system) / batch);
    }
  }
  return times;
}

const quantile = (values: readonly number[], part: number): number =>
  [...values].sort((a, b) => a - b)[Math.floor(values.length * part)] ?? Number.NaN;

/** Seconds to read a capture of many copies, to decode it, and to read, decode and judge it. */
async function measureReplay(): Promise<Readonly<Record<string, number>>> {
  const folder = mkdtempSync(join(tmpdir(), "realmscope-bench-"));
  const path = join(folder, "many.ndjson");
  const [head = "", ...records] = readFileSync("captures/legacy-and-new-principals.ndjson", "utf8").trim().split("\n");
  const entries = records.filter((record) => record.startsWith('{"k":"entry"'));
  const lines = Array.from({ length: 10_000 }, (_, index) =>
    (entries[index % entries.length] ?? "").replace(/"n":\d+/, `"n":${index + 1}`),
  );
  writeFileSync(path, `${[head, ...lines, `{"k":"end","n":10001}`].join("\n")}\n`);
  try {
    const timed = async (each: (event: CaptureEvent) => unknown): Promise<number> => {
      const start = process.hrtime.bigint();
      const capture = await openCapture(path);
      for await (const event of capture.events) await each(event);
      return Number(process.hrtime.bigint() - start) / 1e9;
    };
    const results: Record<string, number[]> = { read: [], decoded: [], judged: [], whole: [] };
    for (let round = 0; round < 5; round++) {
      const analyzer = startAnalysis({});
      const pipeline = startPipeline({
        ...{ verification: {}, journal: null },
        pseudonymise: () => "",
        onChange: () => undefined,
      });
      results.read?.push(await timed(() => undefined));
      results.decoded?.push(await timed((event) => decodeTransaction(transactionOf(event))));
      results.judged?.push(await timed((event) => analyzer.accept(event)));
      results.whole?.push(await timed((event) => pipeline.accept(event)));
    }
    return Object.fromEntries(Object.entries(results).map(([name, times]) => [name, quantile(times, 0.5)]));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function transactionOf(event: CaptureEvent): HttpTransaction {
  if (event.kind !== "transaction") throw new Error("the capture holds transactions only");
  return event.transaction;
}

const loadBefore = loadavg()[0];
const microseconds = Object.fromEntries(
  Object.entries(measure()).map(([name, { wall, processor }]) => [
    name,
    {
      median: quantile(wall, 0.5),
      p95: quantile(wall, 0.95),
      medianOfProcessor: quantile(processor, 0.5),
      perSecond: Math.round(1e6 / quantile(wall, 0.5)),
    },
  ]),
);
const replay = await measureReplay();
const seconds = (name: string): number => replay[name] ?? Number.NaN;
const result = {
  date: new Date().toISOString(),
  node: process.version,
  processors: cpus().length,
  load: { before: loadBefore, after: loadavg()[0] },
  microseconds,
  replayOf10000Transactions: {
    seconds: replay,
    decodingShareOfReplay: (seconds("decoded") - seconds("read")) / seconds("whole"),
  },
};
const file = `bench/results/${result.date.slice(0, 10)}-decode.json`;
writeFileSync(file, `${JSON.stringify(result, null, 2)}\n`);
process.stdout.write(`${JSON.stringify(result, null, 2)}\n${file}\n`);
