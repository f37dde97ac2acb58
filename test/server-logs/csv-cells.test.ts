// Vectors of RFC 4180 §2, for one line: Exchange removes line breaks from its cells.
import { expect, test } from "vitest";
import { csvCells } from "../../src/server-logs/csv-cells.ts";

test.each([
  ["aaa,bbb,ccc", ["aaa", "bbb", "ccc"]],
  ['"aaa","bbb","ccc"', ["aaa", "bbb", "ccc"]],
  ['"aaa","b""bb","ccc"', ["aaa", 'b"bb', "ccc"]],
  ['"a,a",', ["a,a", ""]],
  ['""', [""]],
  ['""""', ['"']],
  ["", [""]],
  [",,", ["", "", ""]],
  ['a"b,c', ['a"b', "c"]],
])("%s", (line, cells) => {
  expect(csvCells(line)).toEqual(cells);
});

test.each(['"aaa', '"aaa""', '"aaa"b,c', ",".repeat(512)])("%s is not a row", (line) => {
  expect(csvCells(line)).toBeNull();
});
