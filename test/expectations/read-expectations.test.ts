// A file that is wrong in any way says so, with its place: it is never half understood.
import { describe, expect, test } from "vitest";
import { presetNames, presetText } from "../../src/expectations/presets.ts";
import { readExpectations } from "../../src/expectations/read-expectations.ts";
import { expectations, problemOf } from "../support/check-here.ts";
import { designExample as example } from "../support/design-example.ts";

test("the example of the design is read whole", () => {
  const file = expectations(example);
  expect(file.clock).toBe("trace");
  expect(file.snapshot?.path).toBe("expected/summary.json");
  expect(file.checks.map(({ name, line }) => [line, name])).toEqual([
    [3, "require entries >= 1"],
    [3, "require truncated false"],
    [5, "no Basic sign-in left"],
    [8, "S2S calls accepted"],
    [12, "challenge comes first"],
    [15, "forbid finding.alg-none-unsigned-outer-without-actor"],
    [15, "forbid leak.*"],
  ]);
});

test("JSON is read too, with the schema's name for editors in it", () => {
  const json = { $schema: "x", version: 1, expect: [{ match: { "auth.scheme": "basic" }, count: 0 }] };
  expect(expectations(JSON.stringify(json)).checks).toHaveLength(1);
  expect(expectations(`\uFEFF${JSON.stringify(json, null, 2)}`).checks[0]?.name).toBe("expectation in line 5");
});

test.each(presetNames)("the preset %s is a file like any other", (name) => {
  expect(problemOf(presetText(name))).toBeNull();
});

const head = "version: 1\n";
const checkOf = (match: string): string => `${head}expect:\n  - match: ${match}\n`;

