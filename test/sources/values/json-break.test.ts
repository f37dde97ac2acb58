import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { breakWords, jsonBreak } from "../../../src/sources/values/json-break.ts";

const isJson = (text: string): boolean => {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
};

test.each([
  ['{"a":1,\n "b": tru}', 2, 7],
  ['{"a":1,}', 1, 8],
  ["[1 2]", 1, 4],
  ["{a:1}", 1, 2],
  ['{"a" 1}', 1, 6],
  ['{"a":1}\n\nx', 3, 1],
  ["[01]", 1, 2],
  ["[1}", 1, 3],
  ['{"a":1]', 1, 7],
  ['["a\nb"]', 1, 2],
  ['["\\x"]', 1, 2],
  ["{'a':1}", 1, 2],
])("%s breaks at line %i, column %i", (text, line, column) => {
  expect(jsonBreak(text)).toEqual({ line, column, isCut: false });
});

test.each(['{"a":1,\n', '{"a":1,\n"b', '{"a":1,\n"b":fal', '{"a":1,\n"b":[', '{"a":1,\n"b":"c\\"'])(
  "%j ends too early",
  (text) => {
    expect(jsonBreak(text)).toMatchObject({ line: 2, isCut: true });
    expect(breakWords({ line: 2, column: 1, isCut: true })).toBe("it ends too early, in line 2");
  },
);

describe("JSON.parse agrees", () => {
  test("about every JSON value, however it is laid out", () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.constantFrom("", " ", "\t", "  "), (value, indent) => {
        expect(jsonBreak(JSON.stringify(value, null, indent))).toBe(null);
      }),
    );
  });

  test("about values that were damaged", () => {
    fc.assert(
      fc.property(
        fc.json(),
        fc.nat(),
        fc.constantFrom("", "}", "]", ",", '"', "\\", "1", "e", "x", ":", "\u0001"),
        (text, place, put) => {
          const at = place % (text.length + 1);
          const damaged = text.slice(0, at) + put + text.slice(at + 1);
          expect(jsonBreak(damaged) === null).toBe(isJson(damaged));
        },
      ),
      { numRuns: 1000 },
    );
  });

  test("about a value that is cut anywhere: then it ends too early, and at no place before", () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.nat(), (value, place) => {
        const text = JSON.stringify({ value });
        const cut = text.slice(0, 1 + (place % (text.length - 1)));
        const found = jsonBreak(cut);
        expect(found).not.toBe(null);
        // A number or an escape that is cut is only known as such by what follows.
        if (!/[0-9.eE+u-]$|\\.{0,5}$/.test(cut)) expect(found?.isCut).toBe(true);
      }),
    );
  });
});

test("its time stays linear, by the ratio of two lengths", () => {
  const time = (text: string): number => {
    const from = performance.now();
    jsonBreak(text);
    return performance.now() - from;
  };
  const best = (text: string): number => Math.min(...Array.from({ length: 5 }, () => time(text)));
  for (const part of ['{"a":', '"', "[", '["x",', "\\", " ", '"\\"']) {
    time(part.repeat(1000));
    // Sixteen times the length: 256 times the time if it were quadratic.
    expect(best(part.repeat(320_000)) / Math.max(0.5, best(part.repeat(20_000))), part).toBeLessThan(96);
  }
});
