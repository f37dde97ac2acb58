import { expect, onTestFinished, test } from "vitest";
import { pseudonymsFromKey } from "../../../src/app/pseudonyms.ts";
import { decodeTransaction } from "../../../src/decoders/messages/decode-transaction.ts";
import { filterSubject } from "../../../src/filter/subject.ts";
import { sanitiseTransaction } from "../../../src/sanitising/sanitise.ts";
import { outerToken } from "../../diagnosis/story.ts";
import { transaction } from "../../sanitising/transaction-maker.ts";
import { openTestScreen, type TestScreen } from "../../support/terminal-screen.ts";
import { analysis, subject } from "../row-maker.ts";

const hostile = '/x" | status=200 \u001b]0;owned\u0007\\';
const finding = {
  code: "BASIC_FALLBACK",
  severity: "alarm",
  message: "A service signed in with Basic.",
  remedy: "Change that password.",
  evidence: ["t2"],
  count: 1,
} as const;

function open(columns = 120, rows = 36): TestScreen {
  const screen = openTestScreen({ columns, rows });
  onTestFinished(() => screen.end());
  screen.tell(
    { type: "hello", title: "demo x", mode: "demo" },
    {
      type: "rows",
      lost: 0,
      rows: [
        subject("t1", { host: "a.example", status: 401, auth: "anon" }),
        subject("t2", { host: "b.example", auth: "BASIC", path: hostile }, { findings: ["BASIC_FALLBACK"] }),
        subject("t3", { host: "a.example", status: null }),
        subject("t4", { host: "b.example", path: "/other" }),
      ],
    },
    { type: "analysis", analysis: analysis({ findings: [finding] }) },
  );
  return screen;
}

const filtered = async (screen: TestScreen): Promise<readonly string[]> => {
  await expect.poll(() => screen.store.state().job).toBeNull();
  const shown = (await screen.text()).matchAll(/^[> ][!wx* ][a-z ](t\d+) /gm);
  return [...shown].map(([, id = ""]) => id);
};
const textOf = (screen: TestScreen): string => screen.store.state().filter.text;

test("+ and a column: only rows with its value; the line of the filter is open with it, and Enter keeps it", async () => {
  const screen = open();
  screen.press("g", "+");
  expect((await screen.lines()).at(-2)).toMatch(/only rows with this: h host {2}p path .*Enter host/);
  screen.press("h");
  expect(await filtered(screen)).toEqual(["t1", "t3"]);
  expect(await screen.text()).toMatch(/\/host=a\.example_ +2 of 4 · host is a\.example/);
  screen.press("enter");
  expect(screen.store.state().input).toBeNull();
  expect(await screen.text()).toContain("/host=a.example");
});

test("- excludes the rows with the value, and Escape undoes it", async () => {
  const screen = open();
  screen.press("g", "-", "h");
  expect(await filtered(screen)).toEqual(["t2", "t4"]);
  expect(textOf(screen)).toBe("!host=a.example");
  screen.press("escape");
  expect(await filtered(screen)).toEqual(["t1", "t2", "t3", "t4"]);
  expect(textOf(screen)).toBe("");
});

test("a further condition is added to the filter, Escape undoes only that one, and the same key repeats the last column", async () => {
  const screen = open();
  screen.press("/");
  screen.type("status=401 | host=b.example");
  screen.press("enter");
  expect(await filtered(screen)).toEqual(["t1", "t2", "t4"]);
  screen.press("g", "-", "s");
  expect(await filtered(screen)).toEqual(["t2", "t4"]);
  expect(textOf(screen)).toBe("(status=401 | host=b.example) & !status=401");
  screen.press("escape");
  expect(await filtered(screen)).toEqual(["t1", "t2", "t4"]);
  screen.press("G", "+", "+");
  await filtered(screen);
  expect(textOf(screen)).toBe("(status=401 | host=b.example) & status=200");
});

test("what can be written on is the filter language, whatever the traffic holds, and nothing of it reaches the terminal", async () => {
  const screen = open();
  screen.press("g", "j", "+", "p");
  expect(await filtered(screen)).toEqual(["t2"]);
  expect(await screen.text()).toContain('/path="/x\\" | status=200 \\x1b]0;owned\\x07\\\\"_');
  screen.type(" & auth=basic");
  expect(await filtered(screen)).toEqual(["t2"]);
  expect([screen.titles, screen.commands]).toEqual([[], []]);
});

