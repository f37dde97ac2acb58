import fc from "fast-check";
import { expect, test } from "vitest";
import { isoTime, printable } from "../../src/core/printable-text.ts";

test("whatever comes in, printable ASCII of bounded length goes out", () => {
  fc.assert(
    fc.property(fc.string({ unit: "binary", maxLength: 500 }), (text) => {
      expect(printable(text)).toMatch(/^[\x20-\x7e]{0,123}$/);
    }),
  );
});

test("plain text stays as it is", () => {
  expect(printable("/00000004-0000-0ff1-ce00-000000000000@contoso.com")).toBe(
    "/00000004-0000-0ff1-ce00-000000000000@contoso.com",
  );
});

test("a time that no calendar holds is no crash", () => {
  expect(isoTime(0)).toBe("1970-01-01T00:00:00.000Z");
  for (const at of [Number.NaN, Number.POSITIVE_INFINITY, 9e15]) expect(isoTime(at)).toBe("a time out of range");
});
