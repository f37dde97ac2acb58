// Whole screens on a terminal in memory.
import { describe, expect, onTestFinished, test } from "vitest";
import type { HttpTransaction } from "../../src/core/http-transaction.ts";
import { sanitiseTransaction } from "../../src/sanitising/sanitise.ts";
import { pseudonymsOf } from "../../src/sinks/pseudonyms.ts";
import type { ToScreen } from "../../src/tui/messages.ts";
import { monoTheme } from "../../src/tui/screen-line.ts";
import { paneNames } from "../../src/tui/view-state.ts";
import { transaction } from "../sanitising/transaction-maker.ts";
import { openTestScreen, type TestScreen } from "../support/terminal-screen.ts";
import { analysis, handshake, row } from "./row-maker.ts";

function open(columns: number, rows: number, theme?: Parameters<typeof openTestScreen>[1]): TestScreen {
  const screen = openTestScreen({ columns, rows }, theme);
  onTestFinished(() => screen.end());
  return screen;
}

const finding = {
  code: "BASIC_FALLBACK",
  severity: "alarm",
  message: "A service signed in with Basic.",
  remedy: "Change that password.",
  evidence: ["t2"],
  count: 2,
} as const;
const fallback = handshake({ id: "h2", verdict: "basic-fallback", principal: null, realm: "" });
const both: readonly ToScreen[] = [
  { type: "hello", title: "demo x", mode: "demo" },
  { type: "rows", lost: 0, rows: [row("t1"), row("t2", { auth: "BASIC", worst: "alarm", handshakeId: "h2" })] },
  { type: "analysis", analysis: analysis({ handshakes: [handshake(), fallback], findings: [finding] }) },
];

const sizes = [
  [60, 16],
  [80, 24],
  [120, 36],
  [200, 50],
] as const;

