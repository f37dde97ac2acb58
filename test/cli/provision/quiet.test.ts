// `--quiet` of the verbs, on the built program and the lab: the outcome, and nothing else.
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { labCertificate } from "../../../src/lab/exchange-shell/lab-directory.ts";
import { authCertificate } from "../../support/auth-certificate.ts";
import { labAnswers, makeHome } from "../../support/provisioning-answers.ts";
import { startProvisioningLab } from "../../support/provisioning-lab.ts";
import { runCli } from "../../support/run-cli.ts";

test("plan, apply, verify, status and undo print one line each", { timeout: 120_000 }, async () => {
  const lab = await startProvisioningLab();
  const home = makeHome();
  const environment = { REALMSCOPE_HOME: home, REALMSCOPE_GRAPH_TOKEN: await lab.cloud.token() };
  const run = (verb: string, ...more: readonly string[]) =>
    runCli(["provision", verb, ...labAnswers(lab), "--quiet", ...more], { environment, limitMs: 60_000 });
  const planned = await run("plan");
  expect([planned.code, planned.stdout]).toEqual([
    2,
    expect.stringMatching(/^\d+ to create, \d+ to change, 0 to delete\.\n$/),
  ]);
  const applied = await run("apply", "--yes");
  expect([applied.code, applied.stdout]).toEqual([0, expect.stringMatching(/^Verified: ok[^\n]*\n$/)]);
  const again = await run("plan");
  expect([again.code, again.stdout]).toEqual([0, "Nothing is to be changed.\n"]);
  const verified = await run("verify");
  expect([verified.code, verified.stdout]).toEqual([0, expect.stringMatching(/^Verified: ok[^\n]*\n$/)]);
  const listed = await runCli(["provision", "status", "--quiet"], { environment });
  expect([listed.code, listed.stdout]).toEqual([0, expect.stringMatching(/^\S+ {2}finished\n$/)]);
  const id = listed.stdout.split(" ")[0] ?? "";
  const one = await runCli(["provision", "status", "--run", id, "--quiet"], { environment });
  expect(one.stdout).toBe(listed.stdout);
  const undone = await run("undo", "--yes", "--allow-destructive");
  expect([undone.code, undone.stdout]).toEqual([0, expect.stringMatching(/^Taken back: (\d+) of \1 changes\.\n$/)]);
});

/** A result file of the Exchange script with these outcomes, as the script writes it. */
function resultWith(outcomes: readonly string[], more: object = {}): string {
  const path = join(makeHome(), "result.json");
  const der = authCertificate();
  const items = outcomes.map((outcome, index) => ({ stepId: `step-${index}`, outcome, names: [] }));
  const head = { format: "realmscope-script-result", version: 1, side: "exchange", plan: "p", startedAt: "2026-11-30" };
  writeFileSync(
    path,
    JSON.stringify({
      ...head,
      host: "ex1",
      actor: "admin",
      certificates: [{ use: "current", ...labCertificate(der), der: der.toString("base64") }],
      items,
      ...more,
    }),
  );
  return path;
}

test.each([
  ["failed", ["made", "failed"], {}, 1, "failed", /mend what failed/],
  ["a conflict", ["conflict"], {}, 3, "conflict", /settle the conflict/],
  ["unverified", ["made", "unverified"], {}, 4, "unverified", /-CheckOnly in some minutes/],
  ["missing", ["missing"], { checkOnly: true }, 2, "something is missing", /without -CheckOnly/],
  ["still running", ["made", "running"], {}, 4, "not ended", /wait for the end/],
  ["ended half-way", ["made"], { state: "running" }, 4, "not ended", /wait for the end/],
])("import-result of a run that is %s names its honest next step", async (...[, outcomes, more, code, word, next]) => {
  const path = resultWith(outcomes, more);
  const shown = await runCli(["provision", "import-result", path]);
  expect([shown.code, shown.stdout]).toEqual([code, expect.stringMatching(next)]);
  expect(shown.stdout).not.toContain("provision apply");
  const quiet = await runCli(["provision", "import-result", path, "--quiet"]);
  expect([quiet.code, quiet.stdout]).toEqual([code, `exchange half, run 2026-11-30: ${word}\n`]);
});
