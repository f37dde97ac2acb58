import { copyFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { zipSync } from "fflate";
import { expect, onTestFinished, test } from "vitest";
import { runCli } from "../support/run-cli.ts";

function newFolder(files: Readonly<Record<string, string | Uint8Array>>): string {
  const folder = mkdtempSync(join(tmpdir(), "realmscope-mixed-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  mkdirSync(join(folder, "below"));
  for (const [name, content] of Object.entries(files)) writeFileSync(join(folder, name), content);
  return folder;
}

const others = {
  "a.json": '{"a":1}',
  "below/empty": "",
  "broken.json": '{"hello":{"entries":{\n"a" 1}}}',
  "events.evtx": Buffer.from("ElfFile\0\0\0", "latin1"),
  "letter.docx": zipSync({ "[Content_Types].xml": Buffer.from("<Types/>") }),
  "note.txt": "HTTP/1.1 401 Unauthorized",
  "x.bin": Uint8Array.of(0, 1, 2, 3),
};

const reasons = [
  /a\.json" is left out: it is JSON but not a HAR\.$/,
  /broken\.json" is left out: it is not JSON \(it breaks at line 2, column 5\) and so not a HAR\.$/,
  /empty" is left out: it is empty or cannot be read\.$/,
  /events\.evtx" is left out: it is a Windows event log \(EVTX\)\. .*wevtutil/,
  /letter\.docx" is left out: it is a ZIP file without Fiddler sessions\. Unpack it if captures are in it\.$/,
  /note\.txt" is left out: it is not a capture but a text\. .*realmscope decode/,
  /x\.bin" is left out: it is not a capture that realmscope can read\.$/,
];

test("each file of a mixed folder has one line: what it is read as, or why it is left out", async () => {
  const folder = newFolder({
    ...others,
    "session.saz": zipSync({ "raw/1_c.txt": Buffer.from("GET http://mail.contoso.example/EWS/ HTTP/1.1\r\n\r\n") }),
    "z.har": '{"log":{"version":"1.2","entries":[]}}',
  });
  copyFileSync("captures/one-way.ndjson", join(folder, "below", "one-way.ndjson"));
  const { code, stdout, stderr } = await runCli(["replay", "--json", folder]);
  const alone = await runCli(["replay", "captures/one-way.ndjson"]);
  expect(alone.code).toBe(0);
  // The HAR has no transaction: that decides the exit code, as without the other files.
  expect(code).toBe(
    (
      await runCli([
        "replay",
        join(folder, "z.har"),
        join(folder, "session.saz"),
        join(folder, "below", "one-way.ndjson"),
      ])
    ).code,
  );
  const lines = stderr.split("\n").filter((line) => / is (?:read as|left out)/.test(line));
  expect(lines).toHaveLength(10);
  for (const reason of reasons) expect(lines.filter((line) => reason.test(line))).toHaveLength(1);
  expect(lines.filter((line) => line.includes("is read as")).map((line) => line.split(" is read as ")[1])).toEqual([
    "a journal of realmscope.",
    "a SAZ or a ticket of realmscope.",
    "a HAR.",
  ]);
  const analysis: { sources: { path: string }[] } = JSON.parse(stdout.trim().split("\n").at(-1) ?? "");
  expect(analysis.sources).toHaveLength(3);
});

test("the other files change neither the verdict nor the exit code; --quiet leaves the lines out", async () => {
  const folder = newFolder(others);
  copyFileSync("captures/one-way.ndjson", join(folder, "one-way.ndjson"));
  const loud = await runCli(["replay", folder]);
  expect(loud.code).toBe(0);
  expect(loud.stderr).toBe("");
  expect(loud.stdout.split("\n").filter((line) => / is (?:read as|left out)/.test(line))).toHaveLength(8);
  expect(await runCli(["replay", "--quiet", folder])).toMatchObject({ code: 0, stderr: "" });
});

test("a folder of captures alone says nothing about its files", async () => {
  const folder = newFolder({});
  copyFileSync("captures/one-way.ndjson", join(folder, "one-way.ndjson"));
  const { code, stdout, stderr } = await runCli(["replay", folder]);
  expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
  expect(stdout).not.toMatch(/ is (?:read as|left out)/);
});

test("a folder without captures says why each file is left out, then what captures are", async () => {
  const { code, stdout, stderr } = await runCli(["replay", newFolder(others)]);
  expect(code).toBe(2);
  for (const reason of reasons) expect(stdout.split("\n").filter((line) => reason.test(line))).toHaveLength(1);
  expect(stderr).toContain("holds neither a capture nor a log that realmscope reads");
});

test("of more than 200 files the others are counted", async () => {
  const names = Array.from({ length: 250 }, (_, at) => `n${String(at).padStart(3, "0")}.txt`);
  const folder = newFolder(Object.fromEntries(names.map((name) => [name, "text"])));
  copyFileSync("captures/one-way.ndjson", join(folder, "one-way.ndjson"));
  const { stdout } = await runCli(["replay", folder]);
  expect(stdout.split("\n").filter((line) => line.includes("is left out"))).toHaveLength(200);
  expect(stdout).toMatch(/^51 more files: 1 read, 50 left out\.$/m);
});

test.each([
  ["export", ["--to", "har", "-o"], "copy.har", 0],
  ["ticket", ["-o"], "case.zip", 0],
  ["readiness", [], "", null],
] as const)(
  "%s has the same lines: not with --quiet, beside JSON on standard error",
  async (command, options, name, code) => {
    const folder = newFolder(others);
    copyFileSync("captures/one-way.ndjson", join(folder, "one-way.ndjson"));
    const run = async (...more: string[]) => {
      const output = name === "" ? [] : [join(newFolder({}), name)];
      return runCli([command, folder, ...options, ...output, ...more]);
    };
    // The first copy of a case leaves its key beside the captures.
    const isKey = /\.key" is left out: it is the key of pseudonyms of a safe copy\. Keep it/;
    const linesIn = (text: string) =>
      text.split("\n").filter((line) => / is (?:read as|left out)/.test(line) && !isKey.test(line));
    const loud = await run();
    if (code !== null) expect(loud.code, loud.stderr).toBe(code);
    expect(linesIn(loud.stdout)).toHaveLength(8);
    for (const reason of reasons) expect(linesIn(loud.stdout).filter((line) => reason.test(line))).toHaveLength(1);
    const json = await run("--json");
    expect(json.code).toBe(loud.code);
    expect(JSON.parse(json.stdout)).toBeTypeOf("object");
    expect(linesIn(json.stderr)).toEqual(linesIn(loud.stdout));
    const quiet = await run("--quiet");
    expect(quiet.code).toBe(loud.code);
    expect(linesIn(quiet.stdout + quiet.stderr)).toEqual([]);
  },
);
