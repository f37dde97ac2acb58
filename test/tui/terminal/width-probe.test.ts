import xterm from "@xterm/headless";
import { describe, expect, onTestFinished, test } from "vitest";
import { setAmbiguousWide, widthOf } from "../../../src/tui/lines/cell-text.ts";
import { type Key, KeyReader } from "../../../src/tui/terminal/parse-keys.ts";
import { startWidthProbe, widthQuestion } from "../../../src/tui/terminal/width-probe.ts";
import { drawWide, openTestScreen } from "../../support/terminal-screen.ts";
import { subject } from "../row-maker.ts";

/** A terminal that answers the question, after the keys of `typed`. Returns what the screen learns and which keys it reads. */
async function ask(how: {
  readonly isWide: boolean;
  readonly typed?: string;
}): Promise<{ readonly isWide: boolean; readonly keys: readonly Key[]; readonly line: string }> {
  const terminal = new xterm.Terminal({ cols: 80, rows: 24, allowProposedApi: true });
  if (how.isWide) drawWide(terminal);
  let isWide = false;
  const probe = startWidthProbe(() => {
    isWide = true;
  }, 60_000);
  const reader = new KeyReader();
  const keys: Key[] = [];
  const take = (text: string): void => {
    for (const key of reader.push(text)) {
      if (key.name === "cursor-report") probe.reportColumn(key.column);
      else keys.push(key);
    }
  };
  take(how.typed ?? "");
  // In pieces, as over a slow line.
  terminal.onData((answer) => [...answer].forEach(take));
  await new Promise<void>((resolve) => terminal.write(widthQuestion, resolve));
  await probe.settled;
  return { isWide, keys, line: terminal.buffer.active.getLine(0)?.translateToString(true) ?? "" };
}

describe("the question at the start", () => {
  test("a narrow terminal; nothing of the question stays on the screen or is taken for a key", async () => {
    expect(await ask({ isWide: false })).toEqual({ isWide: false, keys: [], line: "" });
  });

  test("one that draws lines and dots wide", async () => {
    expect(await ask({ isWide: true })).toEqual({ isWide: true, keys: [], line: "" });
  });

  test("keys that were typed meanwhile are keys", async () => {
    const { keys } = await ask({ isWide: true, typed: "j\u001b[A" });
    expect(keys).toEqual([{ name: "character", character: "j" }, { name: "up" }]);
  });

  test("a terminal without an answer counts as narrow, and a late answer is ignored", async () => {
    let isWide = false;
    const probe = startWidthProbe(() => {
      isWide = true;
    }, 1);
    await probe.settled;
    probe.reportColumn(7);
    expect(isWide).toBe(false);
  });
});

describe("on a terminal that draws them wide", () => {
  function open(): ReturnType<typeof openTestScreen> {
    const screen = openTestScreen({ columns: 120, rows: 36 }, { isWide: true });
    onTestFinished(() => {
      screen.end();
      setAmbiguousWide(false);
    });
    screen.tell({ type: "hello", title: "x", mode: "demo" });
    return screen;
  }

  test("widths are as it draws, our own signs become ASCII, and text of the traffic stays as it is", async () => {
    const screen = open();
    screen.store.adoptWideCells();
    expect([widthOf("Ж│…"), widthOf("漢"), widthOf("abc")]).toEqual([4, 2, 3]);
    screen.tell({
      type: "rows",
      lost: 0,
      rows: [subject("t1"), subject("t2", { host: "Жук.example", path: `/${"Я漢".repeat(40)}` })],
    });
    const lines = await screen.lines();
    const text = lines.join("\n");
    expect(text).toContain("Жук.example");
    expect(text).toMatch(/\/Я漢Я漢[^…]*~/);
    expect(text).not.toMatch(/[│─…→┬]/);
    expect(text).toContain("S>X");
    // Every cell after the wide ones is where it is in a row without them.
    const [plain = "", wide = ""] = ["t1", "t2"].map((id) => lines.find((line) => line.includes(` ${id} `)) ?? "");
    expect(wide).toContain("Жук");
    expect(widthOf(wide)).toBe(widthOf(plain));
  });

  test("a notice reports it, but not on a screen that draws only ASCII", async () => {
    const screen = open();
    screen.store.adoptWideCells();
    expect(await screen.text()).toContain("this terminal draws lines and dots two columns wide");
    const ascii = open();
    ascii.tell({ type: "hello", title: "x", mode: "demo", settings: { theme: "mono", isAscii: true, keys: {} } });
    ascii.store.adoptWideCells();
    expect(await ascii.text()).not.toContain("two columns wide");
  });
});
