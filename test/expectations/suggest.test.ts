import { describe, expect, test } from "vitest";
import { suggest } from "../../src/expectations/suggest.ts";

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
