import { expect, test } from "vitest";
import { mapByThreeTexts } from "../../src/handshake/map-by-three-texts.ts";

test("finds a value by all three texts, and replaces it", () => {
  const map = mapByThreeTexts<number>(8);
  map.set("r1", "one", "", 1);
  map.set("r1", "two", "", 2);
  map.set("r1", "one", "agent", 3);
  map.set("r2", "one", "", 4);
  map.set("r1", "two", "", 5);
  expect(map.get("r1", "one", "")).toBe(1);
  expect(map.get("r1", "two", "")).toBe(5);
  expect(map.get("r1", "one", "agent")).toBe(3);
  expect(map.get("r2", "one", "")).toBe(4);
  expect(map.get("r2", "two", "")).toBeUndefined();
  expect(map.get("r3", "one", "")).toBeUndefined();
});

test("one text with any number of others stays bounded, and the newest is found", () => {
  const map = mapByThreeTexts<number>(8);
  for (let number = 0; number < 1_000; number += 1) {
    map.set("same", `s${number}`, "", number);
    expect(map.get("same", `s${number}`, "")).toBe(number);
  }
  const left = Array.from({ length: 1_000 }, (_, number) => map.get("same", `s${number}`, ""));
  expect(left.filter((value) => value !== undefined).length).toBeLessThan(20);
});
