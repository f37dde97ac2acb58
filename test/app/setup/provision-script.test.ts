import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { expect, onTestFinished, test } from "vitest";
import { readBundle } from "../../../src/app/setup/bundle.ts";
import { labCertificate } from "../../../src/lab/exchange-shell/lab-directory.ts";
import { makeAuthCertificate } from "../../../src/lab/keys.ts";
import { readScriptResult } from "../../../src/provisioning/scripts/script-result.ts";
import { runCli } from "../../support/run-cli.ts";

const answers = [
  ...["--domain", "contoso.example", "--dc", "dc1.contoso.example"],
  ...["--tenant", "7f3c1e2a-9b14-4c0d-8a55-0d2b6f1e90aa"],
];

function newFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), "realmscope-scripts-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

test("both halves and their undo are written where nothing is in the way, and named", async () => {
  const folder = newFolder();
  const out = join(folder, "new");
  const result = await runCli(["provision", "script", ...answers, "--profile", "teams", "--out", out]);
  expect(result).toMatchObject({ code: 0, stderr: "" });
  const names = [
    "realmscope-cloud-undo.ps1",
    "realmscope-cloud.ps1",
    "realmscope-exchange-undo.ps1",
    "realmscope-exchange.ps1",
  ];
  expect(readdirSync(out)).toEqual(names);
  for (const name of names) {
    expect(result.stdout).toContain(join(out, name));
    // Windows PowerShell takes text without this mark for the system's code page.
    expect(readFileSync(join(out, name))[0]).toBe(0xef);
  }
  const again = await runCli(["provision", "script", ...answers, "--profile", "teams", "--out", out]);
  expect(again).toMatchObject({ code: 2, stdout: "" });
  expect(again.stderr).toContain("cannot be written");
});

test.each([
  [
    ["--only", "exchange"],
    ["realmscope-exchange-undo.ps1", "realmscope-exchange.ps1"],
  ],
  [
    ["--cloud", "bleu", "--only", "cloud"],
    ["realmscope-cloud-undo.ps1", "realmscope-cloud.ps1"],
  ],
])("%j: only %j", async (more, names) => {
  const folder = newFolder();
  const result = await runCli(["provision", "script", ...answers, ...more, "--out", folder, "--json"]);
  expect(result.code).toBe(0);
  expect([...JSON.parse(result.stdout).files].sort()).toEqual(names);
  expect(readdirSync(folder)).toEqual(names);
});

const tenantOnly = ["--tenant", "7f3c1e2a-9b14-4c0d-8a55-0d2b6f1e90aa"];

test("--check-only writes the two scripts of the profile that is only checked", async () => {
  const out = join(newFolder(), "new");
  const words = ["provision", "script", "--profile", "hybrid-app", ...tenantOnly, "--cloud", "china"];
  const result = await runCli([...words, "--check-only", "--out", out]);
  expect(result).toMatchObject({ code: 0, stderr: "" });
  expect(readdirSync(out)).toEqual(["realmscope-cloud-check.ps1", "realmscope-exchange-check.ps1"]);
  expect(result.stdout).toContain("They read and change nothing");
  const text = (half: string): string => readFileSync(join(out, `realmscope-${half}-check.ps1`), "utf8");
  expect(text("cloud")).toContain("Environment = 'China'");
  expect(text("exchange")).toContain("Graph = 'https://microsoftgraph.chinacloudapi.cn'");
  expect(text("exchange")).toContain("-AzureEnvironment ChinaCloud");
  expect(text("exchange")).toContain("GraphIsGuide = $true");
});

test.each([
  ["without --check-only", ["--profile", "hybrid-app"], /need --check-only.*ConfigureExchangeHybridApplication\.ps1/],
  ["--check-only of another profile", ["--profile", "teams", "--check-only"], /needs --profile hybrid-app.*-CheckOnly/],
])("%s is refused in one line before anything is written", async (_name, more, says) => {
  const out = join(newFolder(), "new");
  const result = await runCli(["provision", "script", ...answers, ...more, "--out", out]);
  expect(result).toMatchObject({ code: 2, stdout: "" });
  expect(result.stderr.trimEnd()).toMatch(says);
  expect(result.stderr.trimEnd().split("\n")).toHaveLength(1);
  expect(existsSync(out)).toBe(false);
});

test.each([
  [["ok", "ok"], 0],
  [["ok", "missing"], 1],
  [["wrong", "cannot tell"], 1],
  [["ok", "cannot tell"], 4],
])("the gates %j of a check-only script end with exit %i; a guide does not count", async (states, code) => {
  const path = join(newFolder(), "result.json");
  const item = (outcome: string, index: number): object => ({
    stepId: `gate-${index}`,
    outcome,
    isGuide: false,
    evidence: ["fact \u001b[31m"],
    command: outcome === "ok" ? "" : "Get-AuthServer",
    names: [],
    error: null,
  });
  const items = [...states.map(item), { ...item("cannot tell", 9), isGuide: true }];
  const head = { format: "realmscope-script-result", version: 1, side: "exchange-check", plan: "p", checkOnly: true };
  writeFileSync(path, JSON.stringify({ ...head, startedAt: "2026-11-24T22:00:00Z", host: "EX1", actor: "a", items }));
  const result = await runCli(["provision", "import-result", path]);
  expect(result).toMatchObject({ code, stderr: "" });
  expect(result.stdout).toContain("cannot tell gate-9 (does not count)");
  expect(result.stdout).toContain("look: Get-AuthServer");
  expect(result.stdout).not.toContain("\u001b");
});

