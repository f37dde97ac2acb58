// A wrong file never passes silently: what is misspelt is refused, or means the same, or fails.
import { readFileSync } from "node:fs";
import { Ajv } from "ajv";
import fc from "fast-check";
import { beforeAll, expect, test } from "vitest";
import { parse } from "yaml";
import { checkEntries } from "../../src/expectations/check-entries.ts";
import { operators } from "../../src/expectations/condition.ts";
import { presetNames, presetText } from "../../src/expectations/presets.ts";
import { readExpectations } from "../../src/expectations/read-expectations.ts";
import { allFacts } from "../../src/expectations/vocabulary.ts";
import { type LoadedTrace, loadTrace } from "../support/check-here.ts";
import { designExample } from "../support/design-example.ts";

const detailed = `version: 1
clock: trace
require: { entries: ">= 3", handshakes: ">= 1", verdict: [oauth-confirmed] }
expect:
  - name: a
    match: { kind: basic, auth.scheme: { equals: basic } }
    count: 0
  - name: b
    match: { handshake.verdict: { in: [oauth-rejected, basic-fallback] } }
    count: { "<": 1 }
  - name: c
    match: { token.actor.iss: { glob: "00000001-*" }, host: { regex: "mail" } }
    count: ">= 1"
    each: { token.expired: false, response.status: { ">=": 200, "<": 300 }, token.kind: { not: unknown } }
  - name: d
    match: { host: { exists: true } }
    sequence: [{ kind: bearer }, { auth.scheme: basic }]
    by: client
    within: 1h
    count: 0
forbid: [finding.basic-fallback, leak.*, { finding.severity: alarm }]
`;

const files: readonly string[] = [designExample, detailed, ...presetNames.map(presetText)];
let bad: LoadedTrace;
beforeAll(async () => {
  bad = await loadTrace("captures/basic-fallback.ndjson");
});

// Words with a meaning in the file; what a person writes freely (names, hosts, ids, times) is not among them.
const closedValues = [...allFacts.values()].flatMap(({ values = [] }) => values);
const words = new Set<string>([
  ...["version", "clock", "trace", "require", "expect", "forbid", "match", "each", "count", "sequence", "by", "within"],
  ...["entries", "handshakes", "truncated", "verdict", "oauth-confirmed", "true", "false"],
  ...[...operators].filter((operator) => /[a-z]/.test(operator)),
  ...allFacts.keys(),
  ...closedValues,
]);

/** Where such a word stands in a file. */
function placesIn(text: string): readonly (readonly [start: number, word: string])[] {
  return [...text.matchAll(/(?<![\w./-])[a-z][\w.-]*[a-z]/g)]
    .filter((match) => words.has(match[0]) && !isFreeText(text, match.index))
    .map((match) => [match.index, match[0]]);
}

/** A name and a comment may hold any word. */
function isFreeText(text: string, at: number): boolean {
  return /name:|#/.test(text.slice(text.lastIndexOf("\n", at) + 1, at));
}

const typo = fc.record({
  file: fc.integer({ min: 0, max: files.length - 1 }),
  place: fc.nat(),
  at: fc.nat(),
  kind: fc.constantFrom("drop", "double", "swap", "replace", "insert"),
  letter: fc.constantFrom(..."abcdefghijklmnopqrstuvwxyz_.-0"),
});

function misspell(word: string, at: number, kind: string, letter: string): string {
  const index = at % word.length;
  const [before, here, after] = [word.slice(0, index), word[index] ?? "", word.slice(index + 1)];
  switch (kind) {
    case "drop":
      return before + after;
    case "double":
      return before + here + here + after;
    case "swap":
      return before + after.slice(0, 1) + here + after.slice(1);
    case "replace":
      return before + letter + after;
    default:
      return before + here + letter + after;
  }
}

function outcomes(text: string): readonly string[] | null {
  const read = readExpectations(text, "fuzz.yaml");
  return read.ok ? checkEntries(read.value, bad).map(({ outcome }) => outcome) : null;
}

test("every file of the fuzz fails on the bad trace and has words to misspell", () => {
  for (const text of files) {
    expect(placesIn(text).length).toBeGreaterThan(10);
    if (!text.includes("00000004-0000")) expect(outcomes(text)).toContain("failed");
  }
});

