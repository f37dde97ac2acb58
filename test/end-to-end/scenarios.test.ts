// The main job, through every layer: the built program, real TLS, real tokens, the journal, and the journal replayed.
import { mkdtempSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { scenarios } from "../../src/lab/scenarios.ts";
import { lastJson, runCli } from "../support/run-cli.ts";

let folder = "";
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "realmscope-scenarios-"));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** What must be equal between a live run and the replay of what it saved. */
function judged(stdout: string): object {
  const { verdict, counts, handshakes, findings, checklist } = lastJson(stdout);
  return { verdict, counts, handshakes, findings, checklist };
}

describe.each(scenarios)("$name", (scenario) => {
  test("ends in its own verdict and exit code, live and replayed", async () => {
    const journal = join(folder, `${scenario.name}.ndjson`);
    const live = await runCli(["demo", "--scenario", scenario.name, "--json", "--save", journal]);
    expect(live.stderr).toBe("");
    expect(lastJson(live.stdout).verdict).toBe(scenario.expected.verdict);
    expect(live.code).toBe(scenario.expected.exitCode);

    const replayed = await runCli(["replay", journal, "--json"]);
    expect(replayed.stderr).toBe("");
    expect(judged(replayed.stdout)).toEqual(judged(live.stdout));
    expect(replayed.code).toBe(live.code);
    expect(statSync(journal).mode & 0o777).toBe(0o600);
  });

  test("prints no whole token, signature or password, and keeps none in the journal", async () => {
    const journal = readFileSync(join(folder, `${scenario.name}.ndjson`), "utf8");
    const plain = await runCli(["demo", "--scenario", scenario.name, "--plain"]);
    expect(plain.code).toBe(scenario.expected.exitCode);
    for (const text of [journal, plain.stdout, plain.stderr]) {
      // A third segment of base64url after two that begin like JSON objects is a signature.
      expect(text).not.toMatch(/eyJ[\w-]{10,}\.eyJ[\w-]{10,}\.[\w-]{10,}/);
      expect(basicPasswords(text)).toEqual([]);
    }
  });
});

function basicPasswords(text: string): string[] {
  return [...text.matchAll(/Basic ([A-Za-z0-9+/=]{4,})/gi)]
    .map((match) => Buffer.from(match[1] ?? "", "base64").toString("utf8"))
    .filter((credential) => credential.includes(":") && !credential.endsWith(":<password>"));
}
