// Long lines that are not wrapped, and scrolling them sideways.
import { describe, expect, onTestFinished, test } from "vitest";
import { charactersIn, setAmbiguousWide, widthOf } from "../../../src/tui/lines/cell-text.ts";
import { lineWidth, type ScreenLine } from "../../../src/tui/lines/screen-line.ts";
import { partOfLine } from "../../../src/tui/update/horizontal-scroll.ts";
import { transaction } from "../../sanitising/transaction-maker.ts";
import { openTestScreen, type TestScreen, type TestScreenOptions } from "../../support/terminal-screen.ts";
import { analysis, subject } from "../row-maker.ts";

const long = `begin ${"0123456789".repeat(40)} end`;

interface Message {
  readonly header?: string;
  readonly body?: string;
  readonly options?: TestScreenOptions;
  readonly keys?: Readonly<Record<string, readonly string[]>>;
}

function open(
  columns: number,
  rows: number,
  { header = long, body = "", options, keys = {} }: Message = {},
): TestScreen {
  const screen = openTestScreen({ columns, rows }, options);
  onTestFinished(() => screen.end());
  const settings = { theme: "default", isAscii: false, keys };
  screen.tell(
    { type: "hello", title: "x", mode: "demo", settings },
    { type: "rows", lost: 0, rows: [subject("t1"), subject("t2")] },
    { type: "analysis", analysis: analysis() },
  );
  showHeaders(screen);
  tellDetail(screen, "t2", { header, body });
  return screen;
}

/** By its name: a digit in the table may begin a count. */
function showHeaders(screen: TestScreen): void {
  screen.press(":");
  screen.type("show headers");
  screen.press("enter");
}

function tellDetail(screen: TestScreen, id: string, { header = long, body = "" }: Message): void {
  const headers = [
    ["X-First", "1"],
    ["X-Long", header],
    ["X-Last", "3"],
  ] as const;
  // Unmasked, so that the text is the one that is looked for.
  screen.tell({ type: "unmasked", id, transaction: { ...transaction({ headers, body }), id } });
}

const sizes = [
  [60, 16],
  [80, 24],
  [90, 48],
  [120, 36],
  [200, 50],
] as const;

