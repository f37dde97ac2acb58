// Groups of equal rows while they arrive too fast to be read.
import { describe, expect, onTestFinished, test } from "vitest";
import type { FindingReport } from "../../../src/diagnosis/catalogue/finding.ts";
import type { FilterSubject } from "../../../src/filter/subject.ts";
import { hasRowWork, stepRowWork } from "../../../src/tui/model/background-work.ts";
import { groupMembers } from "../../../src/tui/model/grouping.ts";
import { selectedId } from "../../../src/tui/model/selection.ts";
import { tableLinesOf } from "../../../src/tui/model/table-lines.ts";
import { emptyState, type ViewState } from "../../../src/tui/model/view-state.ts";
import { takeMessage } from "../../../src/tui/update/take-message.ts";
import { openTestScreen, type TestScreen } from "../../support/terminal-screen.ts";
import { analysis, subject } from "../row-maker.ts";

let made = 0;
/** So many rows that are equal but for their number, the size and the time. */
function equal(count: number, parts: Partial<FilterSubject["row"]> = {}, findings: string[] = []): FilterSubject[] {
  return Array.from({ length: count }, () => {
    made += 1;
    return subject(`t${made}`, { bytes: 1000 + made, durationMs: made % 40, ...parts }, { findings });
  });
}

function open(columns = 120, rows = 36): TestScreen {
  made = 0;
  const screen = openTestScreen({ columns, rows });
  onTestFinished(() => screen.end());
  screen.tell({ type: "hello", title: "x", mode: "live" }, { type: "analysis", analysis: analysis() });
  screen.store.tick(Date.UTC(2026, 0, 15, 12));
  return screen;
}

const tell = (screen: TestScreen, ...rows: FilterSubject[]): void => screen.tell({ type: "rows", lost: 0, rows });
const rowsOn = (text: string): string[] => text.split("\n").filter((line) => /^[> ][!wx* ][a-z ]t\d+ /.test(line));
const evidence = (...ids: string[]): FindingReport => ({
  code: "BASIC_OFFERED",
  severity: "info",
  message: "It offers Basic.",
  remedy: "Switch it off.",
  evidence: ids,
  count: ids.length,
});

