// Long texts broken to a width.
import { describe, expect, test } from "vitest";
import { piecesOf, widthOf, wrap } from "../../../src/tui/lines/cell-text.ts";
import { lineWidth } from "../../../src/tui/lines/screen-line.ts";
import { wrapSpans } from "../../../src/tui/lines/wrap-spans.ts";

describe("the pieces of a text", () => {
  test.each([
    ["wide", "漢字".repeat(10_000)],
    ["mixed", `é${"a".repeat(60_000)}漢`],
    ["one character of a thousand columns", `ｶ${"ﾞ".repeat(1000)}`],
    ["plain", "a".repeat(1000)],
    ["empty", ""],
  ])("fit and leave nothing out: %s", (_, text) => {
    const pieces = piecesOf(text, { first: 3, others: 71 });
    expect(pieces.map((piece) => piece.text).join("")).toBe(text);
    expect(pieces.every((piece, at) => piece.width <= (at === 0 ? 3 : 71))).toBe(true);
    const full = pieces.slice(1, -1).every(({ width }) => width >= 70);
    expect(full).toBe(true);
  });

  test("what belongs together stays in one piece", () => {
    expect([..."ae\u0301👍🏽"].length).toBe(5);
    expect(piecesOf("ae\u0301👍🏽", { first: 0, others: 2 }).map(({ text }) => text)).toEqual(["", "ae\u0301", "👍🏽"]);
  });
});

test.each([0, -3])("with room for %i columns the work ends, and nothing is left out", (columns) => {
  for (const text of ["plain", "漢字"]) {
    const pieces = piecesOf(text, { first: columns, others: columns });
    expect(pieces.map((piece) => piece.text).join("")).toBe(text);
    const lines = wrapSpans([[text.repeat(10), "plain"]], 8, " ".repeat(8 - columns));
    expect(lines.map((line) => line.at(-1)?.[0]).join("")).toBe(text.repeat(10));
  }
});

test("spans are broken where the line ends, what was written out only where it is longer than a line", () => {
  const lines = wrapSpans(
    [
      ["name: ", "strong"],
      ["漢字漢字", "plain"],
      ["\\x1b", "escape"],
      ["abcdefghijkl", "plain"],
      ["\\u{10ffff}\\u{10ffff}", "escape"],
    ],
    12,
    "  ",
  );
  expect(lines.map((line) => line.map(([text]) => text).join(""))).toEqual([
    "name: 漢字漢",
    "  字\\x1babcd",
    "  efghijkl\\u",
    "  {10ffff}\\u",
    "  {10ffff}",
  ]);
  expect(lines.every((line) => lineWidth(line) <= 12)).toBe(true);
});

test("a very long word takes as many lines as it needs", () => {
  const word = "Я漢".repeat(5000);
  const lines = wrap(`two words ${word}`, 41);
  expect(lines.join("")).toBe(`two words ${word}`);
  expect(lines.slice(1, -1).every((line) => line.length >= 26)).toBe(true);
});

test("a long text is as wide as its parts", () => {
  const part = "abc漢é e\u0301x👍🏽 ";
  expect(widthOf(part)).toBe(12);
  expect(widthOf(part.repeat(100))).toBe(1200);
});
