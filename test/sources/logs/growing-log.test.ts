import { expect, test } from "vitest";
import { openGrowingLog } from "../../../src/sources/logs/growing-log.ts";
import { acceptedCall, headerLines, logText, probe, rowLine } from "./log-maker.ts";

test("a row is read when its line has ended, however the bytes are cut", () => {
  const bytes = Buffer.from(
    logText([probe("08:00:01.000"), acceptedCall("08:00:02.000"), acceptedCall("08:00:03.000")]),
  );
  for (const size of [1, 7, 100, bytes.length]) {
    const log = openGrowingLog("a.LOG", () => true);
    const lines: number[] = [];
    for (let at = 0; at < bytes.length; at += size)
      lines.push(...log.take(bytes.subarray(at, at + size)).map(({ line }) => line));
    expect(lines).toEqual([8, 9]);
    expect(log.kind()).toBe("http-proxy");
    expect(log.report(5)).toMatchObject({ kept: 2, dropped: 1, unreadable: 0, server: "ex01" });
    expect(log.report(5)).toBeNull();
  }
});

test("half a line waits, and is neither read nor counted", () => {
  const log = openGrowingLog("a.LOG", () => true);
  const line = `${rowLine(acceptedCall("08:00:02.000"))}\r\n`;
  log.take(Buffer.from(headerLines().join("\r\n")));
  expect(log.take(Buffer.from(`\r\n${line.slice(0, 50)}`))).toEqual([]);
  expect(log.report(5)).toBeNull();
  expect(log.take(Buffer.from(line.slice(50)))).toHaveLength(1);
});

test("a row that is not wanted counts as dropped", () => {
  const log = openGrowingLog("a.LOG", () => false);
  expect(log.take(Buffer.from(logText([acceptedCall("08:00:02.000")])))).toEqual([]);
  expect(log.report(5)).toMatchObject({ kept: 0, dropped: 1 });
});

test.each([
  [
    "another log of Exchange",
    "#Software: Microsoft Exchange Server\r\n#Log-type: MAPI Logs\r\n#Fields: DateTime,A\r\n",
  ],
  ["a text", "Dear all,\r\n"],
])("%s is foreign", (_, text) => {
  const log = openGrowingLog("a.LOG", () => true);
  expect(log.kind()).toBeNull();
  log.take(Buffer.from(text));
  expect(log.kind()).toBe("foreign");
  expect(log.report(5)).toBeNull();
});
