import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { hostname, tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { lockedRun, lockRuns } from "../../../src/provisioning/engine/run-lock.ts";
import { Stop } from "../../../src/provisioning/model/stop.ts";

function newFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), "realmscope-run-lock-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

function stopOf(path: string): unknown {
  try {
    lockRuns(path, "second").release();
    return null;
  } catch (error) {
    return error instanceof Stop ? error.reason : error;
  }
}

test("one run at a time; the lock names it", () => {
  const path = join(newFolder(), "provisioning", "lock");
  const lock = lockRuns(path, "first");
  expect(lockedRun(path)).toBe("first");
  expect(stopOf(path)).toEqual({
    code: "locked",
    message: `Another run is under way (process ${process.pid} on ${hostname()}).`,
    hint: process.platform === "linux" ? "Wait for its end." : expect.stringContaining("is another program, delete"),
  });
  lock.release();
  expect(lockedRun(path)).toBeNull();
  expect(stopOf(path)).toBeNull();
});

test("a run on another machine counts as under way, and the hint names the file", () => {
  const path = join(newFolder(), "lock");
  writeFileSync(path, JSON.stringify({ pid: 1, host: "elsewhere.example", run: "first" }));
  expect(lockedRun(path)).toBe("first");
  expect(stopOf(path)).toEqual({
    code: "locked",
    message: "Another run is under way (process 1 on elsewhere.example).",
    hint: `Wait for its end. If that process has ended, delete ${JSON.stringify(path)}.`,
  });
});

test("an unreadable lock stops the run, and the message names it", () => {
  const path = join(newFolder(), "lock");
  mkdirSync(path);
  expect(stopOf(path)).toEqual({
    code: "locked",
    message: `The lock of the runs ${JSON.stringify(path)} exists and cannot be read.`,
    hint: "Delete it, when no other run is under way.",
  });
  expect(stopOf(join(path, "x".repeat(300), "lock"))).toMatchObject({ code: "unwritable" });
  expect(stopOf(join(path, "x".repeat(300)))).toMatchObject({ code: "unwritable" });
});
