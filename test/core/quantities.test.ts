import fc from "fast-check";
import { expect, test } from "vitest";
import { readDuration, readSize } from "../../src/core/quantities.ts";

test.each([
  ["500ms", 500],
  ["0ms", 0],
  ["5s", 5000],
  ["5 s", 5000],
  ["1.5s", 1500],
  ["30m", 1_800_000],
  ["30MIN", 1_800_000],
  ["12h", 43_200_000],
  ["7D", 604_800_000],
  ["", null],
  ["5", null],
  ["h", null],
  ["-5m", null],
  ["5y", null],
  ["5  s", null],
  ["1e3s", null],
  ["1.s", null],
  ["٥s", null],
  ["5constructor", null],
])("the duration %j is %j ms", (text, ms) => {
  expect(readDuration(text)).toBe(ms);
});

test.each([
  ["0", 0, 0],
  ["800", 800, 800],
  ["800B", 800, 800],
  ["64K", 64_000, 65_536],
  ["64kb", 64_000, 65_536],
  ["64KiB", 65_536, 65_536],
  ["64ki", 65_536, 65_536],
  ["1.5m", 1_500_000, 1_572_864],
  ["2G", 2_000_000_000, 2_147_483_648],
  ["1TB", 1_000_000_000_000, 1_099_511_627_776],
  ["", null, null],
  ["K", null, null],
  ["-1K", null, null],
  ["5iB", null, null],
  ["64KiBB", null, null],
  ["5 K", null, null],
  ["5P", null, null],
  ["0x10", null, null],
])("the size %j is %j bytes, or %j where K is 1024", (text, decimal, binary) => {
  expect(readSize(text, 1000)).toBe(decimal);
  expect(readSize(text, 1024)).toBe(binary);
});

test("any text is read as a finite number of 0 or more, or as none", () => {
  const digits = fc.stringMatching(/^[0-9.]{0,20}[a-zA-Z ]{0,4}$/);
  fc.assert(
    fc.property(fc.oneof(fc.string(), digits), (text) => {
      for (const value of [readDuration(text), readSize(text, 1000), readSize(text, 1024)])
        expect(value === null || (Number.isFinite(value) && value >= 0)).toBe(true);
    }),
  );
});
