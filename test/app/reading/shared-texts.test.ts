import fc from "fast-check";
import { expect, test } from "vitest";
import { ReceivedTexts, SentTexts } from "../../../src/app/reading/shared-texts.ts";

test("both sides mean the same by a number, whatever comes and however often", () => {
  const batches = fc.array(fc.array(fc.integer({ min: 0, max: 40 }), { maxLength: 30 }), { maxLength: 20 });
  fc.assert(
    fc.property(batches, fc.integer({ min: 1, max: 20 }), (all, limit) => {
      const sent = new SentTexts<number, string>(limit);
      const told = new ReceivedTexts<string>();
      for (const batch of all) {
        told.drop(sent.begin());
        const numbers = batch.map((key) => sent.numberOf(key) ?? sent.add(key, `entry ${key}`, 10));
        for (const entry of sent.added) told.add(entry);
        expect(numbers.map((number) => told.entry(number))).toEqual(batch.map((key) => `entry ${key}`));
      }
    }),
  );
});

test("long entries are forgotten sooner", () => {
  const sent = new SentTexts<string, string>(100);
  for (const key of ["a", "b", "c"]) sent.add(key, key, 200_000);
  expect(sent.begin()).toBe(2);
  expect([sent.numberOf("b"), sent.numberOf("c")]).toEqual([undefined, 2]);
});

test("a number that was never told is a bug, not a value", () => {
  expect(() => new ReceivedTexts().entry(0)).toThrow("no entry has the number 0");
});
