// Rows of logs as lines of text and of JSON, and in the table of the screen: never taken for captured requests.
import { expect, onTestFinished, test } from "vitest";
import { jsonView } from "../../../src/cli/views/json-view.ts";
import { renderEventLine, renderRowLine } from "../../../src/tui/words/plain-text.ts";
import { logFile, logRow } from "../../sanitising/log-row-maker.ts";
import { openTestScreen } from "../../support/terminal-screen.ts";
import { analysis, row, subject } from "../row-maker.ts";

const log = { kind: "http-proxy", file: "HttpProxy/Ews/HttpProxy_2026113008-1.LOG", line: 7 } as const;

test("a line is marked log and ends with file and line, as given where that is known", () => {
  const shown = renderRowLine(row("l7", { log }));
  expect(shown).toMatch(/^\d\d:\d\d:\d\d\.\d{3} l7 log /);
  expect(shown).toMatch(/ {2}HttpProxy\/Ews\/HttpProxy_2026113008-1\.LOG:7$/);
  expect(renderRowLine(row("l7", { log }), { file: "D:\\Logs\\a.LOG", line: 7 })).toMatch(/ {2}D:\\Logs\\a\.LOG:7$/);
  expect(renderRowLine(row("t7"))).not.toContain(" log ");
});

test("a control character in the name of a file does not reach the terminal", () => {
  expect(renderRowLine(row("l7", { log }), { file: "a\u001b[2J.LOG", line: 7 })).not.toContain("\u001b");
});

test("what was read of a file is one line", () => {
  expect(renderEventLine({ kind: "log-file", report: logFile() })).toMatch(
    /log HttpProxy\/Ews\/HttpProxy_2026113008-1\.LOG: 1 rows kept, 12 of no use to a verdict, 1 lines unreadable, without the columns GenericInfo$/,
  );
  expect(renderEventLine({ kind: "log-row", row: logRow() })).toBeNull();
});

test("JSON has one object for a row: the line of the table and the members of the row", () => {
  const written: string[] = [];
  const view = jsonView({ version: "1", isLive: true, isQuiet: false, write: (text) => written.push(text) });
  const change = { facts: null, findings: [], handshakes: [], absorbed: [], subject: null, place: null };
  view.change({ kind: "log-row", row: logRow() }, { ...change, row: row("l1", { log }) });
  view.change({ kind: "log-file", report: logFile() }, { ...change, row: null });
  const objects = written.map((text) => JSON.parse(text));
  expect(objects).toHaveLength(2);
  expect(objects[0]).toMatchObject({ event: "log-row", id: "l1", log, row: { signIn: "bearer", line: 7 } });
  expect(objects[1]).toMatchObject({ event: "log-file", report: { kept: 1, dropped: 12 } });
});

test.each([80, 100, 120])(
  "in a table of %i columns a row of a log is marked, and y copies its file and line",
  async (columns) => {
    const screen = openTestScreen({ columns, rows: 30 });
    onTestFinished(() => screen.end());
    const detail = { row: logRow({ id: "l2" }), file: "D:\\Logging\\HttpProxy_2026113008-1.LOG", lines: null };
    screen.tell(
      { type: "hello", title: "x", mode: "live" },
      { type: "rows", lost: 0, rows: [subject("t1"), subject("l2", { log })] },
      { type: "analysis", analysis: analysis() },
      { type: "detail", id: "l2", transaction: null, log: detail },
    );
    const text = await screen.text();
    expect(text).toMatch(/^.{3}l2 .* log /m);
    expect(text).not.toMatch(/^.{3}t1 .* log /m);
    expect(JSON.stringify(screen.press("y"))).toMatch(/D:.*HttpProxy_2026113008-1\.LOG:7/);
  },
);