describe("on the screen", () => {
  test.each([
    [60, 16],
    [80, 24],
    [120, 36],
    [200, 50],
  ])(
    "rows that arrive fast are one line with their count, rows with a finding never, at %i x %i",
    async (columns, rows) => {
      const screen = open(columns, rows);
      tell(
        screen,
        ...equal(40),
        ...equal(2, { auth: "BASIC", worst: "alarm" }),
        ...equal(2, { auth: "BASIC" }),
        ...equal(30, { status: 401, auth: "Bearer?" }),
        ...equal(2, { status: null }),
      );
      const text = await screen.text();
      expect(text).toContain("grouped, follow ON");
      const lines = rowsOn(text);
      expect(lines).toHaveLength(8);
      expect(lines[0]).toMatch(/^ [ *] t1 .*▸×40 .* 39(?:│|$)/);
      expect(lines.slice(1, 3).every((line) => /^ !.*BASIC/.test(line))).toBe(true);
      expect(lines[5]).toMatch(/^ {3}t45 .*401.*▸×30 /);
      expect(lines.slice(6).every((line) => /^[> ]x/.test(line))).toBe(true);
      expect(text).toContain("76 rows");
    },
  );

  test("few rows are not grouped, and groups end when rows arrive slowly again", async () => {
    const screen = open();
    tell(screen, ...equal(40));
    expect(rowsOn(await screen.text()).at(-1)).not.toContain("×");
    tell(screen, ...equal(60));
    screen.store.tick(Date.UTC(2026, 0, 15, 12, 0, 1));
    expect(await groupsOf(screen)).toEqual([100]);
    tell(screen, ...equal(5));
    screen.store.tick(Date.UTC(2026, 0, 15, 12, 0, 2));
    expect(await groupsOf(screen)).toEqual([]);
    expect(await screen.text()).not.toContain("grouped");
  });

  test("Enter and l open a group, h closes it; groups stay while the table does not follow", async () => {
    const screen = open();
    tell(screen, ...equal(60), ...equal(2, { host: "b.example" }), ...equal(3));
    screen.press("g", "enter");
    expect(selectedId(screen.store.state())).toBe("t1");
    expect(rowsOn(await screen.text())[0]).toMatch(/^>[ *] t1 .*▾×60 /);
    expect(rowsOn(await screen.text())[1]).toMatch(/^ [ *] t2 .*· acts as user/);
    screen.press("j", "j");
    expect(await screen.text()).toMatch(/^>[ *] t3 /m);
    screen.press("h");
    expect(await groupsOf(screen)).toEqual([60, 2, 3]);
    expect(await screen.text()).toMatch(/^>[ *] t1 .*▸×60 /m);
    screen.store.tick(Date.UTC(2026, 0, 15, 12, 0, 1));
    screen.store.tick(Date.UTC(2026, 0, 15, 12, 0, 2));
    expect(await groupsOf(screen)).toEqual([60, 2, 3]);
    screen.press("j", "right", "left", "left");
    expect(await groupsOf(screen)).toEqual([60, 2, 3]);
    screen.press("G");
    screen.store.tick(Date.UTC(2026, 0, 15, 12, 0, 3));
    expect(await groupsOf(screen)).toEqual([]);
  });

  test("a row that is gone to is shown even when a group hid it", async () => {
    const screen = open();
    tell(screen, ...equal(60));
    screen.press(":");
    screen.type("goto t33");
    screen.press("enter");
    expect(await screen.text()).toMatch(/^>[ *] t33 .*· /m);
  });

  test("marks, export and the filter are about the rows of a group", async () => {
    const screen = open();
    tell(screen, ...equal(60), ...equal(2, { host: "b.example" }), ...equal(30));
    screen.press("g", "j", "a", "x");
    expect(await screen.text()).toContain("marked x, 2 rows");
    expect(await screen.text()).toMatch(/^> xt61 .*▸×2 /m);
    expect(screen.press("e", "h")).toMatchObject([{ message: { type: "export", ids: ["t61", "t62"] } }]);
    screen.press(":");
    screen.type("unmark");
    screen.press("enter", "g", "e");
    const [effect] = screen.press("n");
    expect(effect).toMatchObject({
      message: { as: "ndjson", ids: Array.from({ length: 60 }, (_, at) => `t${at + 1}`) },
    });
    screen.press("/");
    screen.type("host!=b.example");
    screen.press("enter");
    await expect.poll(() => screen.store.state().job).toBeNull();
    expect(await groupsOf(screen)).toEqual([90]);
    expect(await screen.text()).toContain("90 of 92 rows");
  });

  test(":group is off, on and by itself; a sorted table has no groups", async () => {
    const screen = open();
    const run = (line: string): void => {
      screen.press(":");
      screen.type(line);
      screen.press("enter");
    };
    run("group off");
    tell(screen, ...equal(100));
    expect(await groupsOf(screen)).toEqual([]);
    run("group on");
    expect(await groupsOf(screen)).toEqual([100]);
    run("sort -ms");
    expect(await groupsOf(screen)).toEqual([]);
    run("sort none");
    expect(await groupsOf(screen)).toEqual([100]);
    run("group perhaps");
    expect(await screen.text()).toContain("group: on, off, or auto");
    run("group auto");
    expect(await groupsOf(screen)).toEqual([]);
  });
});

/** The count that each group on the screen shows. */
async function groupsOf(screen: TestScreen): Promise<number[]> {
  return [...(await screen.text()).matchAll(/[▸▾]×(\d+) /g)].map(([, count]) => Number(count));
}

