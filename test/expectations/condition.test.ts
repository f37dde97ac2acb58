import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { globTest, regexTest, showValues } from "../../src/expectations/condition.ts";
import { findFact } from "../../src/expectations/vocabulary.ts";

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
  expect(showValues(iss, [])).toBe("absent");
  expect(showValues(iss, ["a\u001b[31m", "b", "c", "d", "e"])).toBe("a?[31m, b, c, d and 1 more");
  expect(showValues(iss, [`eyJhbGciOiJSUzI1NiJ9.eyJpc3MiOiJ4eHh4eHh4In0.${"s".repeat(43)}`])).not.toContain("sss");
  expect(showValues(expires, [0])).toBe("1970-01-01T00:00:00.000Z");
  expect(showValues(expires, [9e15])).toBe("9000000000000000");
});
