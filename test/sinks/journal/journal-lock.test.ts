// Two writers of one journal, as real processes, and the lock after each way to end.
import { spawn } from "node:child_process";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { hostname, tmpdir } from "node:os";
import { basename, join } from "node:path";
import { createInterface } from "node:readline";
import { expect, onTestFinished, test } from "vitest";
import { openJournal } from "../../../src/sinks/journal/journal.ts";
import { collect, runCli, startCli } from "../../support/run-cli.ts";

function newJournal(): string {
  const folder = mkdtempSync(join(tmpdir(), "realmscope-lock-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return join(folder, "c.ndjson");
}

const filesBeside = (journal: string): readonly string[] => readdirSync(join(journal, "..")).sort();
const locked = { tool: "1", isLocked: true };

/** A capture that waits for traffic; resolves when it is ready. */
async function startCapture(journal: string): Promise<ReturnType<typeof startCli>> {
  const child = startCli(["watch", "--forward", "0", "--save", journal, "--json"]);
  onTestFinished(() => {
    child.kill("SIGKILL");
  });
  const lines = createInterface({ input: child.stdout });
  await new Promise<void>((resolve) => {
    lines.on("line", (line) => {
      if (line.includes('"ready"')) resolve();
    });
  });
  return child;
}

/** The id of a process that has ended. */
async function deadProcess(): Promise<number> {
  const child = spawn(process.execPath, ["-e", ""]);
  await new Promise((resolve) => child.once("exit", resolve));
  return child.pid ?? 0;
}

test("a second capture into one journal is refused in one line, and the first continues", {
  timeout: 60_000,
}, async () => {
  const journal = newJournal();
  const first = await startCapture(journal);
  const before = readFileSync(journal, "utf8");
  const second = await runCli(["watch", "--forward", "0", "--save", journal, "--json", "--for", "1"]);
  expect(second).toMatchObject({ code: 2, stdout: "" });
  expect(second.stderr).toBe(
    `realmscope: The journal ${JSON.stringify(journal)} is being written by another capture (process ${first.pid}). Name another file for --save, or end that capture first.\n`,
  );
  expect(readFileSync(journal, "utf8")).toBe(before);
  expect(statSync(`${journal}.lock`).mode & 0o777).toBe(0o600);
  const ended = collect(first);
  first.kill("SIGINT");
  expect((await ended).code).toBe(130);
  expect(filesBeside(journal)).toEqual(["c.ndjson"]);
  expect((await runCli(["replay", journal, "--json"])).stdout).toContain('"truncated":false');
});

test("the lock of a killed capture is taken over", { timeout: 60_000 }, async () => {
  const journal = newJournal();
  const killed = await startCapture(journal);
  const ended = collect(killed);
  killed.kill("SIGKILL");
  await ended;
  expect(filesBeside(journal)).toEqual(["c.ndjson", "c.ndjson.lock"]);
  const next = await startCapture(journal);
  const nextEnded = collect(next);
  next.kill("SIGTERM");
  expect((await nextEnded).code).toBe(143);
  expect(filesBeside(journal)).toEqual(["c.ndjson"]);
});

test("one process cannot open it twice, and can again after closing it", async () => {
  const journal = newJournal();
  const first = openJournal(journal, locked);
  expect(() => openJournal(journal, locked)).toThrow("is being written by another capture");
  await first.close();
  await openJournal(journal, locked).close();
  expect(filesBeside(journal)).toEqual(["c.ndjson"]);
});

test("a journal that cannot be opened leaves no lock", () => {
  const journal = newJournal();
  writeFileSync(journal, "my own notes");
  expect(() => openJournal(journal, locked)).toThrow("is not a journal of realmscope");
  expect(filesBeside(journal)).toEqual(["c.ndjson"]);
  expect(() => openJournal(join(journal, "..", "nowhere", "c.ndjson"), locked)).toThrow("cannot be opened (ENOENT)");
});

test.each([
  ["a dead process", async () => JSON.stringify({ pid: await deadProcess(), host: hostname(), began: "" })],
  ["half a lock", () => '{"pid":'],
  ["nothing", () => ""],
  ["numbers that are no process", () => JSON.stringify({ pid: -1, host: hostname() })],
])("a lock of %s is taken over", async (_name, text) => {
  const journal = newJournal();
  writeFileSync(`${journal}.lock`, await text());
  const opened = openJournal(journal, locked);
  expect(JSON.parse(readFileSync(`${journal}.lock`, "utf8"))).toMatchObject({ pid: process.pid, host: hostname() });
  await opened.close();
  expect(filesBeside(journal)).toEqual(["c.ndjson"]);
});

test.skipIf(!existsSync("/proc/self/stat"))("a number that another process has now holds no lock", async () => {
  const journal = newJournal();
  writeFileSync(`${journal}.lock`, JSON.stringify({ pid: process.pid, host: hostname(), began: "1" }));
  await openJournal(journal, locked).close();
  expect(filesBeside(journal)).toEqual(["c.ndjson"]);
});

test("a process of another machine counts as alive, and the message names the file to delete", () => {
  const journal = newJournal();
  const text = JSON.stringify({ pid: 1, host: "elsewhere.example" });
  writeFileSync(`${journal}.lock`, text);
  expect(() => openJournal(journal, locked)).toThrow(
    expect.objectContaining({
      code: "journal-busy",
      message: expect.stringContaining('(process 1 on "elsewhere.example")'),
      hint: expect.stringContaining(`If that process has ended, delete ${JSON.stringify(`${journal}.lock`)}.`),
    }),
  );
  expect(readFileSync(`${journal}.lock`, "utf8")).toBe(text);
  expect(existsSync(journal)).toBe(false);
});

test("a lock that cannot be read is reported in one line and left unchanged", async () => {
  const journal = newJournal();
  mkdirSync(`${journal}.lock`);
  const refused = await runCli(["watch", "--forward", "0", "--save", journal, "--json", "--for", "1"]);
  expect(refused).toMatchObject({ code: 2, stdout: "" });
  expect(refused.stderr).toBe(
    `realmscope: The lock ${JSON.stringify(`${journal}.lock`)} exists and cannot be read. Name another file for --save; or delete the lock, when no other capture writes ${JSON.stringify(journal)}.\n`,
  );
  expect(filesBeside(journal)).toEqual(["c.ndjson.lock"]);
});

/** A journal whose name is allowed while that of its lock is too long: names on Linux have at most 255 bytes. */
function newLongJournal(lockLength: number): string {
  const folder = mkdtempSync(join(tmpdir(), "realmscope-lock-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return join(folder, "c".repeat(lockLength - ".lock".length));
}

test("without a lock the capture continues after one notice", { timeout: 60_000 }, async () => {
  const journal = newLongJournal(256);
  const run = await runCli(["demo", "--save", journal, "--json"]);
  expect(run).toMatchObject({ code: 0, stderr: "" });
  const events = run.stdout.trim().split("\n");
  const notices = events.filter((line) => line.includes("No lock can be made"));
  expect(notices.map((line): unknown => JSON.parse(line))).toEqual([
    {
      event: "notice",
      text: `No lock can be made for the journal (ENAMETOOLONG: ${JSON.stringify(`${journal}.lock`)}). It is written anyway; make sure that no other capture writes it.`,
    },
  ]);
  expect(filesBeside(journal)).toEqual([basename(journal)]);
  const replayed = await runCli(["replay", journal, "--json"]);
  expect(replayed.code).toBe(0);
  const transactions = events.filter((line) => line.includes('"event":"transaction"')).length;
  expect(transactions).toBeGreaterThan(0);
  expect(JSON.parse(replayed.stdout)).toMatchObject({ counts: { transactions } });
});

test("another capture's lock holds where none can be made, and that of a dead one stays", async () => {
  // The lock's name has the maximum length, so that of its temporary file is too long.
  const journal = newLongJournal(255);
  const told: string[] = [];
  const options = { ...locked, onTrouble: (text: string) => told.push(text) };
  writeFileSync(`${journal}.lock`, JSON.stringify({ pid: process.pid, host: hostname(), began: "" }));
  expect(() => openJournal(journal, options)).toThrow("is being written by another capture");
  expect(existsSync(journal)).toBe(false);
  const left = JSON.stringify({ pid: await deadProcess(), host: hostname(), began: "" });
  writeFileSync(`${journal}.lock`, left);
  await openJournal(journal, options).close();
  expect(told).toEqual([expect.stringMatching(/^No lock can be made for the journal \(ENAMETOOLONG: /)]);
  expect(readFileSync(`${journal}.lock`, "utf8")).toBe(left);
});