describe("on the screen", () => {
  test.each(sizes)("at %i x %i l shows the end of a long header and h its beginning again", async (columns, rows) => {
    const screen = open(columns, rows);
    expect(await screen.text()).toContain("w whole lines");
    screen.press("w");
    const first = await screen.text();
    expect(first).toContain("h l sideways  w break lines");
    expect(first).toMatch(/X-Long: begin 0123.*\d→$/m);
    expect(first).not.toContain(" end");
    for (let presses = 0; presses < 40 && !/\d end$/m.test(await screen.text()); presses += 1) screen.press("l");
    const last = await screen.text();
    expect(last).toMatch(/←\d+ end$/m);
    expect(last).not.toMatch(/\d→$/m);
    // Each line has its sign, also the short ones that lie to the left as a whole.
    expect(last.split("\n").filter((line) => line.includes("←")).length).toBeGreaterThan(2);
    screen.press("right");
    expect(await screen.text()).toContain("nothing lies further to the right");
    for (let presses = 0; presses < 40 && !(await screen.text()).includes("X-Long: begin"); presses += 1)
      screen.press("left");
    expect(await screen.text()).toMatch(/X-Long: begin 0123.*\d→$/m);
    screen.press("h");
    expect(await screen.text()).toContain("the lines begin here");
    screen.press("w");
    expect(await screen.text()).toMatch(/X-Long: begin 0123.*\d$/m);
    expect(await screen.text()).not.toMatch(/\d→$/m);
  });

  test("the title shows the visible columns and their number", async () => {
    const screen = open(120, 36);
    screen.press("w", "z");
    expect(await screen.text()).toContain(` columns 1-120/${"X-Long: ".length + long.length} ─`);
    screen.press("l");
    expect(await screen.text()).toContain(" columns 61-180/");
  });

  test("the keys stay on the line of the message, and y copies all of it", async () => {
    const screen = open(80, 24);
    const cursor = () => screen.store.state().cursors.headers ?? 0;
    const copied = () => screen.press("y")[0];
    for (let presses = 0; presses < 40 && !/"X-Last"/.test(JSON.stringify(copied())); presses += 1) screen.press("j");
    const broken = cursor();
    screen.press("w");
    expect(cursor()).toBeLessThan(broken);
    expect(copied()).toMatchObject({ copy: { name: "X-Last", text: "3" } });
    screen.press("k", "l");
    expect(copied()).toMatchObject({ copy: { name: "X-Long", text: long } });
    screen.press("j", "w");
    expect(cursor()).toBe(broken);
    expect(copied()).toMatchObject({ copy: { name: "X-Last", text: "3" } });
  });

  test("in the raw message and the body as well; another tab and another request begin at the beginning", async () => {
    const screen = open(80, 24, { body: `${"abcdefghij".repeat(30)}END` });
    screen.press("w", "5", "l");
    expect(await screen.text()).toMatch(/^←bcdefghijabc.*→$/m);
    screen.press("6");
    expect(await screen.text()).toContain("Request   x: as hex");
    for (let presses = 0; presses < 9; presses += 1) screen.press("j");
    screen.press("l");
    expect(await screen.text()).toMatch(/^←/m);
    screen.press("escape", "k");
    showHeaders(screen);
    tellDetail(screen, "t1", {});
    expect(await screen.text()).toMatch(/X-Long: begin 0123.*\d→$/m);
  });

  test("the next match of the filter is moved into view", async () => {
    const screen = open(80, 24);
    screen.press("/");
    screen.type("needle | EWS");
    screen.press("enter", "escape", "tab", "w");
    // While it was typed it fitted nothing, and no request was shown.
    tellDetail(screen, "t2", { header: `${"x".repeat(500)}needle${"y".repeat(500)}` });
    expect(screen.store.state().focus).toBe("detail");
    const seen: string[] = [];
    for (let presses = 0; presses < 4; presses += 1) {
      screen.press("n");
      seen.push(await screen.text());
    }
    expect(seen.some((text) => /^←x+needley+→$/m.test(text))).toBe(true);
    expect(seen.some((text) => /^POST https.*EWS/m.test(text))).toBe(true);
  });

  test("hex has sixteen bytes a line where only eight fit", async () => {
    const screen = open(60, 16);
    screen.press("x");
    expect(await screen.text()).toMatch(/^000008 /m);
    screen.press("w");
    expect(await screen.text()).toMatch(/^000010 .*→$/m);
    screen.press("l");
    expect(await screen.text()).toContain("HTTP/1.1");
  });

  test("where no lines are long, h and l go to the tabs before and after as ever", async () => {
    const screen = open(120, 36);
    screen.press("w", "1", "l");
    expect(screen.store.state().tab).toBe("token");
    showHeaders(screen);
    screen.press("escape", "l");
    expect(screen.store.state()).toMatchObject({ focus: "table", tab: "body" });
  });

  test("the help of the place explains it, and its key can be changed", async () => {
    const screen = open(120, 36, { keys: { wrap: ["W"] } });
    expect(await screen.text()).toContain("W whole lines");
    screen.press("?");
    const help = (await screen.text()).replaceAll(/\s+/g, " ");
    expect(help).toContain("h and l then scroll sideways");
    expect(help).toContain("W long lines of Headers, Body and Raw whole");
    screen.press("escape", "w");
    expect(screen.store.state().isUnwrapped).toBe(false);
    screen.press("W");
    expect(screen.store.state().isUnwrapped).toBe(true);
  });

  test.each([false, true])(
    "hostile text stays written out at every step (ambiguous signs wide: %s)",
    async (isWide) => {
      // The wide terminal in memory draws no mark over the letter before it.
      const hostile = `漢\u001b]52;c;aGk=\u0007字\u202e\u001b[2Jｶﾞ\u00e9\u0000${isWide ? "" : "e\u0301"}`.repeat(12);
      const screen = open(61, 20, { header: hostile, body: hostile, options: { isWide } });
      onTestFinished(() => setAmbiguousWide(false));
      if (isWide) screen.store.adoptWideCells();
      for (const tab of ["4", "5", "6"]) {
        screen.press(tab);
        if (!screen.store.state().isUnwrapped) screen.press("w");
        for (let step = 0; step < 60; step += 1) {
          const before = screen.store.state().shifted;
          screen.press("l");
          // Answers once the terminal shows what the frame says, cell by cell.
          await screen.lines();
          if (screen.store.state().shifted === before) break;
        }
        expect(screen.store.state().shifted.columns).toBeGreaterThan(60);
      }
      expect(screen.commands).toEqual([]);
      // biome-ignore lint/suspicious/noControlCharactersInRegex: what would wipe the terminal
      expect(screen.written()).not.toMatch(/\x1b\[[23]J|\u202e|\x00/);
    },
  );
});

/** What each column of the line shows; an empty text is the rest of what began before it. */
function cellsOf(line: ScreenLine): readonly string[] {
  return line.flatMap(([text, meaning]) => {
    const whole = meaning === "escape" ? [{ text, width: widthOf(text) }] : [...charactersIn(text)];
    return whole.flatMap((one) => Array.from({ length: one.width }, (_, at) => (at === 0 ? one.text : "")));
  });
}

describe("a part of a line", () => {
  const line: ScreenLine = [
    ["name: ", "strong"],
    ["漢字abc", "plain"],
    ["\\x1b", "escape"],
    ["\\u202e", "escape"],
    ["é漢", "plain"],
    ["plain words", "plain"],
    ["字", "plain"],
  ];
  const cells = cellsOf(line);

  test("at every place and width it is as wide as it may be, and nothing is seen by half", () => {
    for (let columns = 6; columns <= cells.length + 2; columns += 1) {
      for (let from = 0; from <= cells.length + 1; from += 1) {
        const part = partOfLine(line, from, columns);
        const text = part.map(([shown]) => shown).join("");
        const [hasLeft, hasRight] = [from > 0, cells.length > from + columns];
        expect(text.startsWith("←")).toBe(hasLeft);
        expect(text.endsWith("→")).toBe(hasRight);
        expect(lineWidth(part)).toBe(Math.min(columns, Math.max(hasLeft ? 1 : 0, cells.length - from)));
        const window = cells.slice(from + (hasLeft ? 1 : 0), from + columns - (hasRight ? 1 : 0));
        // Of what begins before the window or ends behind it only room is left.
        const start = window.findIndex((cell) => cell !== "");
        const wanted = `${" ".repeat(start === -1 ? window.length : start)}${window.slice(Math.max(0, start)).join("")}`;
        const bare = text.slice(hasLeft ? 1 : 0, hasRight ? -1 : undefined);
        const last = window.findLastIndex((cell) => cell !== "");
        const isCut = last !== -1 && last + widthOf(window[last] ?? "") > window.length;
        const cutFrom = isCut ? wanted.length - (window[last] ?? "").length : wanted.length;
        expect(bare.trimEnd(), `${from} of ${columns}`).toBe(start === -1 ? "" : wanted.slice(0, cutFrom).trimEnd());
      }
    }
  });

  test("a line that fits is left as it is, and an empty one has no signs", () => {
    expect(partOfLine(line, 0, cells.length)).toBe(line);
    expect(partOfLine([], 5, 10)).toEqual([]);
  });
});
