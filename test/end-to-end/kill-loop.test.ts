// The program is killed at moments nobody chose, again and again, while it captures. What acknowledges a transaction is its
// line in the output of --json: by then its record is with the operating system, and no death of the process takes it back.
// `written` says more: the record is on the disk. REALMSCOPE_KILLS says how often (npm run test:kills: 50).
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { afterAll, beforeAll, expect, test } from "vitest";
import { openCapture } from "../../src/sources/open-capture.ts";
import { type CliChild, collect, startCli } from "../support/run-cli.ts";

const kills = Number(process.env.REALMSCOPE_KILLS ?? "2");
const seed = Number(process.env.REALMSCOPE_SEED ?? Date.now() % 1_000_000);

let folder = "";
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "realmscope-kills-"));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

interface Acknowledged {
  readonly transactions: string[];
  /** Number of the last record that was told to be on the disk. */
  records: number;
}

function listen(child: CliChild, onLine: (count: number) => void): Acknowledged {
  const acknowledged: Acknowledged = { transactions: [], records: 0 };
  let count = 0;
  createInterface({ input: child.stdout }).on("line", (line) => {
    // The last line may be torn as well: what is not whole has told nothing.
    const event = parsed(line);
    if (event.event === "transaction" && event.id !== undefined) acknowledged.transactions.push(event.id);
    if (event.event === "written" && event.records !== undefined) acknowledged.records = event.records;
    count += 1;
    onLine(count);
  });
  return acknowledged;
}

function parsed(line: string): { event?: string; id?: string; records?: number } {
  try {
    return JSON.parse(line);
  } catch {
    return {};
  }
}

async function readBack(path: string): Promise<{ ids: Set<string>; records: number; truncated: boolean }> {
  const capture = await openCapture(path);
  const ids = new Set<string>();
  let records = 0;
  for await (const event of capture.events) {
    records += 1;
    if (event.kind === "transaction") ids.add(event.transaction.id);
  }
  return { ids, records, truncated: capture.summary().truncated };
}

test(
  `${kills} kills at random moments (seed ${seed}) lose nothing that was acknowledged`,
  async () => {
    let random = seed;
    const next = (): number => {
      random = (Math.imul(random, 1_103_515_245) + 12_345) >>> 0;
      return random / 2 ** 32;
    };
    let acknowledgedInAll = 0;
    for (let round = 0; round < kills; round++) {
      const path = join(folder, `${round}.ndjson`);
      // Half of the rounds write small parts, so that a kill can fall between two.
      const parts = round % 2 === 0 ? [] : ["--rotate-size", "8K"];
      const child = startCli(["demo", "--json", "--save", path, ...parts], { limitMs: 60_000 });
      child.stdin.end();
      const ended = collect(child);
      const [afterLines, waitMs] = [1 + Math.floor(next() * 110), next() * 12];
      const acknowledged = listen(child, (count) => {
        if (count === afterLines) setTimeout(() => child.kill("SIGKILL"), waitMs);
      });
      const { signal, code } = await ended;
      expect(signal === "SIGKILL" || code === 0, `round ${round} ended with ${code}`).toBe(true);
      const kept = await readBack(path);
      const lost = acknowledged.transactions.filter((id) => !kept.ids.has(id));
      expect(lost, `round ${round}, seed ${seed}`).toEqual([]);
      expect(kept.records).toBeGreaterThanOrEqual(Math.max(0, acknowledged.records - 1));
      acknowledgedInAll += acknowledged.transactions.length;
    }
    expect(acknowledgedInAll).toBeGreaterThan(0);
  },
  kills * 60_000,
);