describe("the groups", () => {
  const grouped = (): ViewState => ({ ...emptyState(), grouping: "on", isGrouped: true });
  const settle = (state: ViewState): ViewState => {
    let settled = stepRowWork(state, 500);
    while (hasRowWork(settled)) settled = stepRowWork(settled, 500);
    return settled;
  };
  const add = (state: ViewState, ...rows: FilterSubject[]): ViewState =>
    settle(takeMessage(state, { type: "rows", lost: 0, rows }, 0));
  const counts = ({ groups }: ViewState): number[] => [...(groups?.counts ?? [])];
  /** Every row that is shown stands on exactly one line or in one group, in its order. */
  const members = (state: ViewState): number[] => {
    const { groups } = state;
    return groups === null ? [] : groups.starts.flatMap((_, at) => groupMembers(state, groups, at));
  };

  test.each([
    ["method", { method: "GET" }],
    ["status", { status: 401 }],
    ["sign-in", { auth: "NTLM" }],
    ["words", { detail: "acts as another user" }],
    ["host", { host: "b.example" }],
    ["path", { path: "/EWS/Other.asmx" }],
    ["conversation", { handshakeId: "h9" }],
    ["scheme", { scheme: "http" }],
  ] as const)("another %s is another group", (_name, parts) => {
    expect(counts(add(grouped(), ...equal(3), ...equal(2, parts), ...equal(4)))).toEqual([3, 2, 4]);
  });

  test("only a query, a size, a time or the client's port may differ", () => {
    const rows = [...equal(1, { path: "/a?x=1", client: "192.0.2.1:1" }), ...equal(1, { path: "/a?x=2", bytes: 0 })];
    expect(counts(add(grouped(), ...rows, ...equal(1, { path: "/a" })))).toEqual([3]);
  });

  test("the largest size is that of the rows whose size is known", () => {
    const largest = (...sizes: (number | null)[]) =>
      add(grouped(), ...sizes.flatMap((bytes) => equal(1, { bytes }))).groups?.largest;
    expect(largest(null, null, null)).toEqual([null]);
    expect(largest(null, 7, 3, null)).toEqual([7]);
  });

  test.each([
    ["a finding", equal(3, { worst: "info" })],
    ["a finding of its own", equal(3, {}, ["BASIC_OFFERED"])],
    ["a password", equal(3, { auth: "BASIC" })],
    ["an answer that never came", equal(3, { status: null })],
  ])("%s stands alone", (_name, rows) => {
    expect(counts(add(grouped(), ...equal(3), ...rows, ...equal(3)))).toEqual([3, 1, 1, 1, 3]);
  });

  test("a row that becomes evidence later leaves its group, and an open group stays open", () => {
    made = 0;
    const state = { ...add(grouped(), ...equal(10)), opened: new Set([0]) };
    const told = settle(
      takeMessage(state, { type: "analysis", analysis: analysis({ findings: [evidence("t4", "t10", "t77")] }) }, 0),
    );
    expect(counts(told)).toEqual([3, 1, 5, 1]);
    expect(tableLinesOf(told).count).toBe(10);
    expect(members(told)).toEqual(members(state));
    const later = add(told, ...equal(3));
    expect(counts(later)).toEqual([3, 1, 5, 1, 3]);
    expect(counts(settle({ ...later, isGrouped: false }))).toEqual([]);
  });

  test("every line leads to a row and every row to its line, with groups open and closed", () => {
    made = 0;
    const rows = Array.from({ length: 40 }, (_, at) => equal((at * 7) % 5, { host: `${at % 2}.example` })).flat();
    const state = add(grouped(), ...rows);
    const groups = state.groups?.starts.filter((_, at) => at % 3 === 0) ?? [];
    for (const opened of [new Set<number>(), new Set(groups), new Set(state.groups?.starts)]) {
      const lines = tableLinesOf({ ...state, opened });
      for (let index = 0; index < lines.count; index += 1) {
        expect(lines.indexOf(lines.lineAt(index)?.number ?? -1)).toBe(index);
      }
      expect(lines.lineAt(lines.count)).toBeUndefined();
      for (let number = 0; number < state.end; number += 1) {
        const line = lines.lineAt(lines.indexOf(number));
        expect(line?.number).toBeLessThanOrEqual(number);
        if (line?.group?.isOpen !== false) expect(line?.number).toBe(number);
      }
    }
  });

  test("rows that are no longer held leave their group, and the selection stays", () => {
    made = 0;
    let state = add(grouped(), ...equal(60_000), ...equal(1, { host: "b.example" }));
    for (let batch = 0; batch < 11; batch += 1) state = add(state, ...equal(5_000));
    expect(state.log.first).toBeGreaterThan(0);
    expect(members(state)).toEqual(
      Array.from({ length: state.end - state.log.first }, (_, at) => at + state.log.first),
    );
    expect(tableLinesOf(state).count).toBe(3);
  });
});

test("the copied text of a group has its count", () => {
  const screen = open();
  tell(screen, ...equal(60), ...equal(1, { host: "b.example" }));
  screen.press("g");
  expect(screen.press("y")).toMatchObject([
    { type: "copy", copy: { name: "row t1 ×60", text: expect.stringMatching(/×60$/) } },
  ]);
});