// Name, text, and the place and words of the problem.
test.each<[string, string, string | RegExp]>([
  ["nothing", "", /1:1 .*empty/],
  ["only a comment", "# hello\n", /1:\d+ /],
  ["a list", "- a\n", /1:1 .*must be a map/],
  ["no version", "expect: []\n", "1:1 the file needs version: 1"],
  ["another version", "version: 2\n", "1:10 this version of realmscope reads version: 1 alone"],
  ["a version in quotes", 'version: "1"\n', "1:10 this version of realmscope reads version: 1 alone"],
  ["nothing to check", head, /checks nothing/],
  ["empty lists", `${head}expect: []\nforbid: []\n`, /checks nothing/],
  [
    "an unknown key",
    `${head}expects: []\n`,
    '2:1 unknown key "expects" in an expectation file; did you mean "expect"?',
  ],
  [
    "an unknown key of a check",
    `${head}expect:\n  - match: { kind: basic }\n    cuont: 0\n`,
    '4:5 unknown key "cuont" in a check of expect; did you mean "count"?',
  ],
  [
    "an unknown fact",
    checkOf("{ auth.scheem: basic }"),
    '3:14 unknown fact "auth.scheem"; did you mean "auth.scheme"?',
  ],
  ["a fact with an underscore", checkOf("{ client_request_id: x }"), /did you mean "client-request-id"/],
  ["an unknown operator", checkOf("{ host: { globb: x } }"), '3:22 unknown operator "globb"; did you mean "glob"?'],
  ["an operator of another program", checkOf("{ response.status: { gte: 1 } }"), /unknown operator "gte"/],
  [
    "a word that a fact never has",
    checkOf("{ auth.scheme: basick }"),
    '3:27 unknown auth.scheme "basick"; did you mean "basic"?',
  ],
  [
    "such a word in a list",
    checkOf("{ kind: { in: [basic, chalenge] } }"),
    /unknown kind "chalenge"; did you mean "challenge"/,
  ],
  ["such a word behind not", checkOf("{ kind: { not: { equals: chalenge } } }"), /unknown kind/],
  ["a glob that meets none of them", checkOf('{ kind: "chalenge*" }'), /unknown kind/],
  ["a regex that meets none of them", checkOf('{ kind: { regex: "^Basic$" } }'), /unknown kind/],
  ["a text compared", checkOf('{ host: ">= 3" }'), /is text and cannot be compared/],
  ["a number for a flag", checkOf("{ token.expired: 1 }"), "3:29 token.expired is true or false"],
  ["a flag for a text", checkOf("{ host: true }"), /is text; put it in quotes/],
  ["a word for a number", checkOf("{ response.status: OK }"), /response.status is a number/],
  ["a time without a zone", checkOf('{ token.expires: ">= 2026-01-01T00:00:00" }'), /is a time: write it as/],
  ["no value", checkOf("{ host: }"), /needs a value/],
  ["an empty text", checkOf('{ host: "" }'), /needs a value/],
  ["an empty match", checkOf("{}"), /match is empty/],
  ["an empty condition", checkOf("{ host: {} }"), /needs an operator/],
  ["a bare list", checkOf("{ host: [a, b] }"), /write \{ in: \[\.\.\.\] \}/],
  ["an empty in", checkOf("{ host: { in: [] } }"), /in is a list/],
  ["a glob of a number", checkOf('{ port: { glob: "4*" } }'), /glob is for text/],
  ["a broken regex", checkOf('{ host: { regex: "(" } }'), /not a regular expression/],
  ["a look-behind", checkOf('{ host: { regex: "(?<=a)b" } }'), /not a regular expression/],
  ["a back-reference", checkOf('{ host: { regex: "(a)\\\\1" } }'), /not a regular expression/],
  ["a very long regex", checkOf(`{ host: { regex: "${"a".repeat(1001)}" } }`), /longer than 1000/],
  ["exists with a word", checkOf('{ host: { exists: "yes" } }'), /exists is true or false/],
  [
    "the same fact twice",
    `${head}expect:\n  - match: { finding.BASIC_FALLBACK: true, finding.basic-fallback: true }\n`,
    /is repeated/,
  ],
  ["a check without match", `${head}expect:\n  - name: x\n`, /needs match or sequence/],
  [
    "each beside a sequence",
    `${head}expect:\n  - sequence: [{ kind: basic }, { kind: ntlm }]\n    each: { kind: basic }\n`,
    /each goes with match/,
  ],
  [
    "each beside count: 0",
    `${head}expect:\n  - match: { kind: basic }\n    count: 0\n    each: { host: x }\n`,
    /count: 0 forbids/,
  ],
  [
    "by beside count: 0",
    `${head}expect:\n  - match: { kind: basic }\n    count: 0\n    by: host\n`,
    /must exclude zero/,
  ],
  [
    "by an unknown fact",
    `${head}expect:\n  - match: { kind: basic }\n    by: hots\n`,
    /unknown fact "hots"; did you mean "host"/,
  ],
  ["a sequence of one", `${head}expect:\n  - sequence: [{ kind: basic }]\n`, /two steps or more/],
  ["a sequence too long", `${head}expect:\n  - sequence: [${"{ kind: basic },".repeat(51)}]\n`, /at most 50/],
  ["a negative count", `${head}expect:\n  - match: { kind: basic }\n    count: -1\n`, /whole number/],
  ["a count of words", `${head}expect:\n  - match: { kind: basic }\n    count: some\n`, /a number or a comparison/],
  ["a list for a count", `${head}expect:\n  - match: { kind: basic }\n    count: [1]\n`, /a number or a comparison/],
  ["a count that always holds", `${head}expect:\n  - match: { kind: basic }\n    count: ">= 0"\n`, /always holds/],
  [
    "a count that never holds",
    `${head}expect:\n  - match: { kind: basic }\n    count: { ">": 3, "<": 2 }\n`,
    /never hold/,
  ],
  ["an empty count", `${head}expect:\n  - match: { kind: basic }\n    count: {}\n`, /needs a comparison/],
  ["within without a unit", `${head}expect:\n  - match: { kind: basic }\n    within: 5\n`, /within is text/],
  ["within in years", `${head}expect:\n  - match: { kind: basic }\n    within: 5y\n`, /a time such as/],
  [
    "a forbidden name that is none",
    `${head}forbid: [finding.basic-falback]\n`,
    '2:10 unknown name "finding.basic-falback" in forbid; did you mean "finding.basic-fallback"?',
  ],
  ["a forbidden glob that meets none", `${head}forbid: ["findings.*"]\n`, /unknown name "findings\.\*" in forbid/],
  ["forbid that is no list", `${head}forbid: finding.basic-fallback\n`, /forbid is a list/],
  [
    "two checks of one name",
    `${head}expect:\n  - { name: a, match: { kind: basic } }\n  - { name: a, match: { kind: ntlm } }\n`,
    /two checks are named "a"/,
  ],
  ["a name too long", `${head}expect:\n  - { name: ${"a".repeat(201)}, match: { kind: basic } }\n`, /at most 200/],
  ["an unknown verdict", `${head}require: { verdict: oauth-ok }\n`, /unknown verdict "oauth-ok"/],
  ["no verdict", `${head}require: { verdict: [] }\n`, /needs a verdict/],
  ["truncated as a word", `${head}require: { truncated: "no" }\n`, /true or false/],
  ["an unknown requirement", `${head}require: { entires: 1 }\n`, /did you mean "entries"/],
  ["a clock that is none", `${head}clock: now\nforbid: [leak.*]\n`, /clock is trace, or a time/],
  ["a key twice", `${head}forbid: [leak.*]\nforbid: [leak.*]\n`, /3:1 the key is repeated/],
  ["an alias", `${head}forbid: &a [leak.*]\nexpect: *a\n`, /aliases|anchors/],
  ["a merge key", `${head}x: &a { kind: basic }\nexpect:\n  - match: { <<: *a }\n`, /aliases|anchors/],
  ["a tag", `${head}forbid: !!set { leak.*: null }\n`, /tags/],
  ["a tag of one's own", `${head}forbid: !js "leak.*"\n`, /./],
  ["two documents", `${head}forbid: [leak.*]\n---\nversion: 1\n`, /more than one document/],
  ["broken YAML", `${head}forbid: [leak.*\n`, /3:1 this is not YAML/],
  ["a tab for indentation", `${head}expect:\n\t- match: { kind: basic }\n`, /not YAML/],
  ["bytes", "version: 1\u0000\n", /not a text file/],
  ["a key that is no text", `${head}? [a]\n: 1\n`, /a key must be text/],
  ["deep nesting", `${head}expect: ${"[".repeat(60)}${"]".repeat(60)}\n`, /nested more than 32/],
  ["a file that is too long", `${head}# ${"x".repeat(1024 * 1024)}\n`, /longer than 1 MiB/],
  ["a prototype as a key", `${head}expect:\n  - match: { __proto__: x }\n`, /unknown fact "__proto__"/],
  ["a constructor as an operator", checkOf("{ host: { constructor: x } }"), /unknown operator "constructor"/],
])("%s is refused with its place", (_name, text, expected) => {
  const problem = problemOf(text);
  if (typeof expected === "string") expect(problem).toBe(expected);
  else expect(problem).toMatch(expected);
  expect(problem).toMatch(/^\d+:\d+ [\x20-\x7e]+$/);
});

