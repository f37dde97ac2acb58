import { copyFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { zipSync } from "fflate";
import { expect, test } from "vitest";
import { acceptedCall, folderOf, headerLines, logText, probe } from "../sources/logs/log-maker.ts";
import { runCli } from "../support/run-cli.ts";

interface Judged {
  readonly verdict: string;
  readonly counts: Readonly<Record<string, number>>;
  readonly sources: readonly {
    readonly path: string;
    readonly format: string;
    readonly files?: number;
    readonly problems: readonly string[];
  }[];
  readonly handshakes: readonly {
    readonly id: string;
    readonly basis: string;
    readonly transactions: readonly string[];
  }[];
  readonly captures?: readonly { readonly path: string; readonly verdict: string }[];
}

async function judge(
  args: readonly string[],
): Promise<{ readonly code: number | null; readonly stderr: string; readonly judged: Judged }> {
  const { code, stdout, stderr } = await runCli(["replay", "--json", ...args]);
  return { code, stderr, judged: JSON.parse(stdout) };
}

function hours(...names: readonly string[]): Readonly<Record<string, string>> {
  return Object.fromEntries(
    names.map((hour) => [
      `HttpProxy/Ews/HttpProxy_20261130${hour}-1.LOG`,
      logText([probe(`${hour}:00:01.000`), acceptedCall(`${hour}:30:00.000`)]),
    ]),
  );
}

test("a folder of logs is one source with one verdict, and says in one line what it holds", async () => {
  const folder = folderOf({
    ...hours("08", "09", "13"),
    "HttpProxy/Mapi/Mapi_2026113008-1.LOG": ["DateTime,A", "#Log-type: MAPI Logs", "#Fields: DateTime,A", ""].join(
      "\r\n",
    ),
  });
  const { code, stderr, judged } = await judge([folder]);
  expect(code).toBe(0);
  expect(judged.verdict).toBe("oauth-confirmed");
  expect(judged.counts).toMatchObject({ logRows: 3, logRowsDropped: 3, transactions: 0 });
  expect(judged.handshakes).toMatchObject([{ id: "h1", basis: "log", transactions: ["l1", "l2", "l3"] }]);
  expect(judged.sources).toMatchObject([{ format: "exchange-log", files: 3, path: join(folder, "HttpProxy/Ews") }]);
  expect(stderr.split("\n").filter((line) => line !== "")).toEqual([
    "HttpProxy: 3 files, 3 hours missing",
    expect.stringMatching(/^MAPI Logs: 1 file left out: realmscope reads HttpProxy Logs, EWS Logs/),
  ]);
});

test("logs and captures of one folder: each capture is judged by itself, the logs last, with ids of their own", async () => {
  const folder = folderOf(hours("08", "09"));
  copyFileSync("captures/one-way.ndjson", join(folder, "z.ndjson"));
  copyFileSync("captures/basic-fallback.ndjson", join(folder, "a.ndjson"));
  const { judged } = await judge([folder]);
  expect(judged.captures?.map(({ path }) => path)).toEqual([
    join(folder, "a.ndjson"),
    join(folder, "z.ndjson"),
    "logs (2 files)",
  ]);
  expect(judged.handshakes.at(-1)).toMatchObject({ basis: "log", transactions: ["f3.l1", "f3.l2"] });
  const alone = await judge(["captures/basic-fallback.ndjson"]);
  expect(judged.captures?.[0]?.verdict).toBe(alone.judged.verdict);
});

test("the order of the arguments changes nothing", async () => {
  const folder = folderOf({
    ...hours("08", "09"),
    "package.zip": zipSync({ "x/a.LOG": Buffer.from(logText([acceptedCall("08:45:00.000")])) }),
  });
  const paths = [...Object.keys(hours("08", "09")), "package.zip"].map((name) => join(folder, name));
  const [one, other] = await Promise.all([judge(paths), judge([...paths].reverse())]);
  const { sources: _, ...rest } = one.judged;
  expect(other.judged).toMatchObject(rest);
  expect(one.judged.counts.logRows).toBe(3);
});

test("a log on standard input is judged as the file is", async () => {
  const text = logText([probe("08:00:01.000"), acceptedCall("08:00:02.000")]);
  const { code, stdout } = await runCli(["replay", "--json", "-"], { input: text });
  expect(code).toBe(0);
  expect(JSON.parse(stdout)).toMatchObject({ verdict: "oauth-confirmed", counts: { logRows: 1, logRowsDropped: 1 } });
});

test("--since, --until and --server choose rows; what is left out is said", async () => {
  const folder = folderOf(hours("06", "08", "09"));
  const { code, judged } = await judge([
    folder,
    "--since",
    "2026-11-30T09:00Z",
    "--until",
    "2026-11-30T10:00Z",
    "--server",
    "ex01",
  ]);
  expect(code).toBe(0);
  expect(judged.counts.logRows).toBe(1);
  expect(judged.sources[0]?.problems).toEqual([
    "1 of 3 log files were not read: their names have a time outside --since and --until",
  ]);
});

test.each([
  [["--since", "yesterday"], /--since "yesterday" is not a time\. Write --since 2h/],
  [["--until", "2026-02-30"], /--until "2026-02-30" is not a time/],
  [["--since", "1h", "--until", "2h"], /--since is later than --until/],
  [["--server", "a b"], /--server needs the name of a server/],
  [["--server", "EX09"], /None of the log files is of the server "EX09"\. They are of ex01/],
  [["--since", "2027-01-01"], /None of the 1 log files is of the time/],
])("%j ends with code 2 and one line", async (options, message) => {
  const { code, stderr, stdout } = await runCli(["replay", "--quiet", folderOf(hours("08")), ...options]);
  expect(code).toBe(2);
  expect(stderr).toMatch(message);
  expect(stderr.trim().split("\n")).toHaveLength(1);
  expect(stdout).not.toMatch(/CONFIRMED/);
});

test("--since without a log is refused", async () => {
  const { code, stderr } = await runCli(["replay", "captures/one-way.ndjson", "--since", "2h"]);
  expect(code).toBe(2);
  expect(stderr).toMatch(/--since chooses rows of logs, and no log is given/);
});

test.each([
  ["health checks alone", logText([probe("08:00:01.000")]), 3, /LOG_NO_SIGN_IN: 1 row/],
  [
    "a header alone",
    headerLines()
      .map((line) => `${line}\r\n`)
      .join(""),
    2,
    /has no rows\./,
  ],
])("%s: the exit code and what to do", async (_, text, expected, message) => {
  const path = join(folderOf({ "a.LOG": text }), "a.LOG");
  const { code, stdout, stderr } = await runCli(["replay", path]);
  expect(code).toBe(expected);
  expect(stdout + stderr).toMatch(message);
});

test("a folder with other logs of Exchange alone says which there are and which are wanted", async () => {
  const folder = folderOf({
    "m.LOG": "#Software: Microsoft Exchange Server\r\n#Log-type: MAPI Logs\r\n#Fields: DateTime\r\n",
  });
  const { code, stderr } = await runCli(["replay", folder]);
  expect(code).toBe(2);
  expect(stderr).toMatch(
    /The folder .* holds neither a capture nor a log that realmscope reads\. It holds logs of the type MAPI Logs\. .*HttpProxy Logs, EWS Logs/,
  );
});

test("another log of Exchange that is named is refused with the folders to name", async () => {
  const folder = folderOf({
    "m.LOG": "#Software: Microsoft Exchange Server\r\n#Log-type: MAPI Logs\r\n#Fields: DateTime\r\n",
  });
  const { code, stderr } = await runCli(["replay", join(folder, "m.LOG")]);
  expect(code).toBe(2);
  expect(stderr).toMatch(/is a log of Exchange of the type "MAPI Logs"\. realmscope reads HttpProxy Logs/);
});

test("a named ZIP file without sessions and without logs is refused", async () => {
  const folder = folderOf({ "a.zip": zipSync({ "note.txt": Buffer.from("Dear all,") }) });
  const { code, stderr } = await runCli(["replay", join(folder, "a.zip")]);
  expect(code).toBe(2);
  expect(stderr).toMatch(/a\.zip" is a ZIP file without Fiddler sessions and without logs that are read/);
});

test("a log that does not exist costs exit code 2, and the others are judged", async () => {
  const folder = folderOf(hours("08", "09"));
  const [first = "", second = ""] = Object.keys(hours("08", "09")).map((name) => join(folder, name));
  rmSync(second);
  const { code, stderr, judged } = await judge([first, second]);
  expect(code).toBe(2);
  expect(stderr).toMatch(/HttpProxy_2026113009-1\.LOG" does not exist/);
  expect(judged.verdict).toBe("oauth-confirmed");
});
