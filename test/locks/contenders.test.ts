// A stale lock that several processes take over in the same millisecond, and locks of another boot.
import { type ChildProcessWithoutNullStreams, spawn } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { hostname, tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { isBeforeBoot, readHolder, takeLock, thisProcess } from "../../src/locks/process-lock.ts";

const built = join(process.cwd(), "dist", "locks", "process-lock.js");

function newFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), "realmscope-contenders-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** Waits for a line `PATH TIME`, takes the lock at that time, and prints what it got; the next line releases it. */
const script = `
import { createInterface } from "node:readline";
import { takeLock } from ${JSON.stringify(built)};
let lock;
console.log("ready");
for await (const line of createInterface({ input: process.stdin })) {
  if (line === "release") { if (lock?.kind === "taken") lock.release(); console.log("released"); continue; }
  const [path, at] = line.split(" ");
  while (Date.now() < Number(at));
  lock = takeLock(path, "run");
  console.log(lock.kind);
}`;

function contender() {
  const child: ChildProcessWithoutNullStreams = spawn(process.execPath, ["--input-type=module", "-e", script]);
  onTestFinished(() => void child.kill("SIGKILL"));
  const lines: string[] = [];
  let wake = (): void => undefined;
  let rest = "";
  child.stdout.on("data", (chunk: Buffer) => {
    const parts = (rest + chunk.toString()).split("\n");
    rest = parts.pop() ?? "";
    lines.push(...parts);
    wake();
  });
  return {
    tell: (line: string) => void child.stdin.write(`${line}\n`),
    async next(): Promise<string> {
      while (lines.length === 0) {
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
      }
      return lines.shift() ?? "";
    },
  };
}

test("eight contenders for one stale lock: in sixty rounds never two holders, and always one", {
  timeout: 120_000,
}, async () => {
  const folder = newFolder();
  const contenders = Array.from({ length: 8 }, contender);
  await Promise.all(contenders.map((one) => one.next()));
  const holders: number[] = [];
  for (let round = 0; round < 60; round += 1) {
    const path = join(folder, `lock-${round}`);
    // Left by a process that has ended; in every third round by a crash before the first byte.
    writeFileSync(
      path,
      round % 3 === 0 ? "" : JSON.stringify({ pid: 2 ** 22 + 1, host: hostname(), began: "1", run: "old" }),
    );
    const at = Date.now() + 20;
    for (const one of contenders) one.tell(`${path} ${at}`);
    const kinds = await Promise.all(contenders.map((one) => one.next()));
    holders.push(kinds.filter((kind) => kind === "taken").length);
    expect(existsSync(path)).toBe(true);
    for (const one of contenders) one.tell("release");
    await Promise.all(contenders.map((one) => one.next()));
  }
  expect(holders).toEqual(Array.from({ length: 60 }, () => 1));
  expect(readdirSync(folder)).toEqual([]);
});

test("a claim whose process died does not keep the stale lock for ever", () => {
  const path = join(newFolder(), "lock");
  const dead = { pid: 2 ** 22 + 1, host: hostname(), began: "1", run: "" };
  writeFileSync(path, JSON.stringify(dead));
  const first = takeLock(path);
  expect(first.kind).toBe("taken");
  if (first.kind === "taken") first.release();
  expect(readdirSync(join(path, ".."))).toEqual([]);
});

test("a process number and start time of another boot do not hold a lock", () => {
  const own = thisProcess("run");
  const path = join(newFolder(), "lock");
  writeFileSync(path, JSON.stringify(own));
  expect(readHolder(path)).toMatchObject({ pid: process.pid, since: own.since });
  if (own.boot === "") return;
  writeFileSync(path, JSON.stringify({ ...own, boot: "00000000-0000-0000-0000-000000000000" }));
  expect(readHolder(path)).toBeNull();
  expect(takeLock(path).kind).toBe("taken");
  expect(JSON.parse(readFileSync(path, "utf8"))).toMatchObject({ boot: own.boot });
});

test("where boots have no name, a lock from before the boot does not count, by more than a correction of the clock", () => {
  const now = Date.parse("2026-12-01T12:00:00Z");
  expect(isBeforeBoot("2026-12-01T10:00:00Z", now, 3600)).toBe(true);
  expect(isBeforeBoot("2026-12-01T11:30:00Z", now, 3600)).toBe(false);
  expect(isBeforeBoot("2026-12-01T10:58:00Z", now, 3600)).toBe(false);
  expect(isBeforeBoot("", now, 3600)).toBe(false);
  expect(isBeforeBoot("yesterday", now, 3600)).toBe(false);
});
