// captures/logs: a log folder for each verdict that logs may give. Each is judged as `replay FOLDER --json` does and compared with
// the answer beside it, which was written from the table of docs/logs.md, not printed by this program.
import { readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { logFolders } from "./support/log-folders/log-folders.ts";
import { supportPackage, supportPackageBytes } from "./support/log-folders/write-log-folders.ts";
import { lastJson, runCli } from "./support/run-cli.ts";

const root = join("captures", "logs");
const all = [...logFolders, supportPackage];

test("the folder holds what the script writes, byte by byte, and nothing else", () => {
  expect(readdirSync(root).sort()).toEqual(all.flatMap(({ name }) => [name, `${name}.expected.json`]).sort());
  for (const { name, files } of logFolders) {
    const found = readdirSync(join(root, name), { recursive: true, encoding: "utf8" })
      .filter((path) => statSync(join(root, name, path)).isFile())
      .map((path) => [path, readFileSync(join(root, name, path), "utf8")]);
    expect(found.sort()).toEqual([...files].sort());
  }
  expect(readFileSync(join(root, supportPackage.name))).toEqual(Buffer.from(supportPackageBytes()));
});

test.each(all)("$name is judged as written beside it", async ({ name, expected }) => {
  expect(JSON.parse(readFileSync(join(root, `${name}.expected.json`), "utf8"))).toEqual(expected);
  const { code, stdout } = await runCli(["replay", join(root, name), "--json"]);
  const answer = answerOf(code, stdout);
  expect(answer).toEqual({ ...expected, findings: expect.arrayContaining([...expected.findings]) });
  // A refusal is explained once, by the row that has its cause.
  expect(answer.findings).not.toContain("REFUSED_WITHOUT_REASON");
});

interface Answer {
  readonly verdict: string;
  readonly counts: { readonly logRows: number; readonly logRowsDropped: number };
  readonly handshakes: readonly {
    readonly principal: { readonly id: string } | null;
    readonly server: string;
    readonly direction: string;
    readonly verdict: string;
    readonly basis: string;
    readonly callerShownBy: string | null;
    readonly realm: string | null;
  }[];
  readonly findings: readonly { readonly code: string }[];
}

function answerOf(exitCode: number | null, stdout: string) {
  const { verdict, counts, handshakes, findings } = lastJson(stdout) as unknown as Answer;
  return {
    ...{ exitCode, verdict },
    handshakes: handshakes.map(({ principal, server, direction, verdict: own, basis, callerShownBy, realm }) => ({
      caller: principal?.id ?? null,
      ...{ server, direction, verdict: own, basis, callerShownBy, realm: realm ?? "" },
    })),
    findings: findings.map(({ code }) => code),
    rows: { kept: counts.logRows, dropped: counts.logRowsDropped },
  };
}
