import { expect, test } from "vitest";
import { startKeyJoiner } from "../../src/handshake/joined-keys.ts";

test("the key is the texts, whatever was joined before", () => {
  const join = startKeyJoiner();
  for (let round = 0; round < 3; round += 1)
    for (let number = 0; number < 1_000; number += 1) {
      const texts = [`s${number % 300}`, `u${number % 7}`, `c${number % 40}`, `${number % 2}`] as const;
      expect(join(...texts)).toBe(texts.join("\n"));
    }
});

test("texts in another order are another key", () => {
  const join = startKeyJoiner();
  expect(join("a", "b", "c", "d")).not.toBe(join("a", "b", "d", "c"));
  expect(join("a", "b", "c", "d")).not.toBe(join("a", "c", "b", "d"));
  expect(join("a", "b", "c", "d")).toBe("a\nb\nc\nd");
});
