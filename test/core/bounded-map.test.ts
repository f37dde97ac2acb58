import { expect, test } from "vitest";
import { boundedMap } from "../../src/core/bounded-map.ts";

test("forgets the entry that was used longest ago, and gives it back", () => {
  const map = boundedMap<string, number>(2);
  expect(map.set("a", 1)).toBeUndefined();
  expect(map.set("b", 2)).toBeUndefined();
  expect(map.get("a")).toBe(1);
  expect(map.set("c", 3)).toBe(2);
  expect([...map.values()]).toEqual([1, 3]);
  expect(map.get("b")).toBeUndefined();
});

test("setting again renews and does not grow", () => {
  const map = boundedMap<string, number>(2);
  map.set("a", 1);
  map.set("b", 2);
  map.set("a", 3);
  expect(map.set("c", 4)).toBe(2);
  map.delete("a");
  expect([...map.values()]).toEqual([4]);
});
