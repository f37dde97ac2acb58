// Where the selected row is among those that are shown.
import { expect, onTestFinished, test } from "vitest";
import { openTestScreen, type TestScreen } from "../support/terminal-screen.ts";
import { analysis, subject } from "./row-maker.ts";

function open(columns: number, rows: number, { count = 90, title = "x" } = {}): TestScreen {
  const screen = openTestScreen({ columns, rows });
  onTestFinished(() => screen.end());
  const made = Array.from({ length: count }, (_, at) =>
    subject(`t${at + 1}`, { host: at % 3 === 0 ? "other.example" : "mail.contoso.example" }),
  );
  screen.tell(
    { type: "hello", title, mode: "demo" },
    { type: "rows", lost: 0, rows: made },
    { type: "analysis", analysis: analysis() },
  );
  return screen;
}

function filterBy(screen: TestScreen, text: string): void {
  screen.press("/");
  screen.type(text);
  screen.press("enter");
}

/** The line that has the place: the title of the table, else the third line. */
async function placeLine(screen: TestScreen): Promise<string> {
  const lines = await screen.lines();
  return lines.find((line) => line.startsWith("─ Traffic")) ?? lines[2] ?? "";
}

const sizes = [
  [60, 16],
  [80, 24],
  [80, 60],
  [120, 36],
  [200, 50],
] as const;

test.each(sizes)("at %i x %i it is told as a number of those that the filter shows", async (columns, rows) => {
  const screen = open(columns, rows);
  expect(await placeLine(screen)).toMatch(/ 90\/90 /);
  screen.press("g", "6", "j");
  expect(await placeLine(screen)).toMatch(/ 7\/90 /);
  filterBy(screen, "host~other");
  // t7 is the third of the thirty rows that fit.
  expect(await screen.text()).toMatch(/^> . ?t7 /m);
  expect(await placeLine(screen)).toMatch(/ 3\/30 /);
  filterBy(screen, "host=nobody");
  expect(await placeLine(screen)).not.toMatch(/\d\/\d/);
});

test.each([
  [120, 36],
  [200, 50],
])("at %i x %i it stands in the title of the table and nowhere else", async (columns, rows) => {
  const lines = await open(columns, rows).lines();
  expect(lines.filter((line) => line.includes("90/90"))).toEqual([
    expect.stringMatching(/^─ Traffic ─+ 90\/90 ─(?:$|┬)/),
  ]);
});

test("a pane that fills the screen has it on the third line", async () => {
  const screen = open(120, 36);
  screen.press("g", "j", "enter", "z");
  expect((await screen.lines())[2]).toMatch(/ {2}2\/90 {2}follow off/);
});

test("without room for it the third line has all that it had", async () => {
  const screen = open(60, 16, { title: "a name that leaves no room for it" });
  const line = (await screen.lines())[2] ?? "";
  expect(line).toMatch(/a name that leaves no room for it +90 rows .*follow ON$/);
  expect(line).not.toContain("90/90");
});

test("it follows, it counts in the order that the table is sorted by, and new rows do not change it", async () => {
  const screen = open(120, 36);
  screen.press("g", "j");
  screen.tell({ type: "rows", lost: 0, rows: [subject("t91")] });
  expect(await placeLine(screen)).toMatch(/ 2\/91 ─$/);
  screen.press("G");
  screen.tell({ type: "rows", lost: 0, rows: [subject("t92")] });
  expect(await placeLine(screen)).toMatch(/ 92\/92 ─$/);
  screen.press(":");
  screen.type("sort -id");
  screen.press("enter");
  screen.press("g", "j", "j");
  expect(await placeLine(screen)).toMatch(/ 3\/92 ─$/);
});

test("for a closed group all its rows are named, in an open group the one row", async () => {
  const screen = openTestScreen({ columns: 120, rows: 36 });
  onTestFinished(() => screen.end());
  const made = Array.from({ length: 43 }, (_, at) => subject(`t${at + 1}`, at < 3 ? { status: 401 } : {}));
  screen.tell(
    { type: "hello", title: "x", mode: "live" },
    { type: "analysis", analysis: analysis({ handshakes: [] }) },
    { type: "rows", lost: 0, rows: made },
  );
  screen.press(":");
  screen.type("group on");
  screen.press("enter");
  expect(await placeLine(screen)).toMatch(/ 4-43\/43 ─$/);
  screen.press("g");
  expect(await placeLine(screen)).toMatch(/ 1-3\/43 ─$/);
  screen.press("j", "enter", "j");
  expect(await placeLine(screen)).toMatch(/ 5\/43 ─$/);
});
