// A command loads what it needs and no more: start-up time is mostly the number of modules. A bound may fall; where a new
// file raises a count, first see whether the command needs that file.
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { runCli } from "../support/run-cli.ts";

const folder = mkdtempSync(join(tmpdir(), "realmscope-start-up-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const preload = new URL("../support/preload/list-modules.mjs", import.meta.url);
const built = new URL("../../dist/", import.meta.url).href;
const capture = new URL("../../captures/trust-works.ndjson", import.meta.url).pathname;
const part = (value: object): string => Buffer.from(JSON.stringify(value)).toString("base64url");
const token = `${part({ alg: "none", typ: "JWT" })}.${part({ iss: "00000002-0000-0ff1-ce00-000000000000@contoso.example" })}.`;

async function modulesOf(args: readonly string[], name: string, exitCode = 0): Promise<readonly string[]> {
  const list = join(folder, name);
  const environment = { NODE_OPTIONS: `--import ${preload.href}`, MODULE_LIST: list };
  const { code, stderr } = await runCli(args, { environment, folder });
  expect(stderr).toBe("");
  expect(code).toBe(exitCode);
  const urls = new Set(readFileSync(list, "utf8").split("\n"));
  return [...urls].filter((url) => url.startsWith(built)).map((url) => url.slice(built.length));
}

test.each([
  ["help", ["--help"], 18],
  ["findings", ["findings"], 51],
  ["decode", ["decode", token], 111],
  ["replay", ["replay", capture], 245],
  ["expect", ["replay", capture, "--expect", "skype-online"], 274],
] as const)("%s loads no more modules than its bound", async (name, args, bound) => {
  const modules = await modulesOf(args, name);
  expect(modules).toContain("cli/main.js");
  expect(modules.length, modules.join("\n")).toBeLessThanOrEqual(bound);
});

test("what a plain replay of a journal does not need is not loaded", async () => {
  const modules = await modulesOf(["replay", capture], "plain-replay");
  const needless =
    /^(?:proxy|provisioning|lab|playback|expectations|tui\/(?!words|lines)|server-logs\/(?!records\/record-mark)|sources\/logs|app\/(?:live|hand-over\/(?!export-formats)))/;
  expect(modules.filter((module) => needless.test(module))).toEqual([]);
});

test("a watch without logs loads no reader of logs, and one without a proxy the tail and what it reads with", async () => {
  const logs = join(folder, "logs");
  mkdirSync(logs);
  const proxied = await modulesOf(["watch", "--plain", "--forward", "0", "--for", "0.2"], "watch", 2);
  const isOfLogs = (module: string): boolean => /^(?:sources\/logs|app\/(?:log-places|live\/follow-logs))/.test(module);
  expect(proxied.filter(isOfLogs)).toEqual([]);
  const followed = await modulesOf(["watch", "--plain", "--logs", logs, "--for", "0.2"], "watch-logs", 2);
  expect(followed).toContain("sources/logs/tail/start-log-tail.js");
  expect(followed).not.toContain("sources/logs/read-logs.js");
});
