import { join } from "node:path";
import { expect, test } from "vitest";
import {
  acceptedCall,
  folderOf,
  headerLines,
  logText,
  probe,
  readFiles,
  rowLine,
  skypeId,
  sumOf,
} from "./log-maker.ts";

async function readText(content: string | Uint8Array): ReturnType<typeof readFiles> {
  return readFiles([join(folderOf({ "a.LOG": content }), "a.LOG")]);
}

test("rows that show a service are events, and all other rows are counted as dropped", async () => {
  const { rows, reports, problems } = await readText(
    logText([probe("08:00:01.000"), acceptedCall("08:00:02.000"), probe("08:00:03.500", { Protocol: "Mapi" })]),
  );
  expect(rows).toHaveLength(1);
  // Six header lines and a probe are above it.
  expect(rows[0]).toMatchObject({ id: "l1", line: 8, log: "http-proxy", signIn: "bearer", server: "ex01" });
  expect(rows[0]?.caller).toEqual({ applicationId: skypeId, shownBy: "AuthenticatedUser" });
  expect(reports).toMatchObject([{ kept: 1, dropped: 2, unreadable: 0, server: "ex01", missingColumns: [] }]);
  expect(reports[0]?.firstAt).toBe(Date.parse("2026-11-30T08:00:01.000Z"));
  expect(reports[0]?.lastAt).toBe(Date.parse("2026-11-30T08:00:03.500Z"));
  expect(problems).toEqual([]);
});

test.each([
  ["LF", logText([acceptedCall("08:00:02.000")], "\n")],
  ["no byte order mark", logText([acceptedCall("08:00:02.000")]).slice(1)],
  ["UTF-16LE with a mark", Buffer.from(logText([acceptedCall("08:00:02.000")]), "utf16le")],
  ["UTF-16LE without a mark", Buffer.from(logText([acceptedCall("08:00:02.000")]).slice(1), "utf16le")],
  ["UTF-16BE with a mark", Buffer.from(logText([acceptedCall("08:00:02.000")]), "utf16le").swap16()],
  ["the bare line of column names alone", `${headerLines()[0]}\r\n${rowLine(acceptedCall("08:00:02.000"))}\r\n`],
  [
    "comments alone",
    [...headerLines().slice(1), rowLine(acceptedCall("08:00:02.000"))].map((line) => `${line}\r\n`).join(""),
  ],
  [
    "the bare line last",
    [...headerLines().slice(1), headerLines()[0], rowLine(acceptedCall("08:00:02.000"))]
      .map((line) => `${line}\r\n`)
      .join(""),
  ],
])("a log with %s is read", async (_, content) => {
  const { rows, reports } = await readText(content);
  expect(rows).toHaveLength(1);
  expect(sumOf(reports)).toEqual([1, 0, 0]);
});

test("a last line without a line end is torn, whatever it holds", async () => {
  const whole = logText([acceptedCall("08:00:02.000"), acceptedCall("08:00:03.000")]);
  const { rows, reports } = await readText(whole.trimEnd());
  expect(rows).toHaveLength(1);
  expect(sumOf(reports)).toEqual([1, 0, 1]);
});

test("a restart in mid-file brings other columns", async () => {
  const columns = ["DateTime", "HttpStatus", "AuthenticatedUser", "AuthenticationType", "IsAuthenticated", "Protocol"];
  const later = [...headerLines(columns), rowLine(acceptedCall("08:10:00.000"), columns)];
  const { rows, reports } = await readText(
    logText([acceptedCall("08:00:02.000")]) + later.map((line) => `${line}\r\n`).join(""),
  );
  expect(rows.map(({ caller, status }) => [caller?.applicationId, status])).toEqual([
    [skypeId, 200],
    [skypeId, 200],
  ]);
  expect(reports[0]?.missingColumns).toContain("UserAgent");
});

test("a line of 20 MB is skipped and counted, and the rows around it are read", async () => {
  const rows = logText([acceptedCall("08:00:02.000")]);
  const long = `${rowLine(acceptedCall("08:00:03.000", { UserAgent: "a".repeat(20 * 1024 * 1024) }))}\r\n`;
  const { rows: read, reports } = await readText(`${rows}${long}${rowLine(acceptedCall("08:00:04.000"))}\r\n`);
  expect(read.map(({ line }) => line)).toEqual([7, 9]);
  expect(sumOf(reports)).toEqual([2, 0, 1]);
});

test("zero bytes before a row are passed over, and other junk is counted", async () => {
  const start = Buffer.from(logText([acceptedCall("08:00:02.000")]));
  const row = Buffer.from(`${rowLine(acceptedCall("08:00:03.000"))}\r\n`);
  const junk = Buffer.from([0x01, 0xff, 0xfe, 0x80, 0x0a]);
  const { rows, reports } = await readText(Buffer.concat([start, Buffer.alloc(3 * 1024 * 1024), row, junk, row]));
  expect(rows).toHaveLength(3);
  expect(sumOf(reports)).toEqual([3, 0, 1]);
});