test("a name with a line break is refused before anything is written", async () => {
  const out = join(newFolder(), "new");
  const result = await runCli(["provision", "script", ...answers, "--name", "SfBOnline=a\nb", "--out", out]);
  expect(result.code).toBe(2);
  expect(existsSync(out)).toBe(false);
});

/** As the Exchange script writes it. */
async function writeResult(outcomes: readonly string[]): Promise<{ path: string; der: Buffer }> {
  const { certificateDer: der } = await makeAuthCertificate(Date.now() - 1000, Date.now() + 86_400_000);
  const path = join(newFolder(), "result.json");
  const items = outcomes.map((outcome, index) => ({
    stepId: `s2.step-${index}`,
    outcome,
    facts: null,
    before: null,
    names: [],
    error: outcome === "failed" ? { type: "X", id: "X,Y", category: "", message: "訊息 \u001b[31m" } : null,
  }));
  const certificates = [{ use: "current", thumbprint: labCertificate(der).thumbprint, der: der.toString("base64") }];
  const head = { format: "realmscope-script-result", version: 1, side: "exchange", plan: "p", checkOnly: false };
  const where = { startedAt: "2026-11-24T22:00:00Z", host: "EX1", actor: "CONTOSO\\admin" };
  writeFileSync(path, `\ufeff${JSON.stringify({ ...head, ...where, items, certificates })}`);
  return { path, der };
}

test.each([
  [["made", "present"], 0],
  [["made", "failed", "not-run"], 1],
  [["missing", "waits"], 2],
  [["made", "conflict", "not-run"], 3],
  [["made", "unverified"], 4],
])("the outcomes %j end with exit %i", async (outcomes, code) => {
  const { path } = await writeResult(outcomes);
  const result = await runCli(["provision", "import-result", path]);
  expect(result).toMatchObject({ code, stderr: "" });
  for (const outcome of outcomes) expect(result.stdout).toContain(outcome);
  expect(result.stdout).not.toContain("\u001b");
  const json = await runCli(["provision", "import-result", path, "--json"]);
  expect(JSON.parse(json.stdout)).toMatchObject({ exit: code, results: [{ side: "exchange", planId: "p" }] });
});

test("the certificates of a result serve the cloud half as a bundle does", async () => {
  const { path, der } = await writeResult(["made"]);
  expect(readBundle(path).map((one) => one.der)).toEqual([der.toString("base64")]);
});

test.each([
  ["no JSON", "{"],
  ["another file", "{}"],
  ["a later version", '{"format":"realmscope-script-result","version":2}'],
  ["no steps", '{"format":"realmscope-script-result","version":1,"side":"exchange"}'],
  ["a step without a name", '{"format":"realmscope-script-result","version":1,"side":"cloud","items":[{}]}'],
  [
    "a certificate that is not the one it names",
    '{"format":"realmscope-script-result","version":1,"side":"exchange","items":[],"certificates":[{"use":"current","thumbprint":"AA","der":"AAEC"}]}',
  ],
])("%s is refused as a result", async (_name, text) => {
  const path = join(newFolder(), "result.json");
  writeFileSync(path, text);
  const result = await runCli(["provision", "import-result", path]);
  expect(result).toMatchObject({ code: 2, stdout: "" });
  expect(result.stderr).toMatch(/^realmscope: The result file cannot be used\./);
});

test("whatever stands in a result file, it is read or refused with a reason", () => {
  const item = fc.record({
    stepId: fc.jsonValue(),
    outcome: fc.jsonValue(),
    facts: fc.jsonValue(),
    error: fc.jsonValue(),
  });
  const near = fc.record(
    {
      format: fc.constant("realmscope-script-result"),
      version: fc.constantFrom(1, 2, "1"),
      side: fc.constantFrom("exchange", "cloud", "x"),
      items: fc.oneof(fc.array(item), fc.jsonValue()),
      certificates: fc.jsonValue(),
    },
    { requiredKeys: ["format", "version"] },
  );
  fc.assert(
    fc.property(fc.oneof(near, fc.jsonValue()), (value) => {
      try {
        expect(readScriptResult(JSON.stringify(value)).outcomes).toBeInstanceOf(Array);
      } catch (error) {
        expect(error).toMatchObject({ code: "bad-script-result" });
      }
    }),
    { numRuns: 500 },
  );
});