describe("a YAML bomb", () => {
  test("of aliases is refused before it grows", () => {
    const lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x]"];
    for (let level = 1; level < 12; level++) {
      lines.push(`a${level}: &a${level} [${Array.from({ length: 9 }, () => `*a${level - 1}`).join(", ")}]`);
    }
    expect(problemOf(`${head}${lines.join("\n")}\n`)).toMatch(/aliases|anchors|unknown key/);
  });

  test("of a thousand and one checks is refused", () => {
    const checks = Array.from({ length: 1001 }, (_, number) => `  - { name: "${number}", match: { kind: basic } }`);
    expect(problemOf(`${head}expect:\n${checks.join("\n")}\n`)).toMatch(/more than 1000 checks/);
  });
});

test("names of findings are taken in any spelling", () => {
  const file = expectations(`${head}forbid: [finding.BASIC_FALLBACK, finding.basic_offered, "finding.sts-*"]\n`);
  expect(file.checks.map((check) => (check.kind === "forbid" ? [...(check.names ?? [])] : []))).toEqual([
    ["finding.basic-fallback"],
    ["finding.basic-offered"],
    expect.arrayContaining(["finding.sts-failed", "finding.sts-refused"]),
  ]);
});

test("a clock is a time of its own", () => {
  expect(expectations(`${head}clock: 2026-01-31T12:00:00Z\nforbid: [leak.*]\n`).clock).toBe(Date.UTC(2026, 0, 31, 12));
});

test("reading throws nothing whatever the text is", () => {
  for (const text of ["{", "\u0000", "- - -", "? ", "!!x", "%YAML 9.9\n---\n", "a: b: c", "\ud800"])
    expect(() => readExpectations(text, "x")).not.toThrow();
});
