// The small parts: sequences, differences of lines, suggestions, globs.

import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { findSequences } from "../../src/expectations/check-entries.ts";
import { globTest, regexTest, showValues } from "../../src/expectations/condition.ts";
import type { LoggedEntry } from "../../src/expectations/entry-log.ts";
import { diffLines } from "../../src/expectations/line-diff.ts";
import { suggest } from "../../src/expectations/suggest.ts";
import { findFact } from "../../src/expectations/vocabulary.ts";

const entriesOf = (text: string): LoggedEntry[] =>
  [...text].map((letter, at) => ({ id: letter, ordinal: at, at: at * 10, line: letter, facts: new Map() }));
const steps = (text: string) => [...text].map((letter) => (entry: LoggedEntry) => entry.id === letter);
const found = (text: string, wanted: string, withinMs: number | null = null) =>
  findSequences(entriesOf(text), steps(wanted), withinMs);

describe("sequences", () => {
  test.each([
    ["abc", "abc", 1, 3],
    ["axbxc", "abc", 1, 3],
    ["abcabc", "abc", 2, 3],
    ["aabbcc", "abc", 1, 3],
    ["cba", "abc", 0, 1],
    ["ab", "abc", 0, 2],
    ["", "ab", 0, 0],
    ["aaaa", "aa", 2, 2],
  ])("in %s for %s: %i runs, %i steps at most", (text, wanted, runs, reached) => {
    expect(found(text, wanted).complete).toHaveLength(runs);
    expect(found(text, wanted).reached).toBe(reached);
  });

  test("within a time the latest start counts", () => {
    expect(found("axxxxab", "ab", 10).complete).toHaveLength(1);
    expect(found("axxxxb", "ab", 40).complete).toHaveLength(0);
    expect(found("axxxxb", "ab", 50).complete).toHaveLength(1);
  });

  test("entries count in the order of their time, not of the file", () => {
    const [a, b] = entriesOf("ab");
    expect(
      findSequences(
        [b, a].flatMap((entry) => entry ?? []),
        steps("ab"),
        null,
      ).complete,
    ).toHaveLength(1);
  });
});

describe("line differences", () => {
  test("show what went and came, with two lines around", () => {
    const before = ["1", "2", "3", "4", "5", "6", "7", "8"];
    const after = ["1", "2", "3", "4", "five", "6", "7", "8"];
    expect(diffLines(before, after).map(({ kind, text }) => `${kind} ${text}`)).toEqual([
      "skipped ",
      "kept 3",
      "kept 4",
      "removed 5",
      "added five",
      "kept 6",
      "kept 7",
      "skipped ",
    ]);
  });

  test("are nothing for equal texts", () => {
    expect(diffLines(["a", "b"], ["a", "b"]).filter(({ kind }) => kind !== "skipped")).toEqual([]);
  });

  test("of very long texts are told as replaced", () => {
    const lines = (word: string): string[] => Array.from({ length: 2_100 }, (_, index) => `${word}${index}`);
    const changes = diffLines(lines("a"), lines("b"));
    expect(changes.filter(({ kind }) => kind === "removed")).toHaveLength(2_100);
    expect(changes.filter(({ kind }) => kind === "added")).toHaveLength(2_100);
  });

  test("of any two texts give both back", () => {
    const lines = fc.array(fc.constantFrom("a", "b", "c", "d"), { maxLength: 12 });
    fc.assert(
      fc.property(lines, lines, (before, after) => {
        const changes = diffLines(before, after);
        // Only the changed lines are whole; kept ones may be skipped.
        const removed = changes.filter(({ kind }) => kind === "removed").length;
        const added = changes.filter(({ kind }) => kind === "added").length;
        expect(before.length - removed).toBe(after.length - added);
      }),
    );
  });
});

describe("suggestions", () => {
  test.each([
    ["expct", "expect"],
    ["Auth_Scheme", "auth.scheme"],
    ["auth.shceme", "auth.scheme"],
    ["zzzzzzzz", null],
    ["", null],
  ])("for %s: %s", (word, near) => {
    expect(suggest(word, ["expect", "auth.scheme", "forbid"])).toBe(near);
  });
});

describe("globs", () => {
  test.each([
    ["*", "", true],
    ["a*c", "abbbc", true],
    ["a*c", "abbbd", false],
    ["?", "", false],
    ["*/mail.contoso.example@*", "00000002/mail.contoso.example@x", true],
    ["MAIL*", "mail.contoso.example", true],
  ])("%s over %s: %s", (pattern, text, isMatch) => {
    expect(globTest(pattern)(text)).toBe(isMatch);
  });

  test("agree with a regular expression on short texts", () => {
    const letters = fc.string({ unit: fc.constantFrom("a", "b", "*", "?"), maxLength: 8 });
    const text = fc.string({ unit: fc.constantFrom("a", "b"), maxLength: 10 });
    fc.assert(
      fc.property(letters, text, (pattern, value) => {
        const expected = new RegExp(`^${pattern.replaceAll("*", ".*").replaceAll("?", ".")}$`).test(value);
        expect(globTest(pattern)(value)).toBe(expected);
      }),
    );
  });

  test("and expressions that take a backtracking engine for ever are answered", () => {
    const long = "a".repeat(100_000);
    expect(globTest(`${"*a".repeat(20)}b`)(long.slice(0, 5_000))).toBe(false);
    const test = regexTest("^(a+)+$");
    if (typeof test === "string") throw new Error(test);
    expect(test(`${long}!`)).toBe(false);
    expect(test(long)).toBe(true);
  });
});

test("values in messages are printable and hold no token", () => {
  const [iss, expires] = [findFact("token.iss"), findFact("token.expires")];
  if (iss === undefined || expires === undefined) throw new Error("no such fact");
  expect(showValues(iss, [])).toBe("not there");
  expect(showValues(iss, ["a\u001b[31m", "b", "c", "d", "e"])).toBe("a?[31m, b, c, d and 1 more");
  expect(showValues(iss, [`eyJhbGciOiJSUzI1NiJ9.eyJpc3MiOiJ4eHh4eHh4In0.${"s".repeat(43)}`])).not.toContain("sss");
  expect(showValues(expires, [0])).toBe("1970-01-01T00:00:00.000Z");
  expect(showValues(expires, [9e15])).toBe("9000000000000000");
});
