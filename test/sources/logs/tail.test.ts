// Logs that are followed while they are written: real files and folders, and a clock that the test moves.
import { chmodSync, mkdirSync, renameSync, rmSync, truncateSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import {
  columnsOf,
  csvLine,
  exchangeLog,
  httpProxyRow,
  iisRow,
  type LogCells,
  outboundRow,
  proxyShapes,
  rareProxyShapes,
  w3cLog,
} from "../../support/log-lines.ts";
import { header, headerLength, line, noon, rowsOf, startTestTail, type TestTail } from "./tail-support.ts";
import { traceText } from "./trace-maker.ts";

let tail: TestTail;
beforeEach(() => {
  tail = startTestTail();
});
afterEach(() => tail.remove());

const first = "HttpProxy_2026113012-1.LOG";
/** A row that is not judged: a person on the sign-in page. */
const person = `${csvLine(columnsOf("http-proxy", "15.01"), httpProxyRow({ ...rareProxyShapes.forms, UrlQuery: "x".repeat(400) }))}\r\n`;
const isRoot = process.geteuid?.() === 0;

test("rows that were there before the start are not given, and later ones have their line", async () => {
  tail.write(first, header + line("old"));
  expect(await tail.read()).toEqual([]);
  tail.append(first, line("new", 5));
  const [row] = rowsOf([...(await tail.turn(1000)), ...(await tail.turn(5000))]);
  expect(row).toMatchObject({ id: "l1", requestId: "new", line: headerLength + 2, endedAt: noon + 5 });
});

test("a row that is written in parts is given once, when its line has ended", async () => {
  tail.write(first, header);
  await tail.read();
  const text = line("halves");
  tail.append(first, text.slice(0, 9));
  expect(await tail.read()).toEqual([]);
  tail.append(first, text.slice(9, -1));
  expect(await tail.read()).toEqual([]);
  tail.append(first, "\n");
  expect(await tail.read()).toEqual(["halves"]);
  expect(await tail.read()).toEqual([]);
});

test("a row of which the start of the tail found one half is given whole", async () => {
  const text = line("cut");
  tail.write(first, header + text.slice(0, 12));
  expect(await tail.read()).toEqual([]);
  tail.append(first, text.slice(12));
  expect(await tail.read()).toEqual(["cut"]);
});

test("after a rollover the new file is read from its beginning, and the old one still followed", async () => {
  tail.write(first, header + line("old"));
  await tail.read();
  tail.write("HttpProxy_2026113013-1.LOG", header + line("next", 2));
  tail.append(first, line("late", 1));
  expect(await tail.read()).toEqual(["late", "next"]);
  tail.append(first, line("later", 3));
  tail.write("HttpProxy_2026113013-2.LOG", header + line("second", 4));
  expect(await tail.read(100_000)).toEqual(["later", "second"]);
});

test("a file that has rested for two minutes after its rollover is looked at once a minute, and loses nothing", async () => {
  tail.write(first, header);
  tail.write("HttpProxy_2026113012-2.LOG", header);
  await tail.read();
  await tail.read(121_000);
  await tail.read(1000);
  tail.append(first, line("rested"));
  expect(await tail.read(1000)).toEqual([]);
  expect(await tail.read(60_000)).toEqual(["rested"]);
  tail.append(first, line("again"));
  expect(await tail.read(1000)).toEqual(["again"]);
});

test("a header that is repeated in mid-file is not a row", async () => {
  tail.write(first, header);
  await tail.read();
  tail.append(first, line("one") + header + line("two", 1));
  expect(await tail.read()).toEqual(["one", "two"]);
});

test("two writers append to one file", async () => {
  tail.write(first, header);
  await tail.read();
  for (let index = 0; index < 50; index++) {
    tail.append(first, line(`a${index}`, index));
    tail.append(first, line(`b${index}`, index));
    if (index % 10 === 0) await tail.turn(100);
  }
  const rows = [...rowsOf(await tail.turn(10_000)).map(({ requestId }) => requestId), ...(await tail.read())];
  expect(rows).toHaveLength(100);
  expect(new Set(rows).size).toBe(100);
});

test("a truncated file is reported once, and only its new rows are given", async () => {
  tail.write(first, header);
  await tail.read();
  tail.append(first, line("one") + line("two", 1));
  expect(await tail.read()).toEqual(["one", "two"]);
  truncateSync(join(tail.folder, first), Buffer.byteLength(header + line("one")));
  expect(await tail.read()).toEqual([]);
  tail.append(first, line("three", 2));
  expect(await tail.read()).toEqual(["three"]);
  expect(tail.notices).toEqual([
    `"…/${first}" became shorter or was written anew; it is read from its beginning, and rows that were read are not taken again.`,
  ]);
});

test("a file that was written anew between two readings and is longer now is read from its beginning", async () => {
  tail.write(first, header);
  await tail.read();
  tail.append(first, line("one"));
  await tail.read();
  tail.write(first, header + line("two", 1) + line("three", 2));
  expect(await tail.read()).toEqual(["two", "three"]);
  expect(tail.notices).toHaveLength(1);
});

test("another row of the same call, time and id in a file that was written anew is taken", async () => {
  const text = (cells: LogCells): string =>
    `${header}${csvLine(columnsOf("http-proxy", "15.01"), httpProxyRow(cells))}\r\n`;
  tail.write(first, header);
  await tail.read();
  tail.write(first, text({ RequestId: "same" }));
  expect(await tail.read()).toEqual(["same"]);
  tail.write(first, text({ RequestId: "same", ...proxyShapes.basic }));
  expect(await tail.read()).toEqual(["same"]);
});

test("a file that vanishes is reported once; a new one of its name is read from its beginning", async () => {
  tail.write(first, header + line("old"));
  await tail.read();
  rmSync(join(tail.folder, first));
  expect(await tail.read()).toEqual([]);
  await tail.read();
  expect(tail.notices).toEqual([`"…/${first}" is gone; what it got after its last reading is lost.`]);
  tail.write(first, header + line("anew", 7));
  expect(await tail.read()).toEqual(["anew"]);
});

test("a file that vanishes and comes back unchanged is read from where it was left", async () => {
  tail.write(first, header);
  await tail.read();
  tail.append(first, line("one"));
  expect(await tail.read()).toEqual(["one"]);
  const away = `${tail.folder}-away.LOG`;
  renameSync(join(tail.folder, first), away);
  await tail.read();
  renameSync(away, join(tail.folder, first));
  tail.append(first, line("two", 1));
  expect(await tail.read()).toEqual(["two"]);
});

test("a share that goes away is said once, and its return once; nothing is lost or read twice", async () => {
  const [here, away] = [join(tail.folder, "Ews"), `${tail.folder}-away`];
  mkdirSync(here);
  tail.write(`Ews/${first}`, header);
  await tail.read();
  tail.append(`Ews/${first}`, line("one"));
  expect(await tail.read()).toEqual(["one"]);
  renameSync(tail.folder, away);
  expect(await tail.read()).toEqual([]);
  expect(await tail.read()).toEqual([]);
  expect(tail.notices).toEqual(['"…" cannot be listed (ENOENT); its logs are followed again when it is back.']);
  renameSync(away, tail.folder);
  tail.append(`Ews/${first}`, line("two", 1));
  tail.write("Ews/HttpProxy_2026113013-1.LOG", header + line("three", 2));
  expect(await tail.read()).toEqual(["two", "three"]);
  expect(tail.notices.slice(1)).toEqual(['"…" can be listed again; its logs are followed from where they were left.']);
});

test.skipIf(isRoot)("a file that cannot be read is reported once, and read when it can be", async () => {
  tail.write(first, header);
  await tail.read();
  tail.append(first, line("locked"));
  chmodSync(join(tail.folder, first), 0);
  for (let count = 0; count < 4; count++) expect(await tail.read()).toEqual([]);
  expect(tail.notices).toEqual([`"…/${first}" cannot be read (EACCES); it is tried again every second.`]);
  chmodSync(join(tail.folder, first), 0o644);
  expect(await tail.read()).toEqual(["locked"]);
  expect(tail.notices.slice(1)).toEqual([`"…/${first}" can be read again; its rows are read from where it was left.`]);
});

test("rows of two files are given in the order of time, and each waits five seconds for earlier ones", async () => {
  tail.write("HttpProxy_2026113012-1.LOG", header);
  tail.write("Ews_2026113012-1.LOG", header);
  await tail.read();
  tail.append("HttpProxy_2026113012-1.LOG", line("second", 20));
  expect(rowsOf(await tail.turn(1000))).toEqual([]);
  tail.append("Ews_2026113012-1.LOG", line("first", 10));
  expect(rowsOf(await tail.turn(3000))).toEqual([]);
  const given = rowsOf(await tail.turn(2000));
  expect(given.map(({ id, requestId }) => [id, requestId])).toEqual([
    ["l1", "first"],
    ["l2", "second"],
  ]);
});

test("with --since a file is read from its beginning, and only rows since then are given", async () => {
  const back = startTestTail({ since: noon, readsBack: true });
  try {
    back.write("HttpProxy_2026113011-1.LOG", header + line("early", -1) + line("at", 0));
    back.write("HttpProxy_2026113012-1.LOG", header + line("late", 60_000));
    // Two hours before: not opened at all.
    back.write("HttpProxy_2026113009-1.LOG", header + line("impossible", 1));
    expect(await back.read()).toEqual(["at", "late"]);
  } finally {
    back.remove();
  }
});

test("thousands of old files in a folder are neither opened nor given", async () => {
  for (let index = 0; index < 3000; index++) {
    const name = new Date(noon - (index + 2) * 3_600_000).toISOString().replaceAll(/\D/g, "").slice(0, 10);
    tail.write(`HttpProxy_${name}-1.LOG`, header + line("old"));
  }
  tail.write(first, header);
  await tail.read();
  expect(tail.found).toEqual(["Following HttpProxy (1 file, rows within seconds)."]);
  tail.append(first, line("new"));
  expect(await tail.read()).toEqual(["new"]);
});

test("a folder that appears after the start is followed from the beginning of its files", async () => {
  await tail.read();
  mkdirSync(join(tail.folder, "HttpProxy", "Ews"), { recursive: true });
  tail.write(`HttpProxy/Ews/${first}`, header + line("first"));
  expect(await tail.read()).toEqual(["first"]);
  tail.append(`HttpProxy/Ews/${first}`, line("second", 1));
  expect(await tail.read()).toEqual(["second"]);
});

test("the first log of a new folder may come seconds after the folder", async () => {
  await tail.read();
  mkdirSync(join(tail.folder, "HttpProxy", "Ews"), { recursive: true });
  await tail.read();
  await tail.read(5000);
  tail.write(`HttpProxy/Ews/${first}`, header + line("first"));
  expect(await tail.read()).toEqual(["first"]);
});

test("the last turn reads what is otherwise looked at seldom: an empty folder, and a file that rests", async () => {
  mkdirSync(join(tail.folder, "HttpProxy", "Ews"), { recursive: true });
  tail.write(first, header);
  tail.write("HttpProxy_2026113012-2.LOG", header);
  await tail.read();
  await tail.read(121_000);
  await tail.read(1000);
  tail.write(`HttpProxy/Ews/${first}`, header + line("new"));
  tail.append(first, line("rested", 1));
  expect(await tail.read()).toEqual([]);
  tail.follower.makeAllDue();
  expect(await tail.read()).toEqual(["new", "rested"]);
});

test("a text that is not a log is left alone", async () => {
  tail.write("setup.log", "This is a story.\r\nIt goes on.\r\n");
  tail.write(first, header);
  await tail.read();
  tail.append("setup.log", line("no"));
  tail.append(first, line("yes"));
  expect(await tail.read()).toEqual(["yes"]);
});

test("each log is named once, with the time that its rows may be late", async () => {
  await tail.read();
  expect(tail.found).toEqual([
    expect.stringMatching(
      /^There is no log to follow yet\. Logs that can be followed are those with #Log-type HttpProxy Logs,/,
    ),
  ]);
  tail.write(first, header + line("one"));
  tail.write("u_ex261130.log", w3cLog("iis", [iisRow()]));
  await tail.read();
  tail.write("Outbound_2026113012-1.LOG", exchangeLog("oauth-outbound", [outboundRow()]));
  await tail.read();
  await tail.read();
  expect(tail.found.slice(1)).toEqual([
    "Following HttpProxy (1 file, rows within seconds), IIS (1 file, rows about a minute late).",
    "Following OAuthOutbound (1 file, rows up to 5 minutes late).",
  ]);
});

test("a folder with other logs only names them", async () => {
  tail.write(
    "RCA_2026113012-1.LOG",
    "#Software: Microsoft Exchange\r\n#Log-type: RCA Logs\r\n#Fields: date-time,session\r\n2026-11-30T12:00:00Z,1\r\n",
  );
  await tail.read();
  await tail.read();
  expect(tail.found).toEqual([expect.stringMatching(/The folders hold logs of other kinds: "RCA Logs"\./)]);
});

test("a trace of a failed request is given as a transaction when its file has ended", async () => {
  tail.write("fr000001.xml", traceText({ statusCode: "401" }));
  await tail.read();
  const text = traceText({ url: "https://mail.contoso.example:443/EWS/Exchange.asmx", statusCode: "401.1" });
  tail.write("fr000002.xml", text.slice(0, text.length / 2));
  tail.write("other.xml", '<?xml version="1.0"?>\n<html></html>\n');
  expect(await tail.turn(1000)).toEqual([]);
  tail.append("fr000002.xml", text.slice(text.length / 2));
  const [transaction, report, ...more] = await tail.turn(1000);
  expect(transaction).toMatchObject({ kind: "transaction", transaction: { id: "t1", host: "mail.contoso.example" } });
  expect(report).toMatchObject({ kind: "log-file", report: { log: "failed-request", kept: 1 } });
  expect(more).toEqual([]);
  expect(await tail.turn(1000)).toEqual([]);
  expect(tail.notices).toEqual([]);
});

test("a trace that does not end is read as far as it goes after a minute", async () => {
  await tail.read();
  const text = traceText({ statusCode: "401.1" });
  tail.write("fr000001.xml", text.slice(0, -20));
  expect(await tail.turn(1000)).toEqual([]);
  const [transaction] = await tail.turn(61_000);
  expect(transaction).toMatchObject({ kind: "transaction", transaction: { id: "t1" } });
  expect(tail.notices).toEqual([expect.stringContaining("ends too early")]);
});

test("counts of a file are reported every ten seconds, and add up", async () => {
  tail.write(first, header);
  await tail.read();
  tail.append(first, line("one"));
  const events = await tail.turn(11_000);
  tail.append(first, line("two", 1));
  events.concat(await tail.turn(1000));
  const all = [...events, ...(await tail.turn(11_000))];
  const reports = all.flatMap((event) => (event.kind === "log-file" ? [event.report.kept] : []));
  expect(reports).toEqual([1, 1]);
});

test("a file that grows by 100 MB does not keep the event loop from other work", async () => {
  tail.write(first, header);
  await tail.read();
  const filler = person.repeat(1000);
  for (let count = 0; count < 100; count++) tail.append(first, filler);
  tail.append(first, line("last"));
  let turns = 0;
  let isOver = false;
  const other = (): void => {
    turns += 1;
    if (!isOver) setImmediate(other);
  };
  setImmediate(other);
  await tail.turn(1000);
  isOver = true;
  // One turn reads a bounded part in many small reads; other work has its turn between two of them.
  expect(turns).toBeGreaterThan(10);
  expect(await tail.read()).toEqual(["last"]);
});
