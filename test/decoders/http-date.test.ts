import fc from "fast-check";
import { expect, test } from "vitest";
import { parseHttpDate } from "../../src/decoders/http-date.ts";

// RFC 9110 §5.6.7: the same moment in the three forms
const moment = Date.UTC(1994, 10, 6, 8, 49, 37);

test.each([
  "Sun, 06 Nov 1994 08:49:37 GMT",
  "Sunday, 06-Nov-94 08:49:37 GMT",
  "Sun Nov  6 08:49:37 1994",
  " sun, 06 nov 1994 08:49:37 gmt ",
])("RFC 9110: %s", (text) => {
  expect(parseHttpDate(text)).toBe(moment);
});

test("two digits beyond 70 are the last century, the others this one", () => {
  expect(parseHttpDate("Sunday, 06-Nov-26 08:49:37 GMT")).toBe(Date.UTC(2026, 10, 6, 8, 49, 37));
  expect(parseHttpDate("Sunday, 06-Nov-70 08:49:37 GMT")).toBe(Date.UTC(1970, 10, 6, 8, 49, 37));
});

test("a leap second is the second before it", () => {
  expect(parseHttpDate("Sat, 31 Dec 2016 23:59:60 GMT")).toBe(Date.UTC(2016, 11, 31, 23, 59, 59));
});

test.each([
  "",
  "now",
  "0",
  "2026-11-24T00:00:00Z",
  "Sun, 06 Nov 1994 08:49:37 CET",
  "Sun, 31 Feb 2026 08:49:37 GMT",
  "Sun, 06 Xyz 1994 08:49:37 GMT",
  "Sun, 06 Nov 1994 24:49:37 GMT",
  "Sun, 06 Nov 1994 08:60:37 GMT",
  "Sun, 06 Nov 1994 08:49:61 GMT",
  "Sun, 00 Nov 1994 08:49:37 GMT",
])("%j is no date", (text) => {
  expect(parseHttpDate(text)).toBeNull();
});

test("what toUTCString wrote is read back", () => {
  fc.assert(
    fc.property(fc.date({ min: new Date(0), max: new Date("2200-01-01"), noInvalidDate: true }), (date) => {
      expect(parseHttpDate(date.toUTCString())).toBe(Math.floor(date.getTime() / 1000) * 1000);
    }),
    { numRuns: 300 },
  );
});
