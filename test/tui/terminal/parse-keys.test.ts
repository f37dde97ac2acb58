import fc from "fast-check";
import { expect, test } from "vitest";
import { type Key, KeyReader } from "../../../src/tui/terminal/parse-keys.ts";

function read(...chunks: readonly string[]): readonly Key[] {
  const reader = new KeyReader();
  return [...chunks.flatMap((chunk) => reader.push(chunk)), ...reader.flush()];
}

const names = (keys: readonly Key[]): readonly string[] =>
  keys.map((key) => (key.name === "character" ? key.character : key.name));

test.each([
  ["three letters in one chunk", "jjj", ["j", "j", "j"]],
  ["arrows, normal and application mode", "\u001b[A\u001bOB\u001b[C\u001b[D", ["up", "down", "right", "left"]],
  ["home and end in three spellings", "\u001b[H\u001b[1~\u001bOF\u001b[8~", ["home", "home", "end", "end"]],
  ["pages", "\u001b[5~\u001b[6~", ["page-up", "page-down"]],
  ["tab both ways", "\t\u001b[Z", ["tab", "back-tab"]],
  ["backspace of both kinds", "\u007f\b", ["backspace", "backspace"]],
  ["Ctrl-C", "\u0003", ["interrupt"]],
  ["F1, F5 and Ctrl-D", "\u001bOP\u001b[15~\u0004", ["f1", "f5", "ctrl-d"]],
  ["a lone escape", "\u001b", ["escape"]],
  ["escape twice", "\u001b\u001b", ["escape", "escape"]],
  ["a character of two units", "😀", ["😀"]],
])("%s", (_name, text, expected) => {
  expect(names(read(text))).toEqual(expected);
});

test.each([
  ["a release of the mouse", "\u001b[<0;10;5m"],
  ["a focus report", "\u001b[I"],
  ["a key that nobody knows", "\u001b[99~\u001b[1;5P"],
  ["a device attributes reply", "\u001b[?1;2c"],
  ["a clipboard reply", "\u001b]52;c;eA==\u0007"],
  ["a string ended by ST", "\u001bP1$r0m\u001b\\"],
  ["Alt with a letter", "\u001bx"],
  ["other control characters", "\u001c\u001d\u0000"],
])("%s is swallowed, never typed", (_name, text) => {
  expect(names(read(text, "j"))).toEqual(["j"]);
});

test("a press of the mouse has its button, without Shift and its like, and its place", () => {
  expect(read("\u001b[<0;10;5M", "\u001b[<81;", "200;50M")).toEqual([
    { name: "mouse", button: 0, column: 10, row: 5 },
    { name: "mouse", button: 65, column: 200, row: 50 },
  ]);
});

test("an arrow key in two pieces is an arrow key", () => {
  expect(names(read("\u001b", "[", "A"))).toEqual(["up"]);
});

test("a paste is one key, whatever is in it", () => {
  expect(read("\u001b[200~q\u001b[A", "x\u001b[201~j")).toEqual([
    { name: "paste", text: "q\u001b[Ax" },
    { name: "character", character: "j" },
  ]);
});

test("a paste without an end is given up", () => {
  const reader = new KeyReader();
  reader.push(`\u001b[200~${"x".repeat(5000)}`);
  expect(names(reader.push("j"))).toEqual(["j"]);
});

test("the same bytes give the same keys however they are cut", () => {
  const piece = fc.constantFrom(
    "j",
    "\u001b[A",
    "\u001b[<0;1;1M",
    "\u001b]0;x\u0007",
    "\r",
    "é",
    "\u001b[200~ab\u001b[201~",
  );
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 12 }), fc.integer({ min: 1, max: 7 }), (pieces, step) => {
      const text = pieces.join("");
      const chunks = text.match(new RegExp(`.{1,${step}}`, "gsu")) ?? [];
      expect(read(...chunks)).toEqual(read(text));
    }),
  );
});

test("no input makes it throw or wait forever", () => {
  fc.assert(
    fc.property(fc.array(fc.string({ unit: "binary" })), (chunks) => {
      const reader = new KeyReader();
      for (const chunk of chunks) reader.push(chunk);
      reader.flush();
      expect(names(reader.push("j"))).toEqual(["j"]);
    }),
    { numRuns: 500 },
  );
});
