import { expect, test } from "vitest";
import { recentMap } from "../../src/core/recent-map.ts";

test("holds the entries that were used last, and less than twice as many", () => {
  const map = recentMap<string, number>(3);
  for (let number = 0; number < 50; number += 1) {
    map.set(`k${number}`, number);
    const held = Array.from({ length: 50 }, (_, one) => one).filter((one) => one > number - 3 && one <= number);
    expect(held.map((one) => map.get(`k${one}`))).toEqual(held);
  }
  const left = Array.from({ length: 50 }, (_, one) => map.get(`k${one}`)).filter((value) => value !== undefined);
  expect(left.length).toBeLessThan(6);
});

test("what is read is not forgotten, however much comes after it", () => {
  const map = recentMap<string, number>(2);
  map.set("kept", 1);
  for (let number = 0; number < 100; number += 1) {
    map.set(`other ${number}`, number);
    expect(map.get("kept")).toBe(1);
  }
  expect(map.get("other 0")).toBeUndefined();
});

test("setting again replaces the value", () => {
  const map = recentMap<string, number>(4);
  map.set("a", 1);
  map.set("a", 2);
  expect(map.get("a")).toBe(2);
});
