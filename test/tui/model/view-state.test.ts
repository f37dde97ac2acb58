import { describe, expect, test } from "vitest";
import { shownRows, stepFilter } from "../../../src/tui/model/filtering.ts";
import { liveRowLimit, RowLog } from "../../../src/tui/model/row-log.ts";
import { selectedId, selectedIndex, tableTop } from "../../../src/tui/model/selection.ts";
import { emptyState, type ViewState } from "../../../src/tui/model/view-state.ts";
import { pressKey } from "../../../src/tui/screen/press-key.ts";
import type { KeyContext } from "../../../src/tui/update/effects.ts";
import { takeMessage, takeSecond } from "../../../src/tui/update/take-message.ts";
import { keyOf } from "../../support/terminal-screen.ts";
import { analysis, subject } from "../row-maker.ts";

const context: KeyContext = { height: 5, pane: [], paneHeight: 5, paneColumns: 80, now: Date.UTC(2026, 0, 15, 12, 30) };

/** The state after the keys, with all filtering that they began gone through. */
function press(state: ViewState, ...keys: readonly string[]): ViewState {
  return keys.reduce<ViewState>((before, key) => {
    let { state: after } = pressKey(before, keyOf(key), context);
    while (after.job?.next != null) after = stepFilter(after, 1000);
    return after;
  }, state);
}

const type = (state: ViewState, text: string): ViewState => press(state, ...text);
const rows = (...subjects: ReturnType<typeof subject>[]) => ({ type: "rows", lost: 0, rows: subjects }) as const;
const add = (state: ViewState, ...subjects: ReturnType<typeof subject>[]): ViewState =>
  takeMessage(state, rows(...subjects), 0);
const withRows = (count: number, from = 1, state = emptyState()): ViewState =>
  add(
    state,
    ...Array.from({ length: count }, (_, index) =>
      subject(`t${index + from}`, { host: index % 2 === 0 ? "a.example" : "b.example" }),
    ),
  );
const shownIds = (state: ViewState): (string | undefined)[] => {
  const shown = shownRows(state);
  return Array.from({ length: shown.count }, (_, at) => state.log.at(shown.numberAt(at) ?? -1)?.row.id);
};

describe("moving", () => {
  test("the newest row is followed until the person moves up", () => {
    const following = withRows(3);
    expect(selectedId(following)).toBe("t3");
    const moved = press(following, "up");
    expect(selectedId(moved)).toBe("t2");
    expect(moved.isFollowing).toBe(false);
    const later = add(moved, subject("t4"));
    expect(selectedId(later)).toBe("t2");
    expect(selectedId(press(later, "G"))).toBe("t4");
    expect(press(later, "G").isFollowing).toBe(true);
  });

  test("it stops at both ends", () => {
    expect(selectedId(press(withRows(3), "g", "up"))).toBe("t1");
    expect(selectedId(press(withRows(3), "down"))).toBe("t3");
    expect(selectedId(press(emptyState(), "j", "k", "g", "G", "n", "]"))).toBeNull();
  });

  test("a page is a row less than the table has", () => {
    expect(selectedId(press(withRows(20), "page-up"))).toBe("t16");
  });

  test("n and N select rows with a warning or worse, in a circle, and a notice reports when there are none", () => {
    const state = add(
      withRows(2),
      subject("t3", { worst: "error" }),
      subject("t4", { worst: "info" }),
      subject("t5", { worst: "alarm" }),
    );
    expect(selectedId(press(state, "n"))).toBe("t3");
    expect(selectedId(press(state, "n", "n"))).toBe("t5");
    expect(selectedId(press(state, "n", "N"))).toBe("t5");
    expect(press(withRows(2), "n").notice).toContain("no row");
  });

  test("[ and ] go from conversation to conversation", () => {
    const state = add(
      emptyState(),
      subject("t1", { handshakeId: "h1" }),
      subject("t2", { handshakeId: "h1" }),
      subject("t3", { handshakeId: null }),
      subject("t4", { handshakeId: "h2" }),
    );
    expect(selectedId(press(state, "["))).toBe("t2");
    expect(selectedId(press(state, "g", "]"))).toBe("t4");
    expect(press(state, "]").notice).toContain("no later conversation");
  });

  test("ten thousand new rows leave the selected row on its line of the screen", () => {
    for (const keys of [
      ["k", "k"],
      ["k", "g", "j", "j"],
      ["k", "page-up", "page-up"],
    ]) {
      const moved = press(withRows(40), ...keys);
      const line = selectedIndex(moved) - tableTop(moved, context.height);
      const later = withRows(10_000, 41, moved);
      expect(selectedId(later)).toBe(selectedId(moved));
      expect(selectedIndex(later) - tableTop(later, context.height)).toBe(line);
    }
  });

  test("F stops and starts following", () => {
    const stopped = press(withRows(3), "F");
    expect(selectedId(add(stopped, subject("t4")))).toBe("t3");
    expect(press(stopped, "F").isFollowing).toBe(true);
  });
});

