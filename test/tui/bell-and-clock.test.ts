import { describe, expect, onTestFinished, test } from "vitest";
import type { ScreenSettings } from "../../src/tui/model/messages.ts";
import { startBell } from "../../src/tui/terminal/bell.ts";
import { openTestScreen, type TestScreen } from "../support/terminal-screen.ts";
import { analysis, handshake, subject } from "./row-maker.ts";

const [good, fallback, refused] = [
  handshake({ endedAt: Date.UTC(2026, 0, 15, 12, 4, 31), steps: [] }),
  handshake({ id: "h2", verdict: "basic-fallback" }),
  handshake({ id: "h3", verdict: "oauth-rejected" }),
];

function open(settings: Partial<ScreenSettings>, columns = 120): TestScreen {
  const screen = openTestScreen({ columns, rows: 36 });
  onTestFinished(() => screen.end());
  const all = { theme: "mono", isAscii: false, keys: {}, ...settings };
  screen.tell({ type: "hello", title: "watch", mode: "live", settings: all });
  return screen;
}

describe("the bell", () => {
  test("rings at the first fallback and at the first refused token, never again for the same", () => {
    const rung: number[] = [];
    let now = 0;
    const bell = startBell(() => rung.push(now));
    for (const [at, ...handshakes] of [
      [0, good],
      [1000, good, fallback],
      [20_000, good, fallback, { ...fallback, id: "h4" }],
      [40_000, fallback, refused],
      [80_000, fallback, refused, { ...refused, id: "h5" }],
    ] as const) {
      now = at;
      bell.hear(handshakes, at);
    }
    expect(rung).toEqual([1000, 40_000]);
  });

  test("two alarms together, or soon after each other, ring once", () => {
    let rung = 0;
    const bell = startBell(() => {
      rung += 1;
    });
    bell.hear([fallback], 0);
    bell.hear([fallback, refused], 9999);
    bell.hear([fallback, refused], 60_000);
    expect(rung).toBe(1);
  });

  test("is heard on the terminal where it was asked for, and nowhere else", async () => {
    for (const [hasBell, times] of [
      [true, 1],
      [false, 0],
    ] as const) {
      const screen = open({ hasBell });
      screen.tell({ type: "analysis", analysis: analysis({ handshakes: [good] }) });
      for (let again = 0; again < 3; again += 1) {
        screen.tell({ type: "analysis", analysis: analysis({ handshakes: [good, fallback] }) });
      }
      expect((await screen.lines())[1]).toMatch(/BASIC FALLBACK/);
      expect(screen.bells()).toBe(times);
    }
  });
});

describe("a quiet screen", () => {
  const started = Date.UTC(2026, 0, 15, 12, 5);

  /** Frames that a minute without traffic costs. */
  async function framesOfMinute(screen: TestScreen): Promise<number> {
    screen.tell(
      { type: "rows", lost: 0, rows: [subject("t1")] },
      { type: "analysis", analysis: analysis({ handshakes: [good] }) },
    );
    screen.store.tick(started);
    screen.store.draw();
    await screen.lines();
    let frames = 0;
    screen.store.subscribe(() => {
      frames += 1;
    });
    for (let second = 1; second <= 60; second += 1) {
      screen.store.tick(started + second * 1000);
      // What the tick has asked to be drawn is drawn before the next one.
      if (screen.store.isFrameDue()) screen.store.draw();
    }
    return frames;
  }

  test("draws nothing while nothing happens; the usual one has its clock", async () => {
    const quiet = open({ isQuiet: true });
    expect(await framesOfMinute(quiet)).toBe(0);
    expect(await quiet.text()).not.toMatch(/UTC|\d\/s/);
    const usual = open({ isQuiet: false });
    expect(await framesOfMinute(usual)).toBe(60);
    expect(await usual.text()).toMatch(/\d\/s [▁ ]+.* 12:06:00 UTC/);
  });

  test("but draws changes: rows, a verdict that becomes stale, a notice that expires", async () => {
    const screen = open({ isQuiet: true });
    await framesOfMinute(screen);
    screen.tell({ type: "notice", text: "somebody said this" });
    screen.store.tick(started + 61_000);
    screen.store.tick(started + 70_000);
    expect(screen.store.isFrameDue()).toBe(true);
    screen.store.draw();
    expect(await screen.text()).not.toContain("somebody said this");
    screen.store.tick(started + 40 * 60_000);
    expect(screen.store.isFrameDue()).toBe(true);
    screen.store.draw();
    expect((await screen.lines())[0]).toMatch(/STALE {2}last seen at 12:04:31/);
    screen.store.tick(started + 50 * 60_000);
    expect(screen.store.isFrameDue()).toBe(false);
  });
});