describe.each(sizes)("%i x %i", (columns, rows) => {
  test("the verdicts stand first, the worst above, none hiding the other; the last line stays free", async () => {
    const screen = open(columns, rows);
    screen.tell(...both);
    const lines = await screen.lines();
    expect(lines[0]).toMatch(/^\[!!\] BASIC FALLBACK/);
    expect(lines[1]).toMatch(/^\[OK\] OAuth CONFIRMED {2}realm 7f3c1e2a-…-90aa/);
    expect(lines[2]).toContain("demo x");
    expect(lines[3]).toContain("auth");
    expect(lines.some((line) => line.startsWith(">!t2"))).toBe(true);
    expect(lines.at(-2)).toContain("follow");
    expect(lines.at(-1)).toBe("");
  });

  test.each(paneNames)("the %s pane fits, and nothing wipes the terminal", async (pane) => {
    const screen = open(columns, rows);
    const long = transaction({
      headers: [["X-Long", "x".repeat(5000)]],
      body: `<a>${"<b/>".repeat(3000)}</a>`,
      answer: "y",
    });
    screen.tell(...both);
    screen.store.press({ name: "character", character: String(paneNames.indexOf(pane) + 1) });
    screen.tell({ type: "detail", id: "t2", transaction: safe(long) });
    const lines = await screen.lines();
    expect(lines.at(-2)).toContain("follow");
    expect(lines.at(-1)).toBe("");
    // biome-ignore lint/suspicious/noControlCharactersInRegex: the codes that clear a screen or its history
    expect(screen.written()).not.toMatch(/\x1b\[[23]J/);
  });
});

function safe(plain: HttpTransaction): ReturnType<typeof sanitiseTransaction> {
  return sanitiseTransaction(plain, pseudonymsOf(new Uint8Array(8)));
}

test("a window that is too small still shows the verdict", async () => {
  const screen = open(30, 6);
  screen.tell(...both);
  const lines = await screen.lines();
  expect(lines[0]).toMatch(/^\[!!\] BASIC FALLBACK/);
  expect(lines.join("\n")).toContain("too small");
});

test("before any traffic it says that it waits", async () => {
  const screen = open(80, 24);
  screen.tell({ type: "hello", title: "watch", mode: "live" }, { type: "notice", text: "forward 127.0.0.1:1" });
  const lines = await screen.lines();
  expect(lines[0]).toBe("[..] WAITING  no traffic yet");
  expect(lines[1]).toContain("forward 127.0.0.1:1");
});

test("findings say what to do, the handshake is a ladder, the checklist does not call unseen broken", async () => {
  const screen = open(120, 36);
  screen.tell(...both);
  expect((await screen.lines()).join("\n")).toMatch(
    /ALARM BASIC_FALLBACK x2 {2}\(t2\)[\s\S]*What to do: Change that password\./,
  );
  screen.store.press({ name: "character", character: "2" });
  const ladder = (await screen.lines()).join("\n");
  expect(ladder).toMatch(/\[OK\] client -> server {3}asks without a token +t1/);
  expect(ladder).toMatch(/\[--\] client -> STS .* not seen in this capture/);
  expect(ladder).toMatch(/\[XX\] client <- server {3}answers +t2/);
  screen.store.press({ name: "character", character: "6" });
  screen.tell({
    type: "analysis",
    analysis: analysis({ checklist: [{ sign: "archived-messages", isSeen: false, evidence: [] }] }),
  });
  expect((await screen.lines()).join("\n")).toContain(
    "[--] Archived messages are written to Purges: not seen in this capture",
  );
});

test("a pane asks once for the transaction it shows", async () => {
  const screen = open(80, 24);
  screen.tell(...both);
  expect(screen.sent).toEqual([]);
  screen.store.press({ name: "character", character: "3" });
  screen.store.press({ name: "character", character: "4" });
  expect(screen.sent).toEqual([{ type: "want-detail", id: "t2" }]);
  screen.tell({ type: "detail", id: "t2", transaction: null });
  expect((await screen.lines()).join("\n")).toContain("no longer in memory");
});

test("without colours the same words stand there", async () => {
  const screen = open(80, 24, monoTheme);
  screen.tell(...both);
  expect((await screen.lines())[0]).toMatch(/^\[!!\] BASIC FALLBACK/);
  // biome-ignore lint/suspicious/noControlCharactersInRegex: SGR colours
  expect(screen.written()).not.toMatch(/\x1b\[(?:\d+;)*3[0-7]m/);
});

const hostile = [
  "\u001b]0;owned\u0007",
  "\u001b]52;c;eA==\u0007",
  "\u001b]8;;http://evil.example\u0007x\u001b]8;;\u0007",
  "\u001b]2;unterminated",
  "\u009d0;owned\u009c",
  "BASIC\rOAuth CONFIRMED",
  "\b\b\b\u0000\u0007\u000e",
  "\u001b[8mhidden\u001b[2J\u001b[H\u001bc",
  "\u202egnp.exe\u2066",
  "\u200b\ufeff\u{e0041}",
  "漢字".repeat(200),
  `e${"\u0301".repeat(300)}`,
];

test.each(hostile)("%j in every field moves and hides nothing", async (text) => {
  const screen = open(120, 36);
  const evil = row("t3", { method: text, host: text, path: text, auth: text, detail: text, client: text });
  screen.tell(...both, { type: "rows", lost: 0, rows: [evil] }, { type: "notice", text });
  for (const pane of paneNames) {
    screen.store.press({ name: "character", character: String(paneNames.indexOf(pane) + 1) });
    screen.tell({
      type: "detail",
      id: "t3",
      transaction: safe(
        transaction({
          target: `/${text}`,
          headers: [["User-Agent", text]],
          status: 401,
          answerHeaders: [["x-ms-diagnostics", text]],
        }),
      ),
    });
    const lines = await screen.lines();
    expect(lines[0]).toMatch(/^\[!!\] BASIC FALLBACK/);
    expect(lines.filter((line) => line.startsWith(">"))).toHaveLength(1);
    expect(lines.at(-2)).toContain("follow");
    expect(lines.at(-1)).toBe("");
  }
  expect(screen.titles).toEqual([]);
  // biome-ignore lint/suspicious/noControlCharactersInRegex: what only the program itself may write
  expect(screen.written()).not.toMatch(/\x1b[\]P_^Xc]|[\x80-\x9f]|\x1b\[[23]J/);
});
