import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { playLab } from "../../src/cli/commands/play-lab.ts";
import { startLab } from "../../src/lab/start-lab.ts";
import { lastJson, runCli } from "../support/run-cli.ts";

test("demo --provision runs the whole procedure and ends with confirmed handshakes of all three callers", async () => {
  const home = mkdtempSync(join(tmpdir(), "realmscope-home-"));
  onTestFinished(() => rmSync(home, { recursive: true, force: true }));
  const { code, stdout, stderr } = await runCli(["demo", "--provision", "--json"], {
    environment: { REALMSCOPE_HOME: home },
    limitMs: 120_000,
  });
  expect(code, stderr).toBe(0);
  const events = stdout
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line) as Readonly<Record<string, unknown>>);
  const made = events.filter((event) => event.event === "item-done");
  expect(made).toHaveLength(18);
  expect(made.every((event) => event.outcome === "made" && event.isConfirmed === true)).toBe(true);
  expect(events.find((event) => event.event === "end")).toMatchObject({
    how: "finished",
    verification: { verdict: "ok" },
  });
  const analysis = lastJson(stdout);
  expect(analysis.verdict).toBe("oauth-confirmed");
  const confirmed = (analysis.handshakes as readonly { verdict: string; principal: { id: string } }[]).map(
    ({ verdict, principal }) => `${principal.id} ${verdict}`,
  );
  expect(confirmed.sort()).toEqual([
    "00000002-0000-0ff1-ce00-000000000000 oauth-confirmed",
    "00000004-0000-0ff1-ce00-000000000000 oauth-confirmed",
    "7557eb47-c689-4224-abcf-aef9bd7573df oauth-confirmed",
    "db7de2b5-2149-435e-8043-e080dd50afae oauth-confirmed",
  ]);
  // The demo's runs are its own: nothing is left in the data folder.
  expect(readdirSync(home)).toEqual([]);
}, 120_000);

test("the same lab without the set-up refuses every caller: the demo could fail", async () => {
  const lab = await startLab({
    scenario: "legacy-and-new-principals",
    trust: { partners: () => new Set(), isKnownCertificate: () => true },
  });
  onTestFinished(() => lab.stop());
  const code = await playLab(lab, { scenario: "legacy-and-new-principals", plain: true, quiet: true, color: false });
  expect(code).toBe(1);
}, 60_000);
