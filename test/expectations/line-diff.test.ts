import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { diffLines } from "../../src/expectations/line-diff.ts";

describe("line differences", () => {
  test("show removed and added lines with two lines around", () => {
    const before = ["1", "2", "3", "4", "5", "6", "7", "8"];
    const after = ["1", "2", "3", "4", "five", "6", "7", "8"];
    expect(diffLines(before, after).map(({ kind, text }) => `${kind} ${text}`)).toEqual([
      "skipped ",
      "kept 3",
      "kept 4",
      "removed 5",
      "added five",
      "kept 6",
      "kept 7",
      "skipped ",
    ]);
  });

  test("are nothing for equal texts", () => {
    expect(diffLines(["a", "b"], ["a", "b"]).filter(({ kind }) => kind !== "skipped")).toEqual([]);
  });

  test("of very long texts are reported as replaced", () => {
    const lines = (word: string): string[] => Array.from({ length: 2_100 }, (_, index) => `${word}${index}`);
    const changes = diffLines(lines("a"), lines("b"));
    expect(changes.filter(({ kind }) => kind === "removed")).toHaveLength(2_100);
    expect(changes.filter(({ kind }) => kind === "added")).toHaveLength(2_100);
  });

  test("of any two texts give both back", () => {
    const lines = fc.array(fc.constantFrom("a", "b", "c", "d"), { maxLength: 12 });
    fc.assert(
      fc.property(lines, lines, (before, after) => {
        const changes = diffLines(before, after);
        // Only the changed lines are whole; kept ones may be skipped.
        const removed = changes.filter(({ kind }) => kind === "removed").length;
        const added = changes.filter(({ kind }) => kind === "added").length;
        expect(before.length - removed).toBe(after.length - added);
      }),
    );
  });
});
