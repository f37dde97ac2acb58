import { expect, test } from "vitest";
import { firstWords, unreadOf } from "../../../../src/decoders/pasted/text/unread.ts";

test.each([
  ["Thanks for your help", "Thanks for your help"],
  ["one two three four five six seven", "one two three four five six"],
  ["my password is Sommer", ""],
  ["see the password Sommer", "see the"],
  ["Kennwort: Sommer2026!", ""],
  ["Sommer", ""],
  ["the key AbC123xyz", ""],
  ["we see 4711", "we see"],
  ["anna@contoso.com wrote", ""],
])("of %j it shows %j", (line, shown) => {
  expect(firstWords(line)).toBe(shown);
});

test("neighbouring lines are one stretch, furniture is none, and there are at most twenty", () => {
  expect(unreadOf("a b\nc d\n</Trace>\n}\n* Connected to x\n\ne f", [])).toEqual([
    { line: 1, lines: 7, begins: "a b" },
  ]);
  const text = Array.from({ length: 60 }, (_, at) => (at % 2 === 0 ? "a b" : "x")).join("\n");
  const claims = Array.from({ length: 30 }, (_, at) => ({ from: at * 6 + 4, to: at * 6 + 5, parts: [] }));
  expect(unreadOf(text, claims)).toHaveLength(20);
});
