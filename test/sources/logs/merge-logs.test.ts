import { closeSync, openSync, rmSync, truncateSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import type { CaptureEvent } from "../../../src/core/capture-event.ts";
import { readLogs } from "../../../src/sources/logs/read-logs.ts";
import { acceptedCall, folderOf, logText, probe, readFiles, rowLine, sumOf } from "./log-maker.ts";

const times = ["08:00:01.000", "08:59:59.000", "09:00:01.000", "09:30:00.000", "10:00:01.000"];

/** Two servers with three hours each, one hour with a second file. */
function twoServers(): { readonly folder: string; readonly paths: readonly string[] } {
  const files: Record<string, string> = {};
  for (const server of ["EX01", "EX02"]) {
    for (const hour of ["08", "09", "10"]) {
      const rows = times
        .filter((time) => time.startsWith(hour))
        .map((time) => acceptedCall(time, { ServerHostName: server }));
      files[`${server}/HttpProxy_20261130${hour}-1.LOG`] = logText(rows);
    }
    files[`${server}/HttpProxy_2026113009-2.LOG`] = logText([acceptedCall("09:10:00.000", { ServerHostName: server })]);
  }
  const folder = folderOf(files);
  return { folder, paths: Object.keys(files).map((name) => join(folder, name)) };
}

test("rows of all files are in the order of time, and the order of the arguments changes nothing", async () => {
  const { paths } = twoServers();
  const read = await readFiles(paths);
  expect(read.rows.map(({ endedAt }) => endedAt)).toEqual(
    read.rows.map(({ endedAt }) => endedAt).sort((a, b) => a - b),
  );
  expect(read.rows).toHaveLength(12);
  expect(read.rows.map(({ id }) => id)).toEqual(read.rows.map((_, index) => `l${index + 1}`));
  // Rows of one time are ordered by the names of their files.
  expect(read.rows.slice(0, 2).map(({ server }) => server)).toEqual(["ex01", "ex02"]);
  expect(read.reports).toHaveLength(8);
  const other = [...paths].reverse();
  expect((await readFiles([...other.slice(3), ...other.slice(0, 3)])).events).toEqual(read.events);
});

test("a file that is named twice is read once", async () => {
  const { folder, paths } = twoServers();
  const [first = ""] = paths;
  const { rows } = await readFiles([first, join(folder, "EX01", "..", first.slice(folder.length))]);
  expect(rows).toHaveLength(2);
});

test("rows that were written out of order by seconds are put into order, and later ones are said", async () => {
  const rows = ["08:00:05.000", "08:00:01.000", "08:00:03.000"].map((time) => acceptedCall(time));
  const inOrder = await readFiles([join(folderOf({ "a.LOG": logText(rows) }), "a.LOG")]);
  expect(inOrder.rows.map(({ line }) => line)).toEqual([8, 9, 7]);
  expect(inOrder.problems).toEqual([]);
  // More than one chunk apart: two files that were joined the wrong way round.
  const early = logText([acceptedCall("08:00:00.000")]);
  const late = logText(
    Array.from({ length: 20_000 }, (_, index) => acceptedCall(`09:${String(index % 60).padStart(2, "0")}:00.000`)).sort(
      (a, b) => String(a.DateTime).localeCompare(String(b.DateTime)),
    ),
  );
  const joined = await readFiles([join(folderOf({ "a.LOG": late + early }), "a.LOG")]);
  expect(joined.rows).toHaveLength(20_001);
  expect(joined.problems.join()).toMatch(/a\.LOG" holds 1 row that is not in the order of time/);
});

test("a window of time and a server choose files by their names and rows by their times", async () => {
  const { paths } = twoServers();
  const at = (time: string): number => Date.parse(`2026-11-30T${time}Z`);
  const read = await readFiles(paths, { since: at("09:05:00"), until: at("09:40:00"), server: "ex02.contoso.example" });
  expect(read.rows.map(({ server, endedAt }) => [server, endedAt])).toEqual([
    ["ex02", at("09:10:00")],
    ["ex02", at("09:30:00")],
  ]);
  // One hour of margin on each side: all names are within it. Four files are of the other server.
  expect(read.problems).toEqual([
    "4 of 8 log files were not read: they are of other servers than ex02.contoso.example",
  ]);
  const narrow = await readFiles(paths, { since: at("11:30:00") });
  expect(narrow.rows).toEqual([]);
  expect(narrow.problems).toEqual([
    "6 of 8 log files were not read: their names have a time outside --since and --until",
  ]);
});

test("the number of a failed-request trace is not a time, whatever it looks like", async () => {
  const trace =
    '<failedRequest url="https://mail.contoso.example:443/EWS/Exchange.asmx" verb="POST" statusCode="401"></failedRequest>';
  const folder = folderOf({
    "fr200102.xml": trace,
    "HttpProxy_2020010208-1.LOG": logText([acceptedCall("08:00:01.000")]),
  });
  const paths = ["fr200102.xml", "HttpProxy_2020010208-1.LOG"].map((name) => join(folder, name));
  const { problems } = await readFiles(paths, { since: Date.parse("2026-11-30") });
  expect(problems[0]).toBe("1 of 2 log files were not read: their names have a time outside --since and --until");
});

test("a time or a server without a log is refused with what there is", async () => {
  const { paths } = twoServers();
  await expect(readFiles(paths, { since: Date.parse("2026-12-24") })).rejects.toMatchObject({
    message: "None of the 8 log files is of the time of --since and --until.",
    hint: "By their names they are of 2026-11-30T08:00Z to 2026-11-30T11:00Z.",
  });
  await expect(readFiles(paths, { server: "EX03" })).rejects.toMatchObject({
    message: 'None of the log files is of the server "EX03".',
    hint: "They are of ex01, ex02. Name one of them with --server.",
  });
});

test("a file that vanished before it is opened is said, and the others are read", async () => {
  const { paths } = twoServers();
  rmSync(paths[5] ?? "");
  const files = paths.map((path) => ({ path, format: "exchange-log" as const }));
  const reading = readLogs(files, null);
  const events: CaptureEvent[] = [];
  for await (const batch of reading.batches) events.push(...batch);
  expect(events.filter(({ kind }) => kind === "log-row")).toHaveLength(10);
  const summaries = reading.summaries();
  expect(summaries.map(({ truncated }) => truncated)).toEqual([false, true]);
  expect(summaries[1]?.problems.join()).toMatch(/HttpProxy_2026113009-1\.LOG" does not exist any more/);
});

test("a folder in the place of a log is said", async () => {
  const folder = folderOf({ "b.LOG": logText([acceptedCall("08:00:01.000")]), "a.LOG/x": "" });
  const files = ["a.LOG", "b.LOG"].map((name) => ({ path: join(folder, name), format: "exchange-log" as const }));
  const reading = readLogs(files, null);
  let rows = 0;
  for await (const batch of reading.batches) rows += batch.filter(({ kind }) => kind === "log-row").length;
  expect(rows).toBe(1);
  expect(reading.summaries()[0]).toMatchObject({ truncated: true, files: 2 });
  expect(reading.summaries()[0]?.problems.join()).toMatch(/a\.LOG" .*(?:EISDIR|is a folder)/);
});

test("a file that shrinks while it is read is said, and its rows before that are kept", async () => {
  const rows = Array.from({ length: 4_000 }, (_, index) =>
    acceptedCall(`08:${String(Math.floor(index / 100)).padStart(2, "0")}:00.000`, {
      UserAgent: `SkypeSpaces/${"x".repeat(600)}`,
    }),
  );
  const path = join(folderOf({ "a.LOG": logText(rows) }), "a.LOG");
  const reading = readLogs([{ path, format: "exchange-log" }], null);
  let read = 0;
  for await (const batch of reading.batches) {
    if (read === 0) truncateSync(path, 1024);
    read += batch.filter(({ kind }) => kind === "log-row").length;
  }
  expect(read).toBeGreaterThan(100);
  expect(read).toBeLessThan(4_000);
  expect(reading.summaries()[0]).toMatchObject({ truncated: true });
  expect(reading.summaries()[0]?.problems.join()).toMatch(/a\.LOG" became shorter while it was read/);
});

test("of a thousand files of one folder few are open at once", async () => {
  const hours = Array.from({ length: 1_000 }, (_, index) => new Date(Date.UTC(2026, 10, 1) + index * 3_600_000));
  const files = Object.fromEntries(
    hours.map((hour) => {
      const name = hour.toISOString().slice(0, 13).replaceAll(/\D/g, "");
      const row = { ...acceptedCall(""), DateTime: new Date(hour.getTime() + 1_000).toISOString() };
      return [`HttpProxy_${name}-1.LOG`, logText([row])];
    }),
  );
  const folder = folderOf(files);
  const reading = readLogs(
    Object.keys(files).map((name) => ({ path: join(folder, name), format: "exchange-log" as const })),
    null,
  );
  let most = 0;
  let rows = 0;
  for await (const batch of reading.batches) {
    // The lowest free descriptor tells how many are open.
    const free = openSync(folder, "r");
    closeSync(free);
    most = Math.max(most, free);
    rows += batch.filter(({ kind }) => kind === "log-row").length;
  }
  expect(rows).toBe(1_000);
  expect(most).toBeLessThan(200);
});

test("a header without rows, and an empty file beside it, give no row and no trouble", async () => {
  const read = await readFiles([join(folderOf({ "a.LOG": logText([]) }), "a.LOG")]);
  expect(read.reports).toMatchObject([{ kept: 0, dropped: 0, unreadable: 0, firstAt: null, lastAt: null }]);
  expect(read.problems).toEqual([]);
});

test("lines that cannot be read are said in one line", async () => {
  const text = `${logText([probe("08:00:01.000")])}#junk\x01\r\n\x01\x02\r\n${rowLine(acceptedCall("08:00:02.000")).slice(0, 60)}`;
  const { reports, problems } = await readFiles([join(folderOf({ "a.LOG": text }), "a.LOG")]);
  expect(sumOf(reports)).toEqual([0, 1, 2]);
  expect(problems).toEqual([
    expect.stringMatching(/^2 lines of ".*a\.LOG" could not be read: cut, longer than 1 MB or not a row$/),
  ]);
});
