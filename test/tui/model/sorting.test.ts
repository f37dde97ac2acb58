// Sorting the table and choosing its columns, by keys and on a terminal in memory.
import { describe, expect, onTestFinished, test } from "vitest";
import { hasRowWork, stepRowWork } from "../../../src/tui/model/background-work.ts";
import { columnNames, placeColumns } from "../../../src/tui/model/columns.ts";
import { beginFilter, shownRows } from "../../../src/tui/model/filtering.ts";
import { selectedId, selectedIndex, sortTable, tableTop, withHeldTop } from "../../../src/tui/model/selection.ts";
import { sortingPart } from "../../../src/tui/model/sorting.ts";
import { emptyState, type ViewState } from "../../../src/tui/model/view-state.ts";
import { takeMessage } from "../../../src/tui/update/take-message.ts";
import { openTestScreen, type TestScreen, type TestScreenOptions } from "../../support/terminal-screen.ts";
import { analysis, subject } from "../row-maker.ts";

const subjects = [
  subject("t1", { status: 200, durationMs: 5, host: "b.example", bytes: 10 }),
  subject("t2", { status: 401, durationMs: 900, host: "a.example", auth: "Bearer?", worst: "warning" }),
  subject("t3", { status: null, durationMs: null, host: "c.example", bytes: 5_000_000 }),
  subject("t4", { status: 200, durationMs: 20, host: "a.example", auth: "BASIC", worst: "alarm" }),
  subject(
    "t5",
    { status: 500, durationMs: 3, host: "b.example", client: "192.0.2.9:443" },
    { findings: ["PLAIN_CODE"] },
  ),
];

function open(columns: number, rows: number, options?: TestScreenOptions): TestScreen {
  const screen = openTestScreen({ columns, rows }, options);
  onTestFinished(() => screen.end());
  screen.tell(
    { type: "hello", title: "x", mode: "live" },
    { type: "rows", lost: 0, rows: subjects },
    { type: "analysis", analysis: analysis() },
  );
  return screen;
}

/** Ids of the table's rows from above, as they stand on the screen. */
function idsOn(text: string): string[] {
  return text.split("\n").flatMap((line) => /^[> ][!wx* ][a-z ](t\d+) /.exec(line)?.[1] ?? []);
}

function settle(state: ViewState, count = 2000): ViewState {
  let settled = stepRowWork(state, count);
  while (hasRowWork(settled)) settled = stepRowWork(settled, count);
  return settled;
}

const ids = (state: ViewState): string[] => {
  const shown = shownRows(state);
  return Array.from({ length: shown.count }, (_, at) => state.log.at(shown.numberAt(at) ?? -1)?.row.id ?? "");
};
const add = (state: ViewState, ...rows: ReturnType<typeof subject>[]): ViewState =>
  settle(takeMessage(state, { type: "rows", lost: 0, rows }, 0));

