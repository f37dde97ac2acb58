// The journal is deleted, renamed or truncated while it is written: this is reported, and later records are kept.
import {
  appendFileSync,
  copyFileSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { pseudonymsFromKey } from "../../../src/app/pseudonyms.ts";
import type { SourceSummary } from "../../../src/core/capture-event.ts";
import { sanitiseEvent } from "../../../src/sanitising/sanitise.ts";
import { type Journal, openJournal } from "../../../src/sinks/journal/journal.ts";
import { openCapture } from "../../../src/sources/open-capture.ts";
import { transaction } from "../../sanitising/transaction-maker.ts";

const pseudonymise = pseudonymsFromKey(new Uint8Array(32));
const call = (id: string): ReturnType<typeof sanitiseEvent> =>
  sanitiseEvent({ kind: "transaction", transaction: { ...transaction({}), id } }, pseudonymise);
const ids = (count: number, from = 1): string[] => Array.from({ length: count }, (_, index) => `t${index + from}`);

interface Written {
  readonly path: string;
  readonly journal: Journal;
  readonly told: readonly string[];
  /** Resolves with the next notice. */
  next(): Promise<string>;
  add(count: number, from?: number): Promise<void>;
}

function writing(syncEveryMs: number): Written {
  const folder = mkdtempSync(join(tmpdir(), "realmscope-changed-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const path = join(folder, "c.ndjson");
  const told: string[] = [];
  const waiting: ((text: string) => void)[] = [];
  const onTrouble = (text: string): void => {
    told.push(text);
    waiting.shift()?.(text);
  };
  const journal = openJournal(path, { tool: "1", syncEveryMs, onTrouble });
  return {
    ...{ path, journal, told },
    next: () => new Promise((resolve) => waiting.push(resolve)),
    async add(count, from = 1) {
      for (const id of ids(count, from)) journal.write(call(id));
      await journal.settled();
    },
  };
}

async function readBack(path: string): Promise<{ ids: string[]; summary: SourceSummary }> {
  const capture = await openCapture(path);
  const found: string[] = [];
  for await (const event of capture.events) if (event.kind === "transaction") found.push(event.transaction.id);
  return { ids: found, summary: capture.summary() };
}

const older = (count: number): string => `the ${count} records before it are in older parts that are not here`;

test("deleted: this is reported, and later records are in a new file of that name with mode 0600", async () => {
  const { path, journal, told, next, add } = writing(10);
  await add(5);
  const isTold = next();
  rmSync(path);
  await isTold;
  await add(5, 6);
  await journal.close();
  expect(told).toEqual([expect.stringMatching(/^The journal was deleted .* its 5 records are lost/)]);
  expect(journal.problems()).toEqual(told);
  const { ids: found, summary } = await readBack(path);
  expect(found).toEqual(ids(5, 6));
  expect(summary).toMatchObject({ truncated: false, problems: [older(5)] });
  expect(statSync(path).mode & 0o777).toBe(0o600);
});

test("deleted while nothing is captured: this is reported without a request", async () => {
  const { path, journal, next, add } = writing(10);
  await add(2);
  const told = next();
  rmSync(path);
  expect(await told).toContain("was deleted");
  await journal.close();
  expect((await readBack(path)).summary.problems).toEqual([older(2)]);
});

// What logrotate does without copytruncate: rename, and with `create` a new file.
test.each([
  ["and nothing put in its place", false],
  ["and an empty file put in its place", true],
])("renamed %s: no record is lost, and both files are captures", async (_name, isCreated) => {
  const { path, journal, next, add } = writing(10);
  await add(5);
  const told = next();
  renameSync(path, `${path}.1`);
  if (isCreated) writeFileSync(path, "");
  expect(await told).toContain("was renamed");
  await add(5, 6);
  await journal.close();
  expect((await readBack(`${path}.1`)).ids).toEqual(ids(5));
  const { ids: found, summary } = await readBack(path);
  expect(found).toEqual(ids(5, 6));
  expect(summary).toMatchObject({ truncated: false, problems: [older(5)] });
});

test("renamed and replaced by a foreign file: that file is left alone, and the capture continues in the renamed one", async () => {
  const { path, journal, next, add } = writing(10);
  await add(2);
  const told = next();
  renameSync(path, `${path}.1`);
  writeFileSync(path, "my notes\n");
  expect(await told).toContain("it continues in the renamed one");
  await add(2, 3);
  await journal.close();
  expect(readFileSync(path, "utf8")).toBe("my notes\n");
  expect((await readBack(`${path}.1`)).ids).toEqual(ids(4));
});

// What logrotate does with copytruncate.
test("copied and emptied: later records are a capture with a new head", async () => {
  const { path, journal, told, next, add } = writing(10);
  await add(5);
  const isTold = next();
  copyFileSync(path, `${path}.1`);
  truncateSync(path, 0);
  await isTold;
  await add(5, 6);
  await journal.close();
  expect(told).toEqual([expect.stringMatching(/^The journal was cut .* up to number 5/)]);
  expect((await readBack(`${path}.1`)).ids).toEqual(ids(5));
  const { ids: found, summary } = await readBack(path);
  expect(found).toEqual(ids(5, 6));
  expect(summary).toMatchObject({ truncated: false, problems: [older(5)] });
});

test("cut in the middle of a line: whole records before and after are read", async () => {
  const { path, journal, next, add } = writing(10);
  await add(5);
  const isTold = next();
  truncateSync(path, statSync(path).size - 10);
  await isTold;
  await add(5, 6);
  await journal.close();
  const { ids: found, summary } = await readBack(path);
  expect(found).toEqual([...ids(4), ...ids(5, 6)]);
  expect(summary.truncated).toBe(true);
});

test("emptied during a write, which leaves a hole: the records after it are a readable capture", async () => {
  const { path, journal, next, add } = writing(500);
  await add(5);
  const whole = statSync(path).size;
  // To the writer, a file that was emptied and then written beyond its end has its expected size.
  truncateSync(path, 0);
  truncateSync(path, whole);
  const told = next();
  await add(5, 6);
  expect(await told).toMatch(/was cut .* up to number 5/);
  await journal.close();
  expect(readFileSync(path, "latin1")).not.toContain("\0");
  expect((await readBack(path)).ids).toEqual(ids(5, 6));
});

test("lines that another program appended are not overwritten", async () => {
  const { path, journal, add } = writing(10);
  await add(1);
  appendFileSync(path, '{"k":"foreign"}\n');
  // Longer than a check of the file stays valid.
  await new Promise((resolve) => setTimeout(resolve, 50));
  await add(1, 2);
  await journal.close();
  expect(readFileSync(path, "utf8")).toContain('{"k":"foreign"}\n');
  expect((await readBack(path)).ids).toEqual(ids(2));
});

test("a process that ends while lines wait writes each once, and the closing record", async () => {
  const { path, journal } = writing(60_000);
  for (const id of ids(500)) journal.write(call(id));
  // The first write is in progress in another thread, the others wait.
  journal.closeNow();
  await journal.settled();
  const { ids: found, summary } = await readBack(path);
  expect(found).toEqual(ids(500));
  expect(summary).toMatchObject({ truncated: false, problems: [] });
});