test("one misspelt word is refused, or changes nothing, or fails: it never makes a bad trace pass", () => {
  let refused = 0;
  fc.assert(
    fc.property(typo, ({ file, place, at, kind, letter }) => {
      const text = files[file] ?? "";
      const places = placesIn(text);
      const [start, word] = places[place % places.length] ?? [0, ""];
      const wrong = misspell(word, at, kind, letter);
      if (wrong === word) return;
      const mutated = text.slice(0, start) + wrong + text.slice(start + word.length);
      const found = outcomes(mutated);
      if (found === null) {
        refused += 1;
        return;
      }
      // Read nevertheless: the word became another one that has a meaning. Then no check may have got easier to meet
      // unless its new word says so by itself.
      const isWord = words.has(wrong) || words.has(wrong.toLowerCase()) || /^(?:finding|leak)\./.test(wrong);
      expect(isWord, `${word} became ${wrong} and was taken`).toBe(true);
      expect(found).toEqual(outcomes(text) ?? []);
    }),
    { numRuns: 1_500 },
  );
  expect(refused).toBeGreaterThan(1_000);
});

const schema: object = JSON.parse(readFileSync("schema/expectations-1.schema.json", "utf8"));
const validate = new Ajv({ strict: false, allErrors: false }).compile(schema);

test("whatever is cut out of a file or put into it: reading throws nothing, and what is taken the schema takes too", () => {
  const edit = fc.record({
    file: fc.integer({ min: 0, max: files.length - 1 }),
    start: fc.nat(),
    length: fc.integer({ min: 0, max: 40 }),
    put: fc.oneof(
      fc.constantFrom(
        "",
        "{",
        "}",
        "[",
        "]",
        ":",
        "- ",
        "\n",
        "  ",
        "*a",
        "&a ",
        "!!str ",
        "null",
        "1e9",
        "'",
        '"',
        "#",
        "? ",
      ),
      fc.string({ maxLength: 6 }),
    ),
  });
  let taken = 0;
  fc.assert(
    fc.property(edit, ({ file, start, length, put }) => {
      const text = files[file] ?? "";
      const from = start % text.length;
      const mutated = text.slice(0, from) + put + text.slice(from + length);
      const read = readExpectations(mutated, "fuzz.yaml");
      if (!read.ok) {
        expect(read.problem.line).toBeGreaterThan(0);
        expect(read.problem.message).toMatch(/^[\x20-\x7e]+$/);
        return;
      }
      taken += 1;
      expect(validate(parse(mutated)), JSON.stringify(validate.errors)).toBe(true);
    }),
    { numRuns: 800 },
  );
  expect(taken).toBeGreaterThan(20);
});

test.each([
  ["an unknown key", { version: 1, expects: [], forbid: ["leak.*"] }],
  ["no version", { forbid: ["leak.*"] }],
  ["another version", { version: 2, forbid: ["leak.*"] }],
  ["nothing to check", { version: 1 }],
  ["an unknown fact", { version: 1, expect: [{ match: { "auth.scheem": "basic" } }] }],
  ["an unknown operator", { version: 1, expect: [{ match: { host: { globb: "x" } } }] }],
  ["a check without match", { version: 1, expect: [{ name: "x" }] }],
  ["a sequence of one", { version: 1, expect: [{ sequence: [{ kind: "basic" }] }] }],
  ["an empty match", { version: 1, expect: [{ match: {} }] }],
  ["a flag that is a word", { version: 1, expect: [{ match: { "token.expired": "no" } }] }],
  ["a bare list", { version: 1, expect: [{ match: { host: ["a"] } }] }],
  ["an unknown verdict", { version: 1, require: { verdict: "fine" } }],
  ["a negative count", { version: 1, expect: [{ match: { kind: "basic" }, count: -1 }] }],
  ["within without a unit", { version: 1, expect: [{ match: { kind: "basic" }, within: "5" }] }],
])("%s is refused by the program and by the published schema", (_name, file) => {
  expect(readExpectations(JSON.stringify(file), "x").ok).toBe(false);
  expect(validate(file)).toBe(false);
});
