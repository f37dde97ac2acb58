// Whatever ends the program or takes its disk away: what the journal was told before is readable after.
import { spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { afterAll, beforeAll, expect, test } from "vitest";
import { collect, lastJson, runCli, startCli } from "../support/run-cli.ts";

let folder = "";
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "realmscope-survives-"));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

test.each([1, 5, 9])("a kill after %i transactions were told loses none of them", async (killAfter) => {
  const journal = join(folder, `killed-${killAfter}.ndjson`);
  const child = startCli(["demo", "--scenario", "trust-works", "--json", "--save", journal]);
  const ended = collect(child);
  const told: string[] = [];
  createInterface({ input: child.stdout }).on("line", (line) => {
    const event: { event?: string; id?: string } = JSON.parse(line);
    if (event.event !== "transaction" || event.id === undefined) return;
    told.push(event.id);
    if (told.length === killAfter) child.kill("SIGKILL");
  });
  expect((await ended).signal).toBe("SIGKILL");
  const replayed = await runCli(["replay", journal, "--json", "--allow-truncated"]);
  const [source] = lastJson(replayed.stdout).sources as [{ transactions: number; truncated: boolean }];
  expect(source.truncated).toBe(false);
  expect(source.transactions).toBeGreaterThanOrEqual(killAfter);
  const kept = readFileSync(journal, "utf8");
  for (const id of told) expect(kept).toContain(`"_id":"${id}"`);
});

// setrlimit(2) RLIMIT_FSIZE refuses a write as a full disk does; sh counts blocks of 512 bytes.
test.skipIf(process.platform === "win32")(
  "without room the capture goes on, the person is told, and nothing written is damaged",
  async () => {
    const journal = join(folder, "full.ndjson");
    const program = new URL("../../dist/cli/main.js", import.meta.url).pathname;
    const child = spawn(
      "sh",
      [
        "-c",
        'ulimit -f 20; exec "$0" "$@"',
        process.execPath,
        program,
        "demo",
        "--scenario",
        "trust-works",
        "--plain",
        "--save",
        journal,
      ],
      { stdio: ["pipe", "pipe", "pipe"] },
    );
    const result = await collect(child);
    expect(result.code).toBe(0);
    expect(result.stdout).toMatch(/\d+ records could not be written \(EFBIG\); make room on the disk/);
    expect(result.stdout).toContain("[OK] OAuth CONFIRMED");
    const replayed = await runCli(["replay", journal, "--json"]);
    const analysis = lastJson(replayed.stdout);
    expect(analysis.sources).toMatchObject([
      { truncated: false, problems: [expect.stringContaining("not ended in an orderly way")] },
    ]);
    expect(readFileSync(journal).length).toBeLessThanOrEqual(20 * 512);
  },
);
