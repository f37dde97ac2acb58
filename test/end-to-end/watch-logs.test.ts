// `watch --logs` as an administrator without a proxy runs it: logs are written while it follows them.
import {
  appendFileSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { columnsOf, csvLine, exchangeLog, headerLines, httpProxyRow, proxyShapes } from "../support/log-lines.ts";
import { collect, lastJson, runCli, startCli } from "../support/run-cli.ts";

vi.setConfig({ testTimeout: 60_000 });

let folder = "";
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "realmscope-watch-logs-"));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

interface Shown {
  readonly event?: string;
  readonly text?: string;
  readonly row?: { readonly id: string };
}

/** Starts it on an empty folder; `next` waits for an event of its output. */
function startFollowing(name: string, args: readonly string[]) {
  const [logs, journal, home] = ["logs", "journal.ndjson", "home"].map((part) => join(folder, name, part));
  mkdirSync(logs ?? "", { recursive: true });
  const child = startCli(["watch", "--json", "--logs", logs ?? "", "--save", journal ?? "", ...args], {
    environment: { REALMSCOPE_HOME: home ?? "" },
    limitMs: 50_000,
  });
  const ended = collect(child);
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const next = async (accepts: (shown: Shown) => boolean): Promise<Shown> => {
    for (let line = await lines.next(); line.done !== true; line = await lines.next()) {
      const shown: Shown = JSON.parse(line.value);
      if (accepts(shown)) return shown;
    }
    throw new Error(`watch ended: ${(await ended).stderr}`);
  };
  /** The folders have been listed: what is written from now on is new. */
  const listed = (): Promise<Shown> => next(({ text }) => text?.startsWith("There is no log to follow yet") === true);
  return { child, ended, logs: logs ?? "", journal: journal ?? "", home: home ?? "", next, listed };
}

const file = "HttpProxy_2026113008-1.LOG";
const columns = columnsOf("http-proxy", "15.01");
const lineOf = (cells: Readonly<Record<string, string>>): string => `${csvLine(columns, httpProxyRow(cells))}\r\n`;

interface Expected {
  readonly exitCode: number;
  readonly verdict: string;
}

test.each(["application-accepted", "refused-by-category", "basic-fallback", "person-with-outlook", "refused-by-trace"])(
  "logs of %s that are written while it runs give the verdict and the exit code of their replay",
  async (name) => {
    const expected: Expected = JSON.parse(readFileSync(`captures/logs/${name}.expected.json`, "utf8"));
    const run = startFollowing(name, ["--for", "2"]);
    await run.listed();
    cpSync(`captures/logs/${name}`, run.logs, { recursive: true });
    const { code, stdout, stderr } = await run.ended;
    expect(stderr).toBe("");
    expect(lastJson(stdout)).toMatchObject({ verdict: expected.verdict });
    expect(code).toBe(expected.exitCode);
    const replay = await runCli(["replay", run.journal, "--json"]);
    expect(replay.code).toBe(expected.exitCode);
    const [live, again] = [lastJson(stdout), lastJson(replay.stdout)];
    for (const member of ["verdict", "handshakes", "findings", "counts"]) expect(again[member]).toEqual(live[member]);
  },
);

test("without a listener it makes no CA and opens no port, and says so", async () => {
  const run = startFollowing("nothing", ["--for", "1"]);
  const { code, stdout } = await run.ended;
  // As for a capture in which nothing passed.
  expect(code).toBe(2);
  const shown = stdout
    .trim()
    .split("\n")
    .map((line): Shown => JSON.parse(line));
  expect(shown.filter(({ event }) => event === "ready")).toEqual([]);
  expect(shown.map(({ text }) => text)).toContain(
    "No port is opened, no inspection CA is made and no traffic passes here: only logs are read.",
  );
  const kept = existsSync(run.home) ? readdirSync(run.home, { recursive: true, encoding: "utf8" }) : [];
  expect(kept.filter((name) => /ca/.test(name))).toEqual([]);
});

