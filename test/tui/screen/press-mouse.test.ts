import { expect, onTestFinished, test } from "vitest";
import { mouseOff, mouseOn } from "../../../src/tui/terminal/terminal.ts";
import { transaction } from "../../sanitising/transaction-maker.ts";
import { openTestScreen, type TestScreen } from "../../support/terminal-screen.ts";
import { analysis, handshake, subject } from "../row-maker.ts";

const sizes = [
  [60, 16],
  [80, 24],
  [90, 48],
  [120, 36],
  [200, 50],
] as const;

const findings = (["t3", "t5"] as const).map((id) => ({
  code: "TOKEN_EXPIRED" as const,
  severity: "error" as const,
  message: `About ${id}.`,
  remedy: "",
  evidence: [id],
  count: 1,
}));

function open(columns: number, rows: number): TestScreen {
  const screen = openTestScreen({ columns, rows });
  onTestFinished(() => screen.end());
  screen.tell(
    { type: "hello", title: "demo x", mode: "demo" },
    { type: "rows", lost: 0, rows: Array.from({ length: 90 }, (_, at) => subject(`t${at + 1}`)) },
    { type: "analysis", analysis: analysis({ handshakes: [handshake()], findings }) },
  );
  screen.press(":");
  screen.type("mouse on");
  screen.press("enter");
  return screen;
}

/** Presses a button on this text. */
async function click(screen: TestScreen, text: string | RegExp, button = 0): Promise<void> {
  const lines = await screen.lines();
  const row = lines.findIndex((line) => line.search(text) !== -1);
  expect(row, `${text} in\n${lines.join("\n")}`).toBeGreaterThanOrEqual(0);
  const column = (lines[row]?.search(text) ?? 0) + 1;
  screen.store.press({ name: "mouse", button, column: column + 1, row: row + 1 });
}

test.each(sizes)(
  "at %i x %i a click selects the row that stands there, and the wheel moves by three",
  async (columns, rows) => {
    const screen = open(columns, rows);
    await click(screen, / t86 /);
    expect(await screen.text()).toMatch(/> {1,2}t86 /);
    await click(screen, / t87 /, 64);
    expect(await screen.text()).toMatch(/> {1,2}t83 /);
    await click(screen, / t83 /, 65);
    expect(await screen.text()).toMatch(/> {1,2}t86 /);
  },
);

test.each(sizes.slice(1))(
  "at %i x %i a click on a tab shows it, and one on a line goes there",
  async (columns, rows) => {
    const screen = open(columns, rows);
    await click(screen, "4 Headers");
    expect(await screen.text()).toContain("[4 Headers]");
    expect(screen.store.state().focus).toBe("detail");
    const headers = Array.from({ length: 30 }, (_, at) => [`X-${at}`, `value ${at}`] as const);
    screen.tell({ type: "unmasked", id: "t90", transaction: { ...transaction({ headers }), id: "t90" } });
    await click(screen, "X-1: value 1");
    const cursor = screen.store.state().cursors.headers ?? 0;
    screen.press("y");
    expect(screen.store.press({ name: "character", character: "y" })).toEqual([
      { type: "copy", copy: { name: "X-1", text: "value 1" }, isSecret: true },
    ]);
    await click(screen, "X-1: value 1", 65);
    expect(screen.store.state().cursors.headers).toBe(cursor + 3);
    await click(screen, / t90 /);
    expect(screen.store.state().focus).toBe("table");
    // Where the first tabs make way for a late one, too.
    screen.press("s");
    await click(screen, "5 Body");
    expect(screen.store.state().tab).toBe("body");
  },
);

test.each([
  [90, 48],
  [120, 36],
  [200, 50],
] as const)("at %i x %i the ladder and the findings are parts of their own", async (columns, rows) => {
  const screen = open(columns, rows);
  await click(screen, "About t5");
  expect([screen.store.state().focus, screen.store.state().cursors.findings]).toEqual(["findings", 1]);
  screen.press("enter");
  expect(await screen.text()).toMatch(/>. ?t5 /);
  await click(screen, "Handshake ");
  expect(screen.store.state().focus).toBe("ladder");
});

test("until it is switched on, while something is asked and outside of all parts it does nothing", async () => {
  const screen = open(80, 24);
  const before = await screen.text();
  for (const [column, row] of [
    [1, 1],
    [1, 23],
    [500, 500],
  ] as const) {
    screen.store.press({ name: "mouse", button: 0, column, row });
  }
  screen.press("a");
  screen.store.press({ name: "mouse", button: 0, column: 3, row: 6 });
  expect(screen.store.state().input).toEqual({ kind: "mark" });
  screen.press("escape");
  const off = screen.press(":", "m", "o", "u", "s", "e", "space").length;
  expect(off).toBe(0);
  screen.press("escape", ":");
  screen.type("mouse off");
  expect(screen.press("enter")).toEqual([{ type: "mouse", isOn: false }]);
  await click(screen, / t86 /);
  expect((await screen.text()).match(/>.*t\d+/)?.[0]).toBe(before.match(/>.*t\d+/)?.[0]);
});

test("what switches it on and off is what xterm documents", () => {
  expect([mouseOn, mouseOff]).toEqual(["\u001b[?1000h\u001b[?1006h", "\u001b[?1006l\u001b[?1000l"]);
});
