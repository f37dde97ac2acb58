import { expect, test } from "vitest";
import { shellWords } from "../../../../src/decoders/pasted/text/shell-words.ts";

test.each([
  ["a 'b c' d", ["a", "b c", "d"]],
  ['a "b \\"c\\""', ["a", 'b "c"']],
  ["a $'b\\u0021\\'c'", ["a", "b!'c"]],
  ["'it'\\''s'", ["it's"]],
  ["a \\\n  b", ["a", "b"]],
  ["a `\r\n  b", ["a", "b"]],
  ['^"a ^\\^"b^\\^"^" ^\r\n -H ^"c: d^%^"', ['a "b"', "-H", "c: d%"]],
  ["a ''", ["a", ""]],
  ["a\nb", ["a"]],
  ["a; b", ["a"]],
  ["a | b", ["a"]],
  ["'never closed", ["never closed"]],
])("%j", (text, words) => {
  expect(shellWords(text, 0).words).toEqual(words);
});
