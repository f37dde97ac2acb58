import fc from "fast-check";
import { expect, test } from "vitest";
import { withoutCommands, withoutMarkers } from "../../src/core/runner-commands.ts";
import { safeJson } from "../../src/core/safe-json.ts";
import { safe, safeParts } from "../../src/core/safe-text.ts";
import { commandsIn, plantedCommands } from "../support/runner-readers.ts";

test.each([
  ["##vso[task.complete result=Succeeded;]", "\\x23#vso[task.complete result=Succeeded;]"],
  ["a ##[error]b", "a \\x23#[error]b"],
  ["###[group]", "#\\x23#[group]"],
  ["##TeamCity[x]", "\\x23#TeamCity[x]"],
  ["section_start:1:x", "section_start\\x3a1:x"],
  ["::error::x", "\\x3a:error::x"],
  [" \t::error::x", " \t\\x3a:error::x"],
  ["\u00a0\u200b:\u034f:error::x", "\u00a0\u200b\\x3a\u034f:error::x"],
  ["a\r::error::x", "a\r\\x3a:error::x"],
  ["#\u034f#vso[x]", "\\x23\u034f#vso[x]"],
])("%j becomes %j", (text, expected) => {
  expect(withoutCommands(text)).toBe(expected);
});

test.each(["# heading", "## heading [link]", "a ##b", "a::b", "ready [::1]:443", "section_start", "x #1 [y]", ""])(
  "%j stays as it is",
  (text) => {
    expect(withoutCommands(text)).toBe(text);
  },
);

/** Pieces of commands in any order, with what a runner passes over and what ends a line between them. */
const pieces = [
  ..."#:[] \t\r\nx\u034f\u200b\u00a0",
  "##",
  "::",
  "vso",
  "teamcity",
  "section_start",
  "travis_fold",
  "start",
];
const hostile = fc
  .array(fc.constantFrom(...pieces, ...plantedCommands), { maxLength: 12 })
  .map((chosen) => chosen.join(""));

test("no text whatever holds a command afterwards, and a second time changes nothing", () => {
  fc.assert(
    fc.property(hostile, (text) => {
      const printed = withoutCommands(text);
      expect(commandsIn(printed)).toEqual([]);
      // .NET compares by culture, which passes over what has no shape.
      expect(commandsIn(printed.replace(/\p{Default_Ignorable_Code_Point}/gu, ""))).toEqual([]);
      expect(withoutCommands(printed)).toBe(printed);
      expect(withoutMarkers(withoutMarkers(text))).toBe(withoutMarkers(text));
    }),
    { numRuns: 3000 },
  );
});

test("safe text holds none within a line, and its parts are the same text", () => {
  fc.assert(
    fc.property(fc.oneof(hostile, fc.string({ unit: "binary", maxLength: 60 })), (text) => {
      const shown = safe(text);
      expect(commandsIn(`after: ${shown}`)).toEqual([]);
      expect(safe(shown)).toBe(shown);
      expect(
        safeParts(text)
          .map(([part]) => part)
          .join(""),
      ).toBe(shown);
    }),
    { numRuns: 3000 },
  );
});

test("JSON holds none and keeps its value", () => {
  fc.assert(
    fc.property(hostile, hostile, (name, text) => {
      const json = safeJson({ [name]: [text] });
      expect(commandsIn(json)).toEqual([]);
      expect(withoutCommands(json)).toBe(json);
      expect(JSON.parse(json)).toEqual(JSON.parse(JSON.stringify({ [name]: [text] })));
    }),
    { numRuns: 3000 },
  );
});
