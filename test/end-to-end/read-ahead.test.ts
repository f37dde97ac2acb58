// Large captures are read by threads of their own: the answer must be the same to the letter as without them.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { availableParallelism, tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { runCli } from "../support/run-cli.ts";

let folder = "";
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "realmscope-ahead-"));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** A journal of about so many megabytes: the stories of the project one after the other, each a run of its own. */
function large(name: string, megabytes: number, stories: readonly string[]): string {
  const texts = stories.map((story) => readFileSync(`captures/${story}.ndjson`, "utf8"));
  const parts: string[] = [];
  for (let size = 0, count = 0; size < megabytes * 1e6; count++) {
    const text = texts[count % texts.length] ?? "";
    parts.push(text);
    size += text.length;
  }
  const path = join(folder, name);
  writeFileSync(path, parts.join(""));
  return path;
}

test.skipIf(availableParallelism() < 2)("several large files give the same JSON with threads and without", async () => {
  const files = [
    large("a.ndjson", 5, ["trust-works", "basic-fallback"]),
    large("b.ndjson", 4, ["issuer-unknown", "token-expired", "signature-wrong"]),
    join(folder, "none.ndjson"),
    large("c.ndjson", 1, ["legacy-and-new-principals"]),
  ];
  const built: { isWorthThreads(files: readonly string[]): boolean } = await import(
    new URL("../../dist/app/reading/reader-threads.js", import.meta.url).href
  );
  expect(built.isWorthThreads(files)).toBe(true);
  const withThreads = await runCli(["replay", ...files, "--json"], { limitMs: 120_000 });
  // With --verbose whole requests are wanted, so everything happens in one thread.
  const without = await runCli(["replay", ...files, "--json", "--verbose"], { limitMs: 120_000 });
  expect(JSON.parse(withThreads.stdout).counts.transactions).toBeGreaterThan(1000);
  expect(withThreads.stdout).toBe(without.stdout);
  expect(withThreads.stderr).toBe(without.stderr);
  expect(withThreads.stderr).toContain("does not exist");
  expect([withThreads.code, without.code]).toEqual([2, 2]);
});

test("a large file that is cut gives its whole entries and exit code 2, with threads too", async () => {
  const path = large("cut.ndjson", 9, ["trust-works"]);
  writeFileSync(path, readFileSync(path).subarray(0, -700));
  const { code, stdout, stderr } = await runCli(["replay", path, "--json"], { limitMs: 120_000 });
  expect(code).toBe(2);
  expect(stderr).toContain("is cut short");
  expect(JSON.parse(stdout).sources).toMatchObject([{ truncated: true }]);
});

test("the threads that were started early end with a run that cannot begin", async () => {
  const path = large("early.ndjson", 9, ["trust-works"]);
  const { code, stdout, stderr } = await runCli(["replay", path, "--json", "--auth-cert", join(folder, "none.cer")], {
    limitMs: 120_000,
  });
  expect(code).toBe(2);
  expect(stdout).toBe("");
  expect(stderr).toContain("none.cer");
});