test("without the value, without a row, with another key or for a filter that is too long nothing changes, and a notice says why", async () => {
  const screen = open();
  screen.press("+", "f");
  expect(await screen.text()).toContain("this row has no finding");
  screen.press("+", "s");
  await filtered(screen);
  screen.press("enter", "g", "+", "enter");
  expect(await screen.text()).toContain("the filter already has this condition");
  screen.press("+", "Z");
  expect([textOf(screen), screen.store.state().input]).toEqual(["status=200", null]);
  screen.tell({ type: "rows", lost: 0, rows: [subject("t5", { path: `/${"y".repeat(600)}` })] });
  screen.press("G", "+", "p");
  expect(await screen.text()).toContain("the filter would be too long");
  const empty = openTestScreen({ columns: 80, rows: 24 });
  onTestFinished(() => empty.end());
  empty.press("+");
  expect(await empty.text()).toContain("no row is selected");
});

test("in a pane it is the value of the line: a header field, a claim, a finding", async () => {
  const screen = open();
  const safe = sanitiseTransaction(
    transaction({
      headers: [
        ["User-Agent", "Skype \u001b[2J"],
        ["Authorization", "Basic c3ZjOnB3"],
      ],
    }),
    pseudonymsFromKey(new Uint8Array(8)),
  );
  screen.press("g", "j", ":");
  screen.type("show headers");
  screen.press("enter");
  screen.tell({ type: "detail", id: "t2", transaction: { ...safe, id: "t2" } });
  const [, lines = ""] = /(User-Agent[\s\S]*)/.exec(await screen.text()) ?? [];
  expect(lines).toContain("User-Agent: Skype \\x1b[2J");
  const place = (await screen.text()).split("\n").findIndex((line) => line.includes("User-Agent"));
  const first = (await screen.text()).split("\n").findIndex((line) => line.includes("│ POST https"));
  screen.press(...Array.from({ length: place - first }, () => "j"), "+");
  expect(screen.sent.at(-1)).toEqual({ type: "search", text: 'header.user-agent="Skype \\x1b[2J"' });
  screen.press("escape");
  expect(screen.sent.at(-1)).toEqual({ type: "search", text: "" });
  screen.press("!", "-");
  expect(await filtered(screen)).toEqual(["t1", "t3", "t4"]);
  expect(textOf(screen)).toBe("!finding=BASIC_FALLBACK");
});

test("on the line of a secret it asks for a column of the row, and an unmasked value is not used in a filter", async () => {
  const screen = open();
  screen.press("g", "j", ":");
  screen.type("show headers");
  screen.press("enter");
  const plain = transaction({
    headers: [
      ["Authorization", "Bearer secret"],
      ["X-Name", "person"],
    ],
    host: "h",
  });
  screen.tell({ type: "unmasked", id: "t2", transaction: { ...plain, id: "t2" } });
  const lineOf = async (text: string): Promise<number> =>
    (await screen.lines()).findIndex((line) => line.includes(text)) -
    (await screen.lines()).findIndex((line) => line.includes("UNMASKED"));
  screen.press(...Array.from({ length: await lineOf("Authorization") }, () => "j"), "+");
  expect(screen.store.state().input).toEqual({ kind: "cell", how: "only" });
  screen.press("escape", "j", "+");
  expect(await screen.text()).toContain("an unmasked value cannot be used in a filter");
  expect(textOf(screen)).toBe("");
});

test("the claims that a row knows are values of lines, too", async () => {
  const screen = openTestScreen({ columns: 120, rows: 36 });
  onTestFinished(() => screen.end());

  const carried = { ...transaction({ headers: [["Authorization", `Bearer ${outerToken()}`]] }), id: "t1" };
  const known = filterSubject(subject("t1").row, decodeTransaction(carried), []);
  screen.tell({ type: "hello", title: "x", mode: "demo" }, { type: "rows", lost: 0, rows: [known, subject("t2")] });
  screen.press("g", ":");
  screen.type("show token");
  screen.press("enter");
  screen.tell({ type: "unmasked", id: "t1", transaction: carried });
  const lines = await screen.lines();
  const down = lines.findIndex((line) => /│ +aud /.test(line)) - lines.findIndex((line) => line.includes("UNMASKED"));
  screen.press(...Array.from({ length: down }, () => "j"), "+");
  expect(await filtered(screen)).toEqual(["t1"]);
  expect(textOf(screen)).toMatch(/^aud=/);
});

test("on a screen of 60 columns the question and the line fit", async () => {
  const screen = open(60, 16);
  screen.press("+");
  expect((await screen.lines()).at(-2)).toMatch(/^ only rows with this: h host.*… Enter host/);
  screen.press("m");
  expect((await screen.lines()).at(-2)).toContain("/method=POST_");
});
