import { expect, test } from "vitest";
import { memoize } from "../../src/core/memoize.ts";

function counting(limit: number): { readonly length: (text: string) => number; readonly asked: string[] } {
  const asked: string[] = [];
  const length = memoize(limit, (text) => {
    asked.push(text);
    return text.length;
  });
  return { length, asked };
}

test("the same text is worked on once", () => {
  const { length, asked } = counting(2);
  expect([length("a"), length("bb"), length("a"), length("bb")]).toEqual([1, 2, 1, 2]);
  expect(asked).toEqual(["a", "bb"]);
});

test("no more answers are kept than the limit, and none of a long text", () => {
  const { length, asked } = counting(2);
  for (const text of ["a", "b", "c", "a"]) length(text);
  expect(asked).toEqual(["a", "b", "c", "a"]);
  const long = "x".repeat(20_000);
  length(long);
  expect(length(long)).toBe(20_000);
  expect(asked.filter((text) => text === long)).toHaveLength(2);
});