describe("filtering", () => {
  test("it filters while it is typed, and shows how it was understood", () => {
    const state = type(press(withRows(4), "/"), "host=b.example");
    expect(shownIds(state)).toEqual(["t2", "t4"]);
    expect(state.filter.filter?.words).toBe("host is b.example");
    expect(shownIds(add(state, subject("t5", { host: "b.example" }), subject("t6")))).toEqual(["t2", "t4", "t5"]);
  });

  test("while the text is wrong the last good result stays, and the problem has a column", () => {
    const good = type(press(withRows(4), "/"), "host=b.example");
    const bad = type(good, " & (");
    expect(shownIds(bad)).toEqual(["t2", "t4"]);
    expect(bad.input).toMatchObject({ problem: { column: 19, text: expect.stringContaining("expected a field") } });
    expect(press(bad, "enter").input).not.toBeNull();
  });

  test("Esc brings the one before back, Enter keeps the new one, up and down bring back earlier ones", () => {
    const kept = press(type(press(withRows(4), "/"), "host=b.example"), "enter");
    expect(kept.input).toBeNull();
    const dropped = press(type(press(kept, "/"), " & id=t2"), "escape");
    expect(dropped.filter.text).toBe("host=b.example");
    expect(shownIds(dropped)).toEqual(["t2", "t4"]);
    const second = press(type(press(dropped, "/", "ctrl-u"), "id=t1"), "enter");
    expect(press(second, "/", "up", "up").filter.text).toBe("host=b.example");
    expect(press(second, "/", "up", "up", "down").filter.text).toBe("id=t1");
    expect(shownIds(press(second, "/", "ctrl-u", "enter"))).toHaveLength(4);
  });

  test("while a filter is typed, keys are text", () => {
    const state = press(withRows(2), "/", "q", "j", "backspace", "n");
    expect(state.input).toMatchObject({ kind: "filter", text: "qn" });
    const pasted = pressKey(state, { name: "paste", text: "a\r\nb" }, context).state;
    expect(pasted.input).toMatchObject({ text: "qna b" });
    expect(press(pasted, "ctrl-w").input).toMatchObject({ text: "qna " });
  });

  test("a hundred thousand rows are gone through in slices, and the old result stays until the end", () => {
    let state = type(press(withRows(50_000), "/"), "host=a.example");
    state = pressKey(state, keyOf("&"), context).state;
    state = pressKey({ ...state, input: null }, keyOf("*"), context).state;
    expect(state.job).toMatchObject({ part: 0 });
    const sliced = stepFilter(state, 2000);
    expect(shownRows(sliced).count).toBe(25_000);
    expect(sliced.job?.part).toBeCloseTo(0.04);
    let steps = 1;
    for (let next = sliced; next.job !== null; next = stepFilter(next, 2000)) steps += 1;
    expect(steps).toBe(25);
  });

  test("* shows the conversation of the row alone", () => {
    const state = add(withRows(2), subject("t3", { handshakeId: "h2" }), subject("t4", { handshakeId: null }));
    expect(shownIds(press(state, "k", "*"))).toEqual(["t3"]);
    expect(press(state, "*").notice).toContain("no conversation");
  });
});

describe("what the screen keeps", () => {
  test("it holds the newest rows, and the oldest held row replaces a selected one that was dropped", () => {
    const log = new RowLog(1000);
    let state = press(withRows(10, 1, emptyState(log)), "g");
    for (let from = 11; from < 5000; from += 500) state = withRows(500, from, state);
    expect(log.end - log.first).toBeLessThanOrEqual(1200);
    expect(log.numberOf("t1")).toBeUndefined();
    expect(selectedIndex(state)).toBe(0);
    expect(liveRowLimit).toBe(100_000);
  });

  test("pausing stops what is drawn, not what is kept", () => {
    const paused = press({ ...withRows(3), analysis: analysis() }, "p");
    const later = takeMessage(withRows(4, 4, paused), { type: "analysis", analysis: analysis({ handshakes: [] }) }, 0);
    expect(shownIds(later)).toEqual(["t1", "t2", "t3"]);
    expect(later.analysis?.handshakes).toEqual([]);
    expect(later.paused?.analysis?.handshakes).toHaveLength(1);
    expect(shownIds(press(later, "p"))).toHaveLength(7);
  });

  test("marks: a letter, there and back, and gone when set again", () => {
    const state = press(withRows(9), "k", "a", "x", "g", "'", "x");
    expect(selectedId(state)).toBe("t8");
    expect(press(state, "a", "x").marks.size).toBe(0);
    expect(press(state, "'", "z").notice).toContain("no mark z");
    expect(press(state, "a", "7").marks.size).toBe(1);
  });

  test("what was unmasked is masked after 30 s, and when the row is left", () => {
    const transaction = { id: "t3" } as never;
    const unmasked = takeMessage(withRows(3), { type: "unmasked", id: "t3", transaction }, 1000);
    expect(unmasked.detail?.unmaskedUntil).toBe(31_000);
    expect(takeSecond(unmasked, 30_999).detail).not.toBeNull();
    expect(takeSecond(unmasked, 31_000).detail).toBeNull();
    expect(press(unmasked, "k").detail).toBeNull();
    expect(press(unmasked, "m").detail).toBeNull();
    const none = takeMessage(withRows(3), { type: "unmasked", id: "t3", transaction: null }, 0);
    expect(none.notice).toContain("no longer in memory");
  });
});