describe("on the screen", () => {
  test.each([
    [60, 16],
    [80, 24],
    [120, 36],
    [200, 50],
  ])("o sorts by a column, the other way round, and as they came, at %i x %i", async (columns, rows) => {
    const screen = open(columns, rows);
    screen.press("o", ..."jjjjj", "enter", "escape");
    const sorted = await screen.text();
    expect(idsOn(sorted)).toEqual(["t3", "t5", "t2", "t1", "t4"]);
    expect(sorted).toMatch(/^ {3}# .* st↓ /m);
    expect(sorted.split("\n")[2]).toMatch(
      columns < 100 ? /by status, highest first, no follow$/ : /; does not follow$/,
    );
    screen.press("o", ..."jjjjj", "enter");
    screen.press("escape");
    expect(idsOn(await screen.text())).toEqual(["t1", "t4", "t2", "t5", "t3"]);
    expect(await screen.text()).toMatch(/ st↑ /);
    screen.press("o", "0", "escape");
    expect(idsOn(await screen.text())).toEqual(["t1", "t2", "t3", "t4", "t5"]);
    expect(await screen.text()).toContain("follow off");
  });

  test("the selected row stays selected, a sorted table does not follow, and F reports that", async () => {
    const screen = open(120, 36);
    screen.press("k", ":");
    screen.type("sort host");
    screen.press("enter");
    expect(await screen.text()).toMatch(/^>!.t4 /m);
    screen.press("F");
    expect(await screen.text()).toContain("a sorted table does not follow");
    screen.press("G");
    expect(await screen.text()).toMatch(/^>x.t3 /m);
    expect(screen.store.state().isFollowing).toBe(false);
    screen.tell({ type: "rows", lost: 0, rows: [subject("t6", { host: "0.example" })] });
    screen.press("y");
    const text = await screen.text();
    expect(idsOn(text)).toEqual(["t6", "t2", "t4", "t1", "t5", "t3"]);
    expect(text).toMatch(/^>x.t3 /m);
  });

  test("the rows that arrive while the table does not follow are counted", async () => {
    const screen = open(120, 36);
    screen.press("k");
    expect(await screen.text()).toMatch(/follow off$/m);
    screen.tell({ type: "rows", lost: 0, rows: [subject("t6"), subject("t7")] });
    expect(await screen.text()).toMatch(/follow off \+2 new$/m);
    screen.press("G");
    expect(await screen.text()).toMatch(/follow ON$/m);
  });

  test("columns are hidden and shown, the required ones stay, and the chooser marks those without room", async () => {
    const screen = open(120, 36);
    screen.press("o", "j", "j", " ");
    expect(await screen.text()).toMatch(/^ {3}# +dir meth st /m);
    screen.press("j", "j", "j", " ");
    expect(await screen.text()).toContain("status is always shown");
    screen.press("G", "k", "k", "k", "k", "k", " ");
    const text = await screen.text();
    expect(text).toMatch(/^ {3}# .*findings +what +host/m);
    expect(text).toMatch(/ t5 .* PLAIN_CODE /);
    expect(text).toContain("[x] findings");
    screen.press("k", " ", "k", " ");
    screen.resize({ columns: 60, rows: 24 });
    expect(await screen.text()).toMatch(/\[ \] client +no room for it here/);
    screen.press("r", "escape");
    expect(await screen.text()).toMatch(/^ {3}# +st {2}auth +host and path +ms$/m);
  });

  test("the command line sorts and chooses columns, completes their names, and lists them", async () => {
    const screen = open(200, 50);
    const run = async (line: string): Promise<string> => {
      screen.press(":");
      screen.type(line);
      screen.press("enter");
      return screen.text();
    };
    expect(idsOn(await run("sort -size"))[0]).toBe("t3");
    expect(await run("sort severity")).toMatch(/^ ↑ # /m);
    expect(idsOn(await screen.text()).at(-1)).toBe("t4");
    expect(await run("sort colour")).toContain("sort by one of: none severity id time");
    expect(await run("columns +client -time")).toMatch(/# +dir .* client +what/);
    expect(await run("columns +colour")).toContain("columns: usual, or + or - before: time");
    expect(await run("columns")).toContain("columns: usual, or");
    expect(await run("columns usual")).toMatch(/# +time /);
    screen.press(":");
    screen.type("sort -du");
    screen.press("tab");
    screen.press("escape");
    expect(idsOn(await run("sort none"))).toEqual(["t1", "t2", "t3", "t4", "t5"]);
  });

  test("in ASCII the marks are ASCII, too", async () => {
    const screen = open(120, 36);
    const settings = { theme: "default", isAscii: true, keys: {} };
    screen.tell({ type: "hello", title: "x", mode: "live", settings });
    screen.press(":");
    screen.type("sort -ms");
    screen.press("enter");
    expect(await screen.text()).toMatch(/ msv$/m);
  });
});

describe("the order", () => {
  test.each(columnNames)("%s has both ways, and rows that say the same stay as they came", (column) => {
    const state = settle(
      add(emptyState(), ...subjects, ...subjects.map((one, at) => ({ ...one, row: { ...one.row, id: `u${at}` } }))),
    );
    const up = ids(settle(sortTable(state, { column, isDescending: false }, 9)));
    const down = ids(settle(sortTable(state, { column, isDescending: true }, 9)));
    expect([...up].sort()).toEqual([...ids(state)].sort());
    for (const order of [up, down]) {
      if (column !== "id")
        for (const [at, { row }] of subjects.entries())
          expect(order.indexOf(row.id)).toBeLessThan(order.indexOf(`u${at}`));
    }
    if (column === "id") expect(down).toEqual(up.toReversed());
  });

  test("a filter and later rows are sorted too, and the old order stays until the new one is complete", () => {
    const sorted = settle(sortTable(add(emptyState(), ...subjects), { column: "ms", isDescending: true }, 9));
    const { state: filtering } = beginFilter(sorted, "status<500", 0);
    const filtered = settle(filtering);
    expect(ids(filtered)).toEqual(["t2", "t4", "t1"]);
    const later = add(filtered, subject("t6", { durationMs: 100 }), subject("t7", { status: 503, durationMs: 2 }));
    expect(ids(later)).toEqual(["t2", "t6", "t4", "t1"]);
    const unfiltered = beginFilter(later, "", 0).state;
    expect(ids(unfiltered)).toEqual(["t2", "t6", "t4", "t1"]);
    expect(ids(settle(unfiltered))).toEqual(["t2", "t6", "t4", "t1", "t5", "t7", "t3"]);
  });

  test("while paused new rows are not inserted", () => {
    const sorted = settle(sortTable(add(emptyState(), ...subjects), { column: "ms", isDescending: true }, 9));
    const paused = { ...sorted, paused: sorted };
    const later = add(paused, subject("t6", { durationMs: 100 }));
    expect(ids(later)).toHaveLength(5);
    expect(ids(settle({ ...later, paused: null }))).toEqual(["t2", "t6", "t4", "t1", "t5", "t3"]);
  });

  test("rows inserted above the selected one leave it on its line", () => {
    const many = Array.from({ length: 300 }, (_, at) => subject(`t${at + 1}`, { durationMs: at % 50 }));
    const sorted = withHeldTop(
      settle(sortTable(add(emptyState(), ...many), { column: "ms", isDescending: true }, 9)),
      9,
    );
    const line = selectedIndex(sorted) - tableTop(sorted, 9);
    const later = add(
      sorted,
      ...many.map((one, at) => ({ ...one, row: { ...one.row, id: `u${at}`, durationMs: 99 } })),
    );
    expect(selectedId(later)).toBe(selectedId(sorted));
    expect(selectedIndex(later)).toBe(selectedIndex(sorted) + 300);
    expect(selectedIndex(later) - tableTop(later, 9)).toBe(line);
  });

  test("a hundred thousand rows are put in order in slices, the same as all at once would be, and the oldest go", () => {
    const many = Array.from({ length: 100_000 }, (_, at) => subject(`t${at}`, { durationMs: (at * 7919) % 10_007 }));
    let state = takeMessage(emptyState(), { type: "rows", lost: 0, rows: many }, 0);
    state = stepRowWork(sortTable(state, { column: "ms", isDescending: false }, 9), 2000);
    expect(sortingPart(state)).toBeCloseTo(0.02);
    expect(shownRows(state).numberAt(0)).toBe(0);
    const whole = settle(state);
    const expected = many.map((_, at) => at).sort((a, b) => ((a * 7919) % 10_007) - ((b * 7919) % 10_007) || a - b);
    expect([...(whole.sorted?.numbers ?? [])]).toEqual(expected);
    const first = whole.log.first;
    let later = whole;
    for (let batch = 0; batch < 6; batch += 1) {
      later = add(later, ...Array.from({ length: 2000 }, (_, at) => subject(`v${batch}-${at}`)));
    }
    expect(later.log.first).toBeGreaterThan(first);
    expect(shownRows(later).count).toBe(later.log.end - later.log.first);
    expect(Math.min(...(later.sorted?.numbers ?? []))).toBe(later.log.first);
  });
});

test("with any choice the columns fill the width, and one takes the rest of it", () => {
  for (const columns of [60, 79, 80, 109, 110, 124, 160, 200]) {
    for (const name of columnNames) {
      for (const isShown of [true, false]) {
        const placed = placeColumns(
          columns,
          new Map([
            [name, isShown],
            ["client", true],
            ["host", false],
          ]),
        );
        expect(placed.reduce((sum, { width }) => sum + width + 1, 2)).toBe(columns);
        expect(Math.min(...placed.map(({ width }) => width))).toBeGreaterThan(1);
      }
    }
  }
});
