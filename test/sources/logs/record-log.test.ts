import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { expect, test } from "vitest";
import { kindOfFile } from "../../../src/sources/input/capture-kind.ts";
import {
  certificateMissing,
  jsonEvent,
  languages,
  otherSource,
  powerShell7,
  rawToken,
  windowsPowerShell,
  xmlEvent,
} from "../../server-logs/records/event-texts.ts";
import { acceptedCall, folderOf, logText, readFiles, sumOf } from "./log-maker.ts";

const refused = languages.German;

test.each([
  ["UTF-8", (text: string) => Buffer.from(text)],
  ["UTF-8 with a mark", (text: string) => Buffer.from(`\ufeff${text}`)],
  // `wevtutil … > events.xml` in Windows PowerShell.
  ["UTF-16LE", (text: string) => Buffer.from(`\ufeff${text}`, "utf16le")],
  ["UTF-16BE", (text: string) => Buffer.from(`\ufeff${text}`, "utf16le").swap16()],
  ["gzip", (text: string) => gzipSync(text)],
] as const)("events in %s, newest first, are rows in the order of time", async (_, encode) => {
  const text = [refused, otherSource, certificateMissing].map(xmlEvent).join("\r\n");
  const path = join(folderOf({ "events.txt": encode(text) }), "events.txt");
  expect(kindOfFile(path)).toBe("windows-event");
  const { rows, reports, problems } = await readFiles([path]);
  expect(problems).toEqual([]);
  expect(rows.map(({ id, operation, line, file }) => [id, operation, line, file])).toEqual([
    ["l1", "2004", 3, path],
    ["l2", "2006", 1, path],
  ]);
  expect(rows[1]?.printedToken).toBe(rawToken);
  expect(reports).toMatchObject([
    {
      ...{ log: "windows-event", file: path, server: "EX1.contoso.com", kept: 2, dropped: 1, unreadable: 0 },
      firstAt: Date.UTC(2026, 10, 30, 8),
      lastAt: Date.UTC(2026, 10, 30, 8, 15, 30, 123),
    },
  ]);
});

test("events, sign-ins and rows of HttpProxy are merged by time", async () => {
  const signIn = {
    createdDateTime: "2026-11-30T08:10:00Z",
    appId: "11111111-2222-4333-8444-555555555555",
    servicePrincipalId: "77665544-3322-4100-8fee-ddccbbaa9988",
    resourceId: "00000002-0000-0ff1-ce00-000000000000",
    status: { errorCode: 0 },
  };
  const folder = folderOf({
    "a.json": JSON.stringify({ value: [signIn] }),
    "b.json": JSON.stringify([jsonEvent(refused, powerShell7), jsonEvent(certificateMissing, windowsPowerShell)]),
    "c.LOG": logText([acceptedCall("08:05:00.000")]),
  });
  const paths = ["a.json", "b.json", "c.LOG"].map((name) => join(folder, name));
  expect(paths.map(kindOfFile)).toEqual(["sign-in-log", "windows-event", "exchange-log"]);
  const { rows } = await readFiles(paths);
  expect(rows.map(({ id, log }) => [id, log])).toEqual([
    ["l1", "windows-event"],
    ["l2", "http-proxy"],
    ["l3", "entra-sign-in"],
    ["l4", "windows-event"],
  ]);
  expect(new Set((await readFiles([...paths].reverse())).rows)).toEqual(new Set(rows));
});

test("a window of time and a server", async () => {
  const text = [certificateMissing, refused].map(xmlEvent).join("");
  const path = join(folderOf({ events: text }), "events");
  const scoped = async (scope: Parameters<typeof readFiles>[1]): Promise<unknown> => {
    const { rows, reports } = await readFiles([path], scope);
    return [rows.map(({ operation }) => operation), sumOf(reports)];
  };
  expect(await scoped({ since: Date.UTC(2026, 10, 30, 8, 10) })).toEqual([["2006"], [1, 1, 0]]);
  expect(await scoped({ until: Date.UTC(2026, 10, 30, 8, 10) })).toEqual([["2004"], [1, 1, 0]]);
  expect(await scoped({ server: "ex1" })).toEqual([
    ["2004", "2006"],
    [2, 0, 0],
  ]);
  expect(await scoped({ server: "ex2" })).toEqual([[], [0, 2, 0]]);
});

test("a cut file: whole records are read, the cut one is counted", async () => {
  const text = [certificateMissing, refused].map(xmlEvent).join("\n");
  const { rows, reports } = await readFiles([join(folderOf({ events: text.slice(0, -60) }), "events")]);
  expect(rows).toHaveLength(1);
  expect(sumOf(reports)).toEqual([1, 0, 1]);
});

test("a mark in the first characters is found behind a message with a token", async () => {
  const event = { Message: `${"x".repeat(30_000)} ${rawToken}`, ...jsonEvent(refused, powerShell7) };
  expect(kindOfFile(join(folderOf({ events: JSON.stringify(event, null, 2) }), "events"))).toBe("windows-event");
});

test.each([
  [
    "a HAR that holds sign-ins",
    '{"log":{"entries":[{"x":{"appId":"","createdDateTime":"","servicePrincipalId":""}}]}}',
    "har",
  ],
  ["other JSON", '{"value":[{"a":1}]}', null],
  ["other CSV", "Date,Name\n1,2\n", null],
  ["a page", "<html><body>MSExchange OAuth</body></html>", null],
] as const)("%s is not such a log", (_, text, kind) => {
  expect(kindOfFile(join(folderOf({ file: text }), "file"))).toBe(kind);
});

test("a large file is read in pieces, with bounded work", async () => {
  const other = `${xmlEvent({ ...otherSource, data: ["x".repeat(2000)] })}\n`;
  const text = `${other.repeat(3000)}${xmlEvent(refused)}`;
  const started = performance.now();
  const { rows, reports } = await readFiles([join(folderOf({ events: text }), "events")]);
  expect(rows).toMatchObject([{ line: 3001 }]);
  expect(sumOf(reports)).toEqual([1, 3000, 0]);
  expect(performance.now() - started).toBeLessThan(10_000);
});