test.each([
  ["SIGINT", 130],
  ["SIGTERM", 143],
] as const)("%s ends it in order: rows that wait for their order are judged and saved", async (signal, code) => {
  const run = startFollowing(signal, []);
  await run.listed();
  writeFileSync(
    join(run.logs, file),
    exchangeLog("http-proxy", [httpProxyRow({ DateTime: "2026-11-30T08:00:01.250Z" })]),
  );
  await run.next(({ text }) => text?.startsWith("Following HttpProxy (1 file") === true);
  run.child.kill(signal);
  expect((await run.ended).code).toBe(code);
  const records = readFileSync(run.journal, "utf8")
    .trim()
    .split("\n")
    .map((line): { k: string } => JSON.parse(line));
  expect(records.map(({ k }) => k)).toEqual(["head", "log-row", "log-file", "end"]);
});

test("a row is shown some seconds after it was written, with its line, and a torn one when it has ended", async () => {
  const run = startFollowing("torn", []);
  await run.listed();
  writeFileSync(join(run.logs, file), exchangeLog("http-proxy", [httpProxyRow({})]));
  const first = await run.next(({ event }) => event === "log-row");
  expect(first.row).toMatchObject({ id: "l1", line: headerLines("http-proxy").length + 1 });
  const second = lineOf({ ...proxyShapes.basic, DateTime: "2026-11-30T08:00:05.000Z", RequestId: "second" });
  appendFileSync(join(run.logs, file), second.slice(0, 200));
  appendFileSync(join(run.logs, file), second.slice(200));
  await run.next(({ row }) => row?.id === "l2");
  run.child.kill("SIGTERM");
  const { code } = await run.ended;
  expect(code).toBe(143);
});

test("--since also reads what was written before", async () => {
  const logs = join(folder, "before");
  mkdirSync(logs);
  const now = Date.now();
  const at = (minutes: number): string => new Date(now - minutes * 60_000).toISOString();
  const hour = new Date(now - 3_600_000).toISOString().replaceAll(/\D/g, "").slice(0, 10);
  const rows = [
    httpProxyRow({ DateTime: at(90), RequestId: "early" }),
    httpProxyRow({ DateTime: at(20), RequestId: "late" }),
  ];
  writeFileSync(join(logs, `HttpProxy_${hour}-1.LOG`), exchangeLog("http-proxy", rows));
  const { code, stdout } = await runCli(["watch", "--json", "--logs", logs, "--since", "30m", "--for", "1"], {
    environment: { REALMSCOPE_HOME: join(folder, "home") },
  });
  expect(code).toBe(0);
  expect(lastJson(stdout)).toMatchObject({ verdict: "oauth-confirmed", counts: { logRows: 1 } });
});

test("it runs beside a proxy, with both notices", async () => {
  const run = startFollowing("beside", ["--forward", "0", "--for", "1"]);
  const { stdout } = await run.ended;
  expect(stdout).toContain('"event":"ready"');
  expect(stdout).toContain("are followed: rows that are written from now on");
  expect(stdout).not.toContain("No port is opened");
});

test.each([
  ["no folder on a machine without Exchange Server", ["--logs"], "which is not a Windows server"],
  ["a folder that does not exist", ["--logs", "no/such/folder"], "does not exist"],
  ["a file", ["--logs", "package.json"], "is not a folder"],
  ["a time without logs", ["--forward", "0", "--since", "2h"], "--logs is missing"],
  ["a time that is none", ["--logs", ".", "--since", "yesterday"], '--since "yesterday" is not a time'],
] as const)("%s is refused with one line and the next step", async (_name, args, message) => {
  const { code, stdout, stderr } = await runCli(["watch", ...args]);
  expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
  expect(stderr).toContain(message);
  expect(stderr.trim().split("\n").length).toBeLessThanOrEqual(3);
});

test("the help of watch and doctor names the folder as optional and shows no default", async () => {
  for (const command of ["watch", "doctor"]) {
    const { stdout } = await runCli([command, "--help"]);
    expect(stdout).toMatch(/--logs \[folder\] .*without a folder those of this Exchange server \(repeatable\)\n/);
  }
});
