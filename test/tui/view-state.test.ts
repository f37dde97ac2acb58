import { describe, expect, test } from "vitest";
import { pressKey } from "../../src/tui/keymap.ts";
import type { Key } from "../../src/tui/keys.ts";
import { emptyState, receive, rowLimit, selectedIndex, type ViewState } from "../../src/tui/view-state.ts";
import { row } from "./row-maker.ts";

const character = (text: string): Key => ({ name: "character", character: text });

function press(state: ViewState, ...keys: readonly (Key | string)[]): ViewState {
  return keys.reduce<ViewState>((before, key) => {
    const after = pressKey(before, typeof key === "string" ? character(key) : key, 5);
    if (after === "quit") throw new Error("it quit");
    return after;
  }, state);
}

const type = (state: ViewState, text: string): ViewState => press(state, ...text);
const withRows = (count: number): ViewState =>
  receive(emptyState, {
    type: "rows",
    lost: 0,
    rows: Array.from({ length: count }, (_, index) =>
      row(`t${index + 1}`, { host: index % 2 === 0 ? "a.example" : "b.example" }),
    ),
  });

describe("moving", () => {
  test("the newest row is followed until the person moves up", () => {
    const following = withRows(3);
    expect(following.selectedId).toBe("t3");
    const moved = press(following, { name: "up" });
    expect(moved).toMatchObject({ selectedId: "t2", isFollowing: false });
    const later = receive(moved, { type: "rows", lost: 0, rows: [row("t4")] });
    expect(later.selectedId).toBe("t2");
    expect(press(later, "G")).toMatchObject({ selectedId: "t4", isFollowing: true });
  });

  test("it stops at both ends", () => {
    expect(press(withRows(3), "g", { name: "up" }).selectedId).toBe("t1");
    expect(press(withRows(3), { name: "down" }).selectedId).toBe("t3");
    expect(press(emptyState, "j", "k", "g", "G", "n")).toMatchObject({ selectedId: null });
  });

  test("a page is a row less than the table has", () => {
    expect(press(withRows(20), { name: "page-up" }).selectedId).toBe("t16");
  });

  test("n and N go to rows with a warning or worse, round the end, and say when there is none", () => {
    const state = receive(withRows(2), {
      type: "rows",
      lost: 0,
      rows: [row("t3", { worst: "error" }), row("t4", { worst: "info" }), row("t5", { worst: "alarm" })],
    });
    expect(press(state, "n").selectedId).toBe("t3");
    expect(press(state, "n", "n").selectedId).toBe("t5");
    expect(press(state, "n", "N").selectedId).toBe("t5");
    expect(press(withRows(2), "n").notice).toContain("no row");
  });

  test("f stops and starts following", () => {
    const stopped = press(withRows(3), "f");
    expect(stopped.isFollowing).toBe(false);
    expect(press(stopped, "k", "f")).toMatchObject({ isFollowing: true, selectedId: "t3" });
  });
});

describe("filter", () => {
  test("what is typed is text, and Enter applies it", () => {
    const typing = type(press(withRows(4), "/"), "host:A.ex");
    expect(typing.draft).toBe("host:A.ex");
    expect(typing.shown).toHaveLength(4);
    const applied = press(typing, { name: "enter" });
    expect(applied.shown.map(({ id }) => id)).toEqual(["t1", "t3"]);
    expect(applied).toMatchObject({ draft: null, filter: "host:A.ex", selectedId: "t3" });
    expect(receive(applied, { type: "rows", lost: 0, rows: [row("t5", { host: "b.example" })] }).shown).toHaveLength(2);
  });

  test("an unknown field is told and the old filter stays", () => {
    const bad = press(type(press(withRows(4), "/"), "hots:x"), { name: "enter" });
    expect(bad.filterProblem).toContain('no field "hots"');
    expect(bad.shown).toHaveLength(4);
  });

  test("q is a letter in it, Escape leaves it, Ctrl-C still quits", () => {
    const typing = press(withRows(1), "/", "q");
    expect(typing.draft).toBe("q");
    expect(press(typing, { name: "escape" }).draft).toBe(null);
    expect(pressKey(typing, { name: "interrupt" }, 5)).toBe("quit");
  });

  test("backspace and paste", () => {
    expect(press(withRows(1), "/", "a", "b", { name: "backspace" }, { name: "paste", text: "c\nd" }).draft).toBe(
      "ac d",
    );
  });

  test("Escape clears an applied one", () => {
    const applied = press(type(press(withRows(4), "/"), "b.example"), { name: "enter" });
    expect(applied.shown).toHaveLength(2);
    expect(press(applied, { name: "escape" })).toMatchObject({ filter: "", draft: null });
  });
});

test("rows are bounded", () => {
  let state = emptyState;
  for (let batch = 0; batch < 12; batch++) {
    state = receive(state, {
      type: "rows",
      lost: 0,
      rows: Array.from({ length: 1000 }, (_, index) => row(`t${batch * 1000 + index}`)),
    });
  }
  expect(state.rows.length).toBeLessThanOrEqual(rowLimit + 1000);
  expect(state.rows.at(-1)?.id).toBe("t11999");
  expect(selectedIndex(state)).toBe(state.shown.length - 1);
});

test("a detail that comes too late for the selection is left out", () => {
  const state = withRows(2);
  expect(receive(state, { type: "detail", id: "t1", transaction: null }).detail).toBe(null);
  expect(receive(state, { type: "detail", id: "t2", transaction: null }).detail).toEqual({
    id: "t2",
    transaction: null,
  });
});

test("panes go round, and q quits", () => {
  expect(press(emptyState, { name: "tab" }).pane).toBe("handshake");
  expect(press(emptyState, { name: "back-tab" }).pane).toBe("checklist");
  expect(press(emptyState, "4").pane).toBe("headers");
  expect(press(emptyState, "z").isPaneLarge).toBe(true);
  expect(press(emptyState, "J", "J", "K").paneTop).toBe(1);
  expect(press(press(emptyState, "?"), { name: "escape" }).isHelpShown).toBe(false);
  expect(pressKey(emptyState, character("q"), 5)).toBe("quit");
});