describe("leaving", () => {
  const effects = (state: ViewState, ...keys: readonly string[]) => {
    const last = keys.at(-1) ?? "";
    return pressKey(press(state, ...keys.slice(0, -1)), keyOf(last), context).effects.map(({ type: kind }) => kind);
  };

  test("a finished run is left at once, during a capture it asks whether to end it", () => {
    expect(effects({ ...withRows(1), hasEnded: true }, "q")).toEqual(["send", "leave"]);
    expect(effects(withRows(1), "q")).toEqual([]);
    expect(effects(withRows(1), "q", "c")).toEqual(["leave"]);
    expect(effects(withRows(1), "q", "s")).toEqual(["send", "leave"]);
    expect(effects(withRows(1), "q", "escape")).toEqual([]);
    expect(effects(withRows(1), "interrupt", "interrupt")).toEqual(["send", "leave"]);
  });

  test("q goes back first, and Esc never leaves", () => {
    const ended = { ...withRows(1), hasEnded: true };
    expect(effects(ended, "enter", "q")).toEqual([]);
    expect(effects(ended, "enter", "q", "q")).toEqual(["send", "leave"]);
    expect(effects(ended, "escape")).toEqual([]);
  });

  test("Ctrl-Z would stop a capture with the screen, so it only stops a screen on a file", () => {
    expect(effects(withRows(1), "suspend")).toEqual([]);
    expect(effects({ ...withRows(1), mode: "replay" }, "suspend")).toEqual(["suspend"]);
  });
});

describe("the command line", () => {
  const run = (state: ViewState, line: string): ViewState => press(type(press(state, ":"), line), "enter");

  test("it selects rows, filters, changes the theme, and completes words", () => {
    expect(selectedId(run(withRows(9), "goto t4"))).toBe("t4");
    expect(run(withRows(9), "goto t44").notice).toContain("no longer held");
    expect(shownIds(run(withRows(4), "filter host=b.example"))).toEqual(["t2", "t4"]);
    expect(run(withRows(4), "filter host=").notice).toContain("column 6");
    expect(run(withRows(1), "theme mono").theme).toBe("mono");
    expect(run(withRows(1), "theme ugly").notice).toContain("themes:");
    expect(run(withRows(1), "ascii").isAscii).toBe(true);
    expect(run(withRows(1), "nothing").notice).toContain("there is no command nothing");
    expect(press(type(press(withRows(1), ":"), "exp"), "tab").input).toMatchObject({ text: "export " });
    expect(press(type(press(withRows(1), ":"), "theme co"), "tab").input).toMatchObject({ text: "theme contrast" });
    expect(press(type(press(withRows(1), ":"), "x"), "escape").input).toBeNull();
  });

  test("it exports the marked rows, else the selected one", () => {
    const wish = (state: ViewState, line: string) =>
      pressKey(type(press(state, ":"), line), keyOf("enter"), context).effects;
    const marked = press(withRows(9), "k", "a", "b", "g", "a", "a");
    expect(wish(marked, "export har")).toEqual([
      { type: "send", message: { type: "export", as: "har", ids: ["t1", "t8"], path: "" } },
    ]);
    expect(wish(withRows(2), "save x.ndjson")).toEqual([
      { type: "send", message: { type: "export", as: "ndjson", ids: ["t2"], path: "x.ndjson" } },
    ]);
    expect(run(withRows(2), "export pdf").notice).toContain("export as one of");
    expect(pressKey(press(withRows(2), "e"), keyOf("h"), context).effects).toHaveLength(1);
    expect(pressKey(press(withRows(2), "e"), keyOf("escape"), context).effects).toEqual([]);
  });
});
