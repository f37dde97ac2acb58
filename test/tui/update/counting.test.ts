import { describe, expect, onTestFinished, test } from "vitest";
import { textLine } from "../../../src/tui/lines/pane-line.ts";
import type { ToScreen } from "../../../src/tui/model/messages.ts";
import { selectedId } from "../../../src/tui/model/selection.ts";
import { emptyState, type ViewState } from "../../../src/tui/model/view-state.ts";
import { pressKey } from "../../../src/tui/screen/press-key.ts";
import { findKeyProblem } from "../../../src/tui/update/key-bindings.ts";
import { takeMessage } from "../../../src/tui/update/take-message.ts";
import { keyOf, openTestScreen } from "../../support/terminal-screen.ts";
import { subject } from "../row-maker.ts";

const pane = Array.from({ length: 40 }, (_, at) => textLine(`line ${at + 1}`));
const started = Date.UTC(2026, 0, 15, 12);

/** Presses each key so many milliseconds after the one before. */
function pressAfter(ms: number, state: ViewState, ...keys: readonly string[]): ViewState {
  return keys.reduce(
    (before, key, at) =>
      pressKey(before, keyOf(key), { height: 5, pane, paneHeight: 9, paneColumns: 80, now: started + at * ms }).state,
    state,
  );
}

const press = (state: ViewState, ...keys: readonly string[]): ViewState => pressAfter(0, state, ...keys);
const rows = (count: number): ToScreen => ({
  type: "rows",
  lost: 0,
  rows: Array.from({ length: count }, (_, at) =>
    subject(`t${at + 1}`, { worst: at % 10 === 9 ? "error" : null, handshakeId: `h${Math.floor(at / 10)}` }),
  ),
});
const forty = press(takeMessage(emptyState(), rows(40), 0), "g");

describe("a count before a movement", () => {
  test.each([
    [["5", "j"], "t6"],
    [["1", "2", "G"], "t12"],
    [["1", "2", "g"], "t12"],
    [["3", "0", "j", "5", "k"], "t26"],
    [["3", "page-down"], "t13"],
    [["2", "page-down", "1", "ctrl-u"], "t5"],
    [["3", "n"], "t30"],
    [["6", "n"], "t20"],
    [["2", "N"], "t30"],
    [["2", "]"], "t21"],
    [["9", "9", "]"], "t31"],
    [["9", "9", "9", "9", "9", "9", "9", "j"], "t40"],
    [["9", "9", "9", "G"], "t40"],
  ])("%j goes to %s", (keys, id) => {
    const moved = press(forty, ...keys);
    expect(selectedId(moved)).toBe(id);
    expect([moved.focus, moved.tab, moved.count]).toEqual(["table", "summary", null]);
  });

  test("with a filter the number is still that of the row, and a notice reports that it is hidden", () => {
    const hidden = {
      ...forty,
      filter: {
        text: "x",
        filter: { matches: () => false, holds: () => false, words: "", needsContent: false },
        matches: [3],
      },
    };
    expect(press(hidden, "1", "2", "G").notice).toContain("the filter hides that row");
  });

  test("without rows, and without findings, nothing happens but words", () => {
    expect(selectedId(press(emptyState(), "5", "j", "3", "n", "1", "2", "G", "2", "]"))).toBeNull();
  });

  test("the digit alone opens its tab at once, and keeps it when no movement follows in time", () => {
    const opened = press(forty, "2");
    expect([opened.focus, opened.tab]).toEqual(["detail", "token"]);
    const later = pressAfter(1000, forty, "2", "j");
    expect([later.tab, later.cursors.token, selectedId(later)]).toEqual(["token", 1, "t1"]);
  });

  test("a key that moves nothing leaves the tab open, and the count is gone", () => {
    const opened = press(forty, "2", "z", "j");
    expect([opened.tab, opened.isZoomed, opened.cursors.token]).toEqual(["token", true, 1]);
  });

  test("in a pane digits are tabs, however fast they are typed", () => {
    const opened = press(pressAfter(1000, forty, "2", "z"), "4", "5", "j");
    expect([opened.tab, opened.cursors.body]).toEqual(["body", 1]);
  });

  test("Escape drops a count and nothing else", () => {
    const dropped = press(forty, "1", "2", "escape", "j");
    expect(selectedId(dropped)).toBe("t2");
    expect(press(forty, "1", "2", "escape")).toEqual(forty);
  });
});

describe("digits that were given away", () => {
  const keys = { "tab-summary": ["f2"], "tab-ladder": ["f4"], "tab-headers": [], export: ["9", "e"], follow: ["4"] };
  const own = { ...forty, keys };

  test("a digit without a command starts a count without a time limit, in panes as well", () => {
    expect(findKeyProblem(keys)).toBeNull();
    expect(selectedId(pressAfter(60_000, own, "3", "j"))).toBe("t4");
    const inPane = press(pressAfter(60_000, own, "2", "z"), "1", "5", "G");
    expect([inPane.tab, inPane.cursors.token]).toEqual(["token", 14]);
    expect(press(own, "3").tab).toBe("summary");
  });

  test("one that is another command's does what that does, but within a count it is a digit", () => {
    expect(press(own, "9").input).toEqual({ kind: "export" });
    expect(press(own, "4").isFollowing).toBe(true);
    expect(selectedId(press(own, "1", "4", "j"))).toBe("t15");
  });

  test("a movement with another key takes counts", () => {
    expect(selectedId(press({ ...forty, keys: { down: ["v"] } }, "5", "v"))).toBe("t6");
  });
});

test("the typed digits are shown until Escape, the movement, or the time limit of a tab", async () => {
  const screen = openTestScreen({ columns: 80, rows: 24 });
  onTestFinished(() => screen.end());
  screen.tell({ type: "hello", title: "demo x", mode: "demo" }, rows(40));
  screen.press("g", "1", "2");
  expect((await screen.lines()).at(-2)).toMatch(/12_ +\? help {2}q quit/);
  screen.press("escape");
  expect((await screen.lines()).at(-2)).not.toContain("12_");
  screen.press("1", "2", "j");
  expect(await screen.text()).toMatch(/> {2}t13/);
  screen.press("4");
  expect((await screen.lines()).at(-2)).toMatch(/4_ +\? help/);
  await expect.poll(async () => (await screen.lines()).at(-2), { timeout: 20_000 }).not.toContain("4_");
  expect(await screen.text()).toContain("[4 Headers]");
});
