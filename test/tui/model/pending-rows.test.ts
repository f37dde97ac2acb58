// Pending requests on a terminal in memory.
import { expect, onTestFinished, test } from "vitest";
import { startPendingRows } from "../../../src/app/live/pending-rows.ts";
import type { HttpTransaction } from "../../../src/core/http-transaction.ts";
import type { PendingRows, ToScreen } from "../../../src/tui/model/messages.ts";
import { openTestScreen, type TestScreen } from "../../support/terminal-screen.ts";
import { subject } from "../row-maker.ts";

function open(columns: number, rows: number): TestScreen {
  const screen = openTestScreen({ columns, rows });
  onTestFinished(() => screen.end());
  screen.tell({ type: "hello", title: "watch", mode: "live" });
  return screen;
}

const began = Date.UTC(2026, 0, 15, 12);
const slow = (id: string, parts: Parameters<typeof subject>[1] = {}) =>
  subject(id, { status: null, durationMs: null, handshakeId: null, at: began, detail: "no answer yet", ...parts });
const waiting = (...rows: PendingRows["rows"]): ToScreen => ({ type: "waiting", rows, more: 0 });
const rows = (...added: PendingRows["rows"]): ToScreen => ({ type: "rows", rows: added, lost: 0 });
const lineWith = (lines: readonly string[], text: string): string => lines.find((line) => line.includes(text)) ?? "";

test.each([
  [60, 16],
  [80, 24],
  [90, 48],
  [120, 36],
  [200, 50],
])(
  "%i x %i: a pending request is below the rows with its age, and its row replaces it when it ends",
  async (columns, height) => {
    const screen = open(columns, height);
    screen.tell(rows(...Array.from({ length: 60 }, (_, at) => subject(`t${at + 1}`))), waiting(slow("t61")));
    screen.store.tick(began + 34_000);
    const lines = await screen.lines();
    expect(lines).toHaveLength(height);
    expect(lineWith(lines, "t61")).toMatch(/^ \. t61 .*\.\.\. .*Bearer .*mail\.contoso.* 34s(?:[ │]|$)/);
    const [last, now] = [lines.findIndex((line) => /^> +t60 /.test(line)), lines.indexOf(lineWith(lines, "t61"))];
    expect(now).toBe(last + 1);
    screen.tell(rows(subject("t61")));
    const after = await screen.lines();
    expect(after.filter((line) => line.includes("t61"))).toHaveLength(1);
    expect(lineWith(after, "t61")).toMatch(/^> +t61 .* 200 /);
    expect(after).toHaveLength(height);
  },
);

test("pending requests are not selected, counted as rows or sorted, and a filter applies to them", async () => {
  const screen = open(120, 36);
  screen.tell(
    rows(subject("t1"), subject("t2", { host: "other.example" })),
    waiting(slow("t3"), slow("t4", { host: "other.example" })),
  );
  expect((await screen.lines())[2]).toMatch(/ 2 rows +2 not ended /);
  screen.press("g", "j", "j", "j");
  expect((await screen.lines()).some((line) => /^>.* t2 /.test(line))).toBe(true);
  screen.press("/");
  screen.type("host=other.example");
  screen.press("enter");
  const filtered = await screen.lines();
  expect(filtered.filter((line) => /^[ >][ .*!] +t\d /.test(line)).map((line) => line.trim().split(/ +/)[1])).toEqual([
    "t2",
    "t4",
  ]);
  expect(filtered[2]).toMatch(/ 1 of 2 rows +1 not ended /);
  screen.press(":");
  screen.type("sort -ms");
  screen.press("enter");
  expect(lineWith(await screen.lines(), "t4")).toMatch(/^ \. t4 /);
});

test("one whose answer has begun has its status, and what has no room is counted", async () => {
  const screen = open(80, 24);
  screen.tell(rows(subject("t1")), {
    type: "waiting",
    rows: [slow("t2", { status: 200 }), slow("t3"), slow("t4")],
    more: 7,
  });
  screen.store.tick(began + 3 * 3_600_000);
  const lines = await screen.lines();
  expect(lineWith(lines, "t2")).toMatch(/^ \. t2 .* 200 .* 3h$/);
  expect(lineWith(lines, "have not ended")).toBe(" .  9 more have not ended");
  expect(lines.some((line) => line.includes("t3"))).toBe(false);
});

test("a row that arrives first is not shown as pending by a later message", async () => {
  const screen = open(80, 24);
  screen.tell(rows(subject("t1")), waiting(slow("t1")));
  expect((await screen.lines()).filter((line) => /\bt1 /.test(line))).toHaveLength(1);
  expect(screen.store.state().pending.rows).toEqual([]);
});

