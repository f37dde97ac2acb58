// `watch --logs` on the folder into which the lab writes, and the proxy through which its traffic passes at the same time: both
// end in the same verdict for the calls to Exchange.
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import type { Directions } from "../../src/diagnosis/analysis.ts";
import { collect, lastJson, runCli, startCli } from "../support/run-cli.ts";

vi.setConfig({ testTimeout: 90_000 });

let folder = "";
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "realmscope-watch-lab-"));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const inboundOf = (stdout: string): string | undefined => (lastJson(stdout).directions as Directions).inbound?.verdict;

// A story for each verdict of calls to Exchange.
test.each([
  ["hybrid-app-graph", "oauth-confirmed"],
  ["user-unknown", "oauth-rejected"],
  ["basic-fallback", "basic-fallback"],
  ["ntlm-only", "other-auth"],
])("%s: %s, by the logs and by the proxy", async (scenario, verdict) => {
  const logs = join(folder, scenario);
  mkdirSync(logs);
  const watch = startCli(["watch", "--json", "--logs", logs], {
    environment: { REALMSCOPE_HOME: join(folder, "home") },
    limitMs: 80_000,
  });
  const ended = collect(watch);
  // The folders have been listed: what is written from now on is new.
  for await (const line of createInterface({ input: watch.stdout }))
    if (line.includes("There is no log to follow yet")) break;
  watch.stdout.resume();
  const demo = await runCli(["demo", "--scenario", scenario, "--json", "--save-logs", logs], { limitMs: 60_000 });
  watch.kill("SIGTERM");
  const { stdout, stderr } = await ended;
  expect(stderr).toBe("");
  expect([inboundOf(stdout), inboundOf(demo.stdout)]).toEqual([verdict, verdict]);
});
