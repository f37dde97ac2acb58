import fc from "fast-check";
import { expect, test } from "vitest";
import { readFormFields } from "../../src/decoders/body-text.ts";

test.each<[string, [string, string][]]>([
  [
    "a=1&b=2",
    [
      ["a", "1"],
      ["b", "2"],
    ],
  ],
  ["A=1&a=2", [["a", "1"]]],
  [
    "a=b%20c+d&e=%C3%A9",
    [
      ["a", "b c d"],
      ["e", "é"],
    ],
  ],
  ["a", [["a", ""]]],
  ["=x&&a=b=c", [["a", "b=c"]]],
  [
    "a=100%&b=%zz%41",
    [
      ["a", "100%"],
      ["b", "%zzA"],
    ],
  ],
  ["a=%E9t%65", [["a", "%E9te"]]],
  [" a = b \r\n", [["a", "b"]]],
  ["__proto__=1", [["__proto__", "1"]]],
  ["", []],
])("%j", (text, fields) => {
  expect([...readFormFields(text)]).toEqual(fields);
});

test("fields are bounded", () => {
  expect(
    readFormFields("a=1&".repeat(10) + Array.from({ length: 1000 }, (_, index) => `n${index}=1`).join("&")).size,
  ).toBeLessThan(201);
});

test("what URLSearchParams wrote is read back", () => {
  const name = fc.stringMatching(/^[a-z][a-z0-9_]{0,20}$/);
  fc.assert(
    fc.property(fc.dictionary(name, fc.string({ unit: "grapheme" })), (fields) => {
      const read = readFormFields(new URLSearchParams(fields).toString());
      for (const [key, value] of Object.entries(fields)) expect(read.get(key)).toBe(value.trim());
    }),
    { numRuns: 300 },
  );
});
