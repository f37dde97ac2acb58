import { expect, onTestFinished, test } from "vitest";
import { transaction } from "../sanitising/transaction-maker.ts";
import { openTestScreen, type TestScreen } from "../support/terminal-screen.ts";
import { subject } from "./row-maker.ts";

const body = `<a>\n<GetFolder id="1">\n${"word ".repeat(100)}GetFolder\n<c/>\n<d>GetFolder</d>\nend`;

function open(): TestScreen {
  const screen = openTestScreen({ columns: 80, rows: 24 });
  onTestFinished(() => screen.end());
  screen.tell(
    { type: "hello", title: "x", mode: "demo" },
    { type: "rows", lost: 0, rows: [subject("t1", { worst: "error" }), subject("t2")] },
  );
  return screen;
}

async function show(screen: TestScreen, tab: string): Promise<void> {
  screen.press(":");
  screen.type(`show ${tab}`);
  screen.press("enter");
  screen.tell({ type: "unmasked", id: "t2", transaction: { ...transaction({ body }), id: "t2" } });
  await screen.lines();
}

async function filter(screen: TestScreen, text: string): Promise<void> {
  screen.press("/");
  screen.type(text);
  screen.press("enter");
  if (text.includes("body")) screen.tell({ type: "found", text, ids: ["t2"], part: 1 });
  await expect.poll(() => screen.store.state().job).toBeNull();
}

test("in a text n and N go to the lines that hold what the filter looks for, round the end, with counts", async () => {
  const screen = open();
  await filter(screen, "body~getfolder");
  await show(screen, "body");
  const places: (number | undefined)[] = [];
  for (const keys of ["n", "n", "n", "n", "N", "N"]) {
    screen.press(keys);
    places.push(screen.store.state().cursors.body);
  }
  const [first = 0, second = 0, third = 0, again, back, backTwice] = places;
  expect([again, back, backTwice]).toEqual([first, third, second]);
  expect(first).toBeLessThan(second);
  // The long line in the middle is one match, however many lines it takes.
  expect(third - second).toBeGreaterThan(5);
  expect(await screen.text()).toContain("match 2 of 3 in this text");
  expect(screen.store.state().selected === null || screen.store.state().isFollowing).toBe(true);
});

test("without a match, and in the table, they go to findings as ever", async () => {
  const screen = open();
  await filter(screen, "mail");
  await show(screen, "body");
  screen.press("n");
  expect(await screen.text()).toMatch(/>! ?t1 /);
  await filter(screen, "GetFolder | mail");
  screen.press("escape", "G", "n");
  expect(await screen.text()).toMatch(/>! ?t1 /);
});

test(":goto takes the number of a row as well", async () => {
  const screen = open();
  for (const text of ["goto 1", "goto t1"]) {
    screen.press("G", ":");
    screen.type(text);
    screen.press("enter");
    expect(await screen.text()).toMatch(/>! ?t1 /);
  }
});

test("slow drawing is shown while messages arrive", async () => {
  const screen = open();
  screen.store.recordFrameTime(150);
  screen.tell({ type: "rows", lost: 0, rows: [subject("t3")] });
  expect(screen.store.state().slowFrames).toBe(1);
  expect((await screen.lines())[2]).toContain("ui 1 fps");
  screen.tell({ type: "ended" });
  expect((await screen.lines())[2]).not.toContain("fps");
});

test("and no longer when it is quick again", async () => {
  const screen = open();
  screen.store.recordFrameTime(150);
  screen.tell({ type: "rows", lost: 0, rows: [subject("t3")] });
  screen.store.recordFrameTime(5);
  screen.tell({ type: "rows", lost: 0, rows: [subject("t4")] });
  expect((await screen.lines())[2]).not.toContain("fps");
});
