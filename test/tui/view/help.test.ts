import { expect, onTestFinished, test } from "vitest";
import { lineWidth } from "../../../src/tui/lines/screen-line.ts";
import { tabNames } from "../../../src/tui/model/view-parts.ts";
import { emptyState } from "../../../src/tui/model/view-state.ts";
import { commands } from "../../../src/tui/update/commands.ts";
import { helpLines } from "../../../src/tui/view/help.ts";
import { openTestScreen } from "../../support/terminal-screen.ts";

const words = (text: string): string => text.replaceAll(/\s+/g, " ");

test.each([60, 80, 120, 200])(
  "at %i columns no line of any help is cut, and every key is explained whole",
  (columns) => {
    const state = emptyState();
    const places = [
      { ...state, help: "here" as const },
      ...tabNames.map((tab) => ({ ...state, tab, focus: "detail" as const, help: "here" as const })),
      { ...state, help: "all" as const },
    ];
    for (const place of places) {
      for (const { line } of helpLines(place, columns)) expect(lineWidth(line)).toBeLessThanOrEqual(columns);
    }
    const all = helpLines({ ...state, help: "all" }, columns)
      .map(({ line }) => line.map(([text]) => text).join(""))
      .join("\n");
    for (const { help } of commands) expect(words(all)).toContain(words(help));
  },
);

test("the last line shows the keys of the help, also custom ones", async () => {
  const screen = openTestScreen({ columns: 80, rows: 24 });
  onTestFinished(() => screen.end());
  const settings = { theme: "default", isAscii: false, keys: { back: ["b"] } };
  screen.tell({ type: "hello", title: "x", mode: "demo", settings });
  screen.press("?");
  expect((await screen.lines()).at(-2)).toMatch(/^ j k move {2}b back +\? all keys$/);
  screen.press("?");
  expect((await screen.lines()).at(-2)).toMatch(/^ j k move {2}b back +\? back$/);
  screen.press("?");
  expect((await screen.lines()).at(-2)).toMatch(/q quit$/);
});
