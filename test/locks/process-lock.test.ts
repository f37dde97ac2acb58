// Real processes: one that holds the lock, one that left it, and one that has the number of another.
import { spawn } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { hostname, tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { readHolder, staleLockHint, takeLock } from "../../src/locks/process-lock.ts";

const built = join(process.cwd(), "dist", "locks", "process-lock.js");
const canTellReuse = existsSync("/proc/self/stat");

function newLock(): string {
  const folder = mkdtempSync(join(tmpdir(), "realmscope-process-lock-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return join(folder, "lock");
}

/** Another process that runs the built module; `lines` gives what it prints, line by line. */
function startNode(script: string, ...args: readonly string[]) {
  const source = `import { readHolder, takeLock } from ${JSON.stringify(built)}; const [path] = process.argv.slice(1); ${script}`;
  const child = spawn(process.execPath, ["--input-type=module", "-e", source, ...args]);
  onTestFinished(() => {
    child.kill("SIGKILL");
  });
  const ended = new Promise<{ readonly code: number | null; readonly output: string }>((resolve) => {
    let output = "";
    child.stdout.on("data", (chunk: Buffer) => {
      output += chunk.toString();
    });
    child.once("close", (code) => resolve({ code, output }));
  });
  const started = new Promise<void>((resolve) => child.stdout.once("data", () => resolve()));
  return { child, ended, started };
}

const hold = "console.log(takeLock(path).kind); setInterval(() => undefined, 1000);";

test("a lock is held by one process, and released by hand, by the end of the process and by its failure", async () => {
  const path = newLock();
  const holder = startNode(`${hold} process.stdin.once("data", () => { throw new Error("failed"); });`, path);
  await holder.started;
  expect(takeLock(path)).toMatchObject({ kind: "busy", owner: { pid: holder.child.pid, host: hostname(), run: "" } });
  expect(readHolder(path)).toMatchObject({ pid: holder.child.pid });
  holder.child.stdin.write("fail\n");
  expect(await holder.ended).toMatchObject({ code: 1, output: "taken\n" });
  expect(readdirSync(join(path, ".."))).toEqual([]);
  const mine = takeLock(path, "a run");
  expect(takeLock(path)).toMatchObject({ kind: "busy", owner: { pid: process.pid, run: "a run" } });
  if (mine.kind === "taken") mine.release();
  expect(readdirSync(join(path, ".."))).toEqual([]);
});

test("the lock of a killed process is taken over", async () => {
  const path = newLock();
  const killed = startNode(hold, path);
  await killed.started;
  killed.child.kill("SIGKILL");
  await killed.ended;
  expect(existsSync(path)).toBe(true);
  expect(readHolder(path)).toBeNull();
  const mine = takeLock(path);
  expect(mine.kind).toBe("taken");
  if (mine.kind === "taken") mine.release();
});

test.skipIf(!canTellReuse)("a process that has the number of the one that made the lock does not hold it", async () => {
  const path = newLock();
  const other = startNode(hold, newLock());
  await other.started;
  writeFileSync(path, JSON.stringify({ pid: other.child.pid, host: hostname(), began: "1", run: "a run" }));
  expect(readHolder(path)).toBeNull();
  const mine = takeLock(path);
  expect(mine.kind).toBe("taken");
  if (mine.kind === "taken") mine.release();
});

test("a process of unknown start time counts as the one that took the lock, and the hint says what to delete", async () => {
  const path = newLock();
  const other = startNode(hold, newLock());
  await other.started;
  writeFileSync(path, JSON.stringify({ pid: other.child.pid, host: hostname(), run: "a run" }));
  const owner = readHolder(path);
  expect(owner).toMatchObject({ pid: other.child.pid, began: "" });
  if (owner === null) return;
  const file = JSON.stringify(path);
  expect(staleLockHint(owner, path)).toBe(` If process ${owner.pid} is another program, delete ${file}.`);
  expect(staleLockHint({ ...owner, host: "elsewhere.example" }, path)).toBe(
    ` If that process has ended, delete ${file}.`,
  );
});

test("four processes that take the lock at once hold it one after another", { timeout: 60_000 }, async () => {
  const path = newLock();
  const script = `
    import { closeSync, openSync, rmSync } from "node:fs";
    let taken = 0;
    for (const end = Date.now() + 20_000; taken < 100 && Date.now() < end; ) {
      const lock = takeLock(path);
      if (lock.kind !== "taken") continue;
      closeSync(openSync(path + ".inside", "wx"));
      rmSync(path + ".inside");
      lock.release();
      taken += 1;
    }
    console.log(taken);`;
  const ends = await Promise.all(Array.from({ length: 4 }, () => startNode(script, path).ended));
  expect(ends).toEqual(Array.from({ length: 4 }, () => ({ code: 0, output: "100\n" })));
  expect(readdirSync(join(path, ".."))).toEqual([]);
});

test("a file that is not a lock of this user is reported and not changed", () => {
  const path = newLock();
  mkdirSync(path);
  expect(takeLock(path)).toEqual({ kind: "unusable", why: "exists and cannot be read" });
  const nowhere = join(path, "nowhere", "lock");
  expect(takeLock(nowhere)).toMatchObject({ kind: "impossible", cause: { code: "ENOENT" } });
  expect(readdirSync(path)).toEqual([]);
  writeFileSync(join(path, "half"), '{"pid":');
  const half = takeLock(join(path, "half"));
  expect(half.kind).toBe("taken");
  expect(JSON.parse(readFileSync(join(path, "half"), "utf8"))).toMatchObject({ pid: process.pid });
  if (half.kind === "taken") half.release();
});
