import fc from "fast-check";
import { expect, test } from "vitest";
import { safeJson } from "../../src/core/safe-json.ts";

test("any text reads back the same and is printable ASCII", () => {
  fc.assert(
    fc.property(fc.string({ unit: "binary" }), (text) => {
      const json = safeJson({ text });
      expect(json).toMatch(/^[\x20-\x7e]*$/);
      expect(JSON.parse(json)).toEqual({ text });
    }),
    { numRuns: 500 },
  );
});

test("terminal controls and bidirectional overrides are escaped", () => {
  expect(safeJson("\u009d52;c;AA\u202e\u001b[2J")).toBe('"\\u009d52;c;AA\\u202e\\u001b[2J"');
});
