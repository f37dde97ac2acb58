import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { availableParallelism, tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";

// The built program: a thread's file is JavaScript.
const folder = mkdtempSync(join(tmpdir(), "realmscope-early-"));
const large = join(folder, "large.har");
const small = join(folder, "small.har");
const har = '{"log":{"version":"1.2","creator":{"name":"t","version":"1"},"entries":[]}}';

beforeAll(() => {
  writeFileSync(small, har);
  writeFileSync(large, har.padEnd(9 * 1024 * 1024));
});
afterAll(() => rmSync(folder, { recursive: true }));

/** For each command line how many threads it starts early; the process ends by itself, or the test does not. */
function threadsOf(lines: readonly (readonly string[])[]): unknown {
  const script = `
    const { startThreadsEarly, takeEarlyThreads, stopEarlyThreads } = await import("./dist/app/reading/early-threads.js");
    const counts = [];
    for (const words of JSON.parse(process.argv[1])) {
      await startThreadsEarly(words);
      const threads = takeEarlyThreads();
      counts.push(threads === null ? 0 : threads.workers.length);
      await threads?.stop();
    }
    await startThreadsEarly(JSON.parse(process.argv[1])[0]);
    await stopEarlyThreads();
    console.log(JSON.stringify([...counts, takeEarlyThreads()]));`;
  const args = ["--input-type=module", "--eval", script, JSON.stringify(lines)];
  const { stdout, stderr } = spawnSync(process.execPath, args, { encoding: "utf8", timeout: 60_000 });
  expect(stderr).toBe("");
  return JSON.parse(stdout);
}

describe.skipIf(availableParallelism() < 2)("with a second core", () => {
  test("threads start early for large files and nothing but files and ways to print", () => {
    const lines = [[large], ["--json", large, "--plain", "--quiet", "--no-color", "--allow-truncated"], [large, large]];
    expect(threadsOf(lines)).toEqual([1, 1, 2, null]);
  }, 60_000);

  test("none start early where the files may be read in another way", () => {
    const others = ["--verbose", "--tui", "--send", "--help", "--filter", "--no-such-option", "-"];
    const lines = [[large], [small], [folder], [join(folder, "missing")], [], ...others.map((word) => [large, word])];
    expect(threadsOf(lines)).toEqual([1, ...lines.slice(1).map(() => 0), null]);
  }, 60_000);

  test("a run that fails before it reads stops them and ends", () => {
    writeFileSync(join(folder, "realmscope.config.json"), "{ not JSON");
    const args = [resolve("dist/cli/main.js"), "replay", large, "--json"];
    const ended = spawnSync(process.execPath, args, { cwd: folder, encoding: "utf8", timeout: 60_000 });
    rmSync(join(folder, "realmscope.config.json"));
    expect([ended.status, ended.stdout]).toEqual([2, ""]);
    expect(ended.stderr).toMatch(/^realmscope: .*realmscope\.config\.json.*\n$/);
  }, 60_000);
});