test("while paused the list does not change, and at the end it is empty", async () => {
  const screen = open(80, 24);
  screen.tell(rows(subject("t1")), waiting(slow("t2")));
  screen.store.tick(began + 5000);
  screen.press("p");
  screen.tell(rows(subject("t2")), waiting());
  screen.store.tick(began + 60_000);
  const paused = await screen.lines();
  expect(lineWith(paused, "t2")).toMatch(/^ \. t2 .* 5s$/);
  screen.press("p");
  expect(lineWith(await screen.lines(), "t2")).toMatch(/^[> ] +t2 .* 200 /);
  screen.tell(waiting(slow("t3")), { type: "ended" });
  expect((await screen.lines()).some((line) => line.includes("t3"))).toBe(false);
});

test("with a quiet clock nothing is drawn while a request is pending", async () => {
  const screen = open(120, 36);
  screen.tell({
    type: "hello",
    title: "watch",
    mode: "live",
    settings: { theme: "default", isAscii: false, keys: {}, isQuiet: true },
  });
  screen.tell(rows(subject("t1")), waiting(slow("t2")));
  screen.store.tick(began + 1000);
  expect(lineWith(await screen.lines(), "t2")).toMatch(/ \.\.\. +\S|\.\.\.$/);
  for (let second = 2; second < 20; second += 1) {
    screen.store.tick(began + second * 1000);
    expect(screen.store.isFrameDue()).toBe(false);
  }
});

test("a click below the table hits the visible pane, and one on a pending request selects nothing", async () => {
  const screen = open(80, 24);
  screen.tell(rows(subject("t1"), subject("t2")), waiting(slow("t3"), slow("t4")));
  screen.press(":");
  screen.type("mouse on");
  screen.press("enter");
  const lines = await screen.lines();
  const click = (column: number, text: string): void => {
    const row = lines.findIndex((line) => line.includes(text)) + 1;
    screen.store.press({ name: "mouse", button: 0, column, row });
  };
  click(6, " t1 ");
  expect(lineWith(await screen.lines(), " t1 ")).toMatch(/^>/);
  click(6, " t4 ");
  expect(lineWith(await screen.lines(), " t1 ")).toMatch(/^>/);
  click(lineWith(lines, "3 Ladder").indexOf("3 Ladder") + 2, "3 Ladder");
  expect(await screen.text()).toContain("[3 Ladder]");
});

test("hostile text of a pending request cannot reach the terminal", async () => {
  const screen = open(120, 36);
  screen.tell(waiting(slow("t1", { host: "\u001b]0;gotcha\u0007", path: "/\r\u202e", method: "G\u001b[2JT" })));
  expect(await screen.text()).toContain("\\x1b]0;gotcha");
  expect(screen.titles).toEqual([]);
});

test("its row is made like any other: no query, no secret, with sign-in and token, without conversation and finding", () => {
  const waitingRows = startPendingRows({});
  const body = { bytes: new Uint8Array(0), totalBytes: 0, truncated: false, contentCoding: null };
  const password = Buffer.from("svc-uc:Sommer2026!").toString("base64");
  const transaction: HttpTransaction = {
    id: "t9",
    connection: "c1",
    client: "192.0.2.1:1",
    startedAt: began,
    durationMs: null,
    scheme: "https",
    host: "mail.contoso.example",
    port: 443,
    request: {
      method: "POST",
      target: "/EWS/Exchange.asmx?token=eyJhbGciOiJub25lIn0.eyJhIjoxfQ.",
      version: "HTTP/1.1",
      headers: [
        ["Host", "mail.contoso.example"],
        ["Authorization", `Basic ${password}`],
      ],
      trailers: [],
      body,
    },
    response: null,
    failure: null,
  };
  const told = waitingRows({ exchanges: [{ transaction, step: "answer" }], more: 4 });
  expect(told).toMatchObject({
    more: 4,
    rows: [
      {
        direction: "S>X",
        findings: [],
        row: {
          id: "t9",
          at: began,
          method: "POST",
          host: "mail.contoso.example",
          path: "/EWS/Exchange.asmx",
          status: null,
          auth: "BASIC",
          detail: expect.stringMatching(/^no answer yet/),
          handshakeId: null,
          worst: null,
          durationMs: null,
        },
      },
    ],
  });
  expect(JSON.stringify(told)).not.toMatch(/Sommer|eyJ|svc-uc/);
  expect(JSON.stringify(told)).not.toContain(password);
  // Made once for each step.
  expect(waitingRows({ exchanges: [{ transaction, step: "answer" }], more: 0 }).rows[0]).toBe(told.rows[0]);
  expect(waitingRows({ exchanges: [{ transaction, step: "rest" }], more: 0 }).rows[0]?.row.detail).toMatch(
    /^the answer is still coming/,
  );
});
