// Several files, folders and standard input, through the built program.
import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { zipSync } from "fflate";
import { afterAll, beforeAll, expect, test } from "vitest";
import { lastJson, runCli } from "../support/run-cli.ts";

let folder = "";
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "realmscope-many-"));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const journal = "captures/trust-works.ndjson";

test("a folder gives what is a capture by its content, in the order of names, whatever else lies there", async () => {
  const inner = join(folder, "set", "inner");
  mkdirSync(inner, { recursive: true });
  copyFileSync(journal, join(folder, "set", "b.txt"));
  writeFileSync(join(inner, "c"), gzipSync(readFileSync("captures/basic-fallback.ndjson")));
  copyFileSync("test/sources/flows/fixtures/mitmproxy-8.1.1.flow", join(folder, "set", "a"));
  writeFileSync(join(folder, "set", "b.expected.json"), '{"verdict":"oauth-confirmed"}');
  writeFileSync(join(folder, "set", "notes.txt"), "nothing");
  writeFileSync(join(folder, "set", "empty"), "");
  const { stdout } = await runCli(["replay", join(folder, "set"), "--json"]);
  expect(lastJson(stdout).sources).toMatchObject([
    { path: join(folder, "set", "a"), format: "mitmproxy", transactions: 4 },
    { path: join(folder, "set", "b.txt"), format: "journal", truncated: false },
    { path: join(inner, "c"), format: "journal", transactions: 5 },
  ]);
});

test("the parts of a rotated journal in a folder are one capture", async () => {
  const set = join(folder, "rotated");
  mkdirSync(set);
  const saved = join(set, "c.ndjson");
  const demo = await runCli(["demo", "--scenario", "trust-works", "--quiet", "--save", saved, "--rotate-size", "8K"], {
    limitMs: 60_000,
  });
  expect(demo.code).toBe(0);
  const { stdout, code } = await runCli(["replay", set, "--json"]);
  const analysis = lastJson(stdout);
  expect(code).toBe(0);
  expect(analysis.sources).toMatchObject([{ path: saved, truncated: false, problems: [] }]);
  expect(analysis.verdict).toBe("oauth-confirmed");
});

test("a folder without captures is an error with what would be one", async () => {
  const none = join(folder, "none");
  mkdirSync(none);
  const { code, stderr } = await runCli(["replay", none]);
  expect(code).toBe(2);
  expect(stderr).toMatch(
    /The folder .* holds neither a capture nor a log that realmscope reads\. Captures are journals, HAR, SAZ/,
  );
});

test("standard input takes any kind, an archive too", async () => {
  const request = "GET https://mail.contoso.example/EWS/Exchange.asmx HTTP/1.1\r\nHost: mail.contoso.example\r\n\r\n";
  const archive = zipSync({
    "raw/1_c.txt": Buffer.from(request),
    "raw/1_s.txt": Buffer.from("HTTP/1.1 200 OK\r\n\r\n"),
  });
  const inputs: readonly (readonly [string, Buffer])[] = [
    ["saz", Buffer.from(archive)],
    ["journal", readFileSync(journal)],
    ["mitmproxy", readFileSync("test/sources/flows/fixtures/mitmproxy-8.1.1.flow")],
  ];
  for (const [format, input] of inputs) {
    const { stdout } = await runCli(["replay", "-", "--json"], { input });
    expect(lastJson(stdout).sources).toMatchObject([{ path: "-", format, truncated: false }]);
  }
});
