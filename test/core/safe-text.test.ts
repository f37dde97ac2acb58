import fc from "fast-check";
import { expect, test } from "vitest";
import { safe } from "../../src/core/safe-text.ts";

test.each([
  ["a window title", "\u001b]0;owned\u0007", "\\x1b]0;owned\\x07"],
  ["a clipboard write", "\u001b]52;c;eA==\u0007", "\\x1b]52;c;eA==\\x07"],
  ["a link", "\u001b]8;;http://evil.example\u0007good", "\\x1b]8;;http://evil.example\\x07good"],
  ["an 8-bit sequence", "\u009d0;x\u009c", "\\x9d0;x\\x9c"],
  ["a carriage return over the line", "status=BASIC\rOAuth OK", "status=BASIC\\x0dOAuth OK"],
  ["a line break", "a\nb\u2028c\u0085d", "a\\x0ab\\u2028c\\x85d"],
  ["a tab and a null", "a\tb\u0000", "a\\x09b\\x00"],
  ["right-to-left override", "moc\u202egro", "moc\\u202egro"],
  ["zero-width space", "a\u200bb", "a\\u200bb"],
  ["byte order mark", "\ufeffa", "\\ufeffa"],
  ["tag characters", "a\u{e0041}", "a\\u{e0041}"],
  ["variation selector", "a\ufe0f", "a\\ufe0f"],
  ["Hangul filler", "\u3164", "\\u3164"],
  ["half a character", "a\ud800", "a\\ud800"],
  ["the third combining mark", "e\u0301\u0302\u0303", "e\u0301\u0302\\u0303"],
])("%s is shown and does nothing", (_name, text, expected) => {
  expect(safe(text)).toBe(expected);
});

test.each(["plain text", "Grüße", "漢字", "e\u0301"])("%j stays as it is", (text) => {
  expect(safe(text)).toBe(text);
});

test("no text whatever leaves a control character, and safe text stays as it is", () => {
  fc.assert(
    fc.property(fc.string({ unit: "binary", maxLength: 200 }), (text) => {
      const shown = safe(text);
      expect(shown).not.toMatch(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/u);
      expect(safe(shown)).toBe(shown);
    }),
    { numRuns: 2000 },
  );
});
