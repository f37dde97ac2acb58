import fc from "fast-check";
import { expect, test } from "vitest";
import { KnownJson } from "../../../src/app/reading/pack-events.ts";

test("the text is that of JSON.stringify, whatever came before in its place", () => {
  const value = fc.oneof(
    fc.constantFrom<object>(
      [],
      {},
      [[]],
      [{}],
      { a: 1, b: 2 },
      { b: 2, a: 1 },
      [0],
      [-0],
      [null],
      ["0"],
      { 0: 1 },
      [1],
    ),
    fc.array(fc.jsonValue(), { maxLength: 4 }),
    fc.dictionary(fc.string(), fc.jsonValue(), { maxKeys: 4 }),
  );
  fc.assert(
    fc.property(fc.array(fc.tuple(value, fc.integer({ min: 0, max: 300 })), { maxLength: 30 }), (values) => {
      const known = new KnownJson();
      for (const [one, hash] of values) {
        expect(known.text(one, hash & 1)).toBe(JSON.stringify(one));
        expect(known.text(structuredClone(one), hash & 1)).toBe(JSON.stringify(one));
      }
    }),
  );
});
