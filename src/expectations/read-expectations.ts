// Reads an expectation file: its checks, or its first problem with line and column. A partly understood file could pass for the
// wrong reason, so nothing in it is ignored.
import { readDuration } from "../core/quantities.ts";
import { comparisonTest, globTest, isGlob, readComparison } from "./condition.ts";
import type { Check, CountTest, Expectations, ExpectCheck, ForbidCheck, RequireCheck } from "./expectations.ts";
import { bases } from "./handshake-facts.ts";
import { readFact, readMatch, readTime } from "./read-condition.ts";
import { basisWords, hasBasis, readDirection, readWords, type TraceCondition } from "./read-direction.ts";
import { canonicalFinding, forbiddenNames } from "./vocabulary.ts";
import {
  type FilePosition,
  type FileProblem,
  fail,
  fieldsOf,
  ProblemFound,
  quoteForMessage,
  readDocument,
  unknownWord,
  type YamlField,
  type YamlNode,
} from "./yaml-reader.ts";

export type { FileProblem } from "./yaml-reader.ts";

export type ReadExpectations =
  | { readonly ok: true; readonly value: Expectations }
  | { readonly ok: false; readonly problem: FileProblem };

const topKeys = [
  "$schema",
  "version",
  "clock",
  "require",
  "inbound",
  "outbound",
  "expect",
  "forbid",
  "snapshot",
] as const;
const expectKeys = ["name", "match", "sequence", "count", "each", "by", "within"] as const;
const requireKeys = ["entries", "handshakes", "truncated", "verdict", "basis", "inbound", "outbound"] as const;
const mostChecks = 1000;
/** Also used by the schema. */
export const withinPattern = /^[0-9]{1,9}(?:\.[0-9]{1,3})?\s?(?:ms|s|m|h)$/;

/** Reads the text of an expectation file. `source` is its name in messages and reports. Never throws. */
export function readExpectations(text: string, source: string): ReadExpectations {
  try {
    return { ok: true, value: readTop(readDocument(text), source) };
  } catch (error) {
    if (error instanceof ProblemFound) return { ok: false, problem: error.problem };
    throw error;
  }
}

function readTop(top: YamlNode, source: string): Expectations {
  const fields = fieldsOf(top, "an expectation file", topKeys);
  const version = fields.get("version");
  if (version === undefined) fail(top, "the file needs version: 1");
  if (version.value.type !== "plain" || version.value.value !== 1)
    fail(version.value, "this version of realmscope reads version: 1 alone");
  const schema = fields.get("$schema");
  if (schema !== undefined) plainText(schema.value, "$schema");
  const required = fields.get("require");
  const checks: readonly Check[] = [
    ...(required === undefined ? [] : readRequire(required.value)),
    // Short for the same keys of require.
    ...[fields.get("inbound"), fields.get("outbound")].flatMap((field) =>
      field === undefined ? [] : requireOf(field),
    ),
    ...readList(fields.get("expect"), "expect").map(readExpect),
    ...readList(fields.get("forbid"), "forbid").map(readForbid),
  ];
  refuseRepeats(checks);
  const snapshot = readSnapshot(fields.get("snapshot"));
  if (checks.length === 0 && snapshot === null)
    fail(top, "the file checks nothing; name something in expect or forbid");
  if (checks.length > mostChecks) fail(top, `the file has more than ${mostChecks} checks`);
  return { source, clock: readClock(fields.get("clock")), checks, snapshot };
}

/** Refuses repeated names: reports tell checks apart by them. */
function refuseRepeats(checks: readonly Check[]): void {
  const names = new Set<string>();
  for (const { name, line } of checks) {
    if (names.has(name)) fail({ line, column: 1 }, `two checks are named ${quoteForMessage(name)}`);
    names.add(name);
  }
}

function readList(field: YamlField | undefined, what: string): readonly YamlNode[] {
  if (field === undefined) return [];
  if (field.value.type !== "list") return fail(field.value, `${what} is a list`);
  return field.value.items;
}

function readClock(field: YamlField | undefined): Expectations["clock"] {
  if (field === undefined) return "trace";
  const text = plainText(field.value, "clock");
  if (text === "trace") return "trace";
  return readTime(text) ?? fail(field.value, "clock is trace, or a time such as 2026-01-31T12:00:00Z");
}

function readSnapshot(field: YamlField | undefined): Expectations["snapshot"] {
  if (field === undefined) return null;
  return { path: plainText(field.value, "snapshot"), line: field.keyPlace.line };
}

function plainText(value: YamlNode, what: string): string {
  if (value.type !== "plain" || typeof value.value !== "string" || value.value.trim() === "")
    return fail(value, `${what} is text`);
  return value.value;
}

function readExpect(value: YamlNode): ExpectCheck {
  const fields = fieldsOf(value, "a check of expect", expectKeys);
  const [match, sequence, each] = [fields.get("match"), fields.get("sequence"), fields.get("each")];
  if (match === undefined && sequence === undefined) fail(value, "a check needs match or sequence");
  if (sequence !== undefined && each !== undefined) fail(each.keyPlace, "each goes with match, not with sequence");
  const count = readCount(fields.get("count"));
  if (each !== undefined && count.holds(0) && !count.holds(1))
    fail(each.keyPlace, "each checks entries that count: 0 forbids");
  const by = fields.get("by");
  if (by !== undefined && sequence === undefined && count.holds(0))
    fail(by.keyPlace, "by groups the matched entries, so the count must exclude zero");
  const name = fields.get("name");
  return {
    kind: "expect",
    name: name === undefined ? `expectation in line ${value.line}` : nameOf(name.value),
    line: value.line,
    match: match === undefined ? [] : readMatch(match.value, "match"),
    sequence: sequence === undefined ? null : readSequence(sequence.value),
    count,
    each: each === undefined ? [] : readMatch(each.value, "each"),
    by: by === undefined ? null : readFact(plainText(by.value, "by"), by.value).name,
    withinMs: readWithin(fields.get("within")),
  };
}

function nameOf(value: YamlNode): string {
  const text =
    value.type === "plain" && typeof value.value === "number" ? String(value.value) : plainText(value, "name");
  if (text.length > 200) fail(value, "a name has at most 200 characters");
  return text.trim();
}

function readSequence(value: YamlNode): ExpectCheck["sequence"] {
  if (value.type !== "list" || value.items.length < 2) return fail(value, "sequence is a list of two steps or more");
  if (value.items.length > 50) return fail(value, "sequence has at most 50 steps");
  return value.items.map((item) => readMatch(item, "a step"));
}

function readWithin(field: YamlField | undefined): number | null {
  if (field === undefined) return null;
  const text = plainText(field.value, "within");
  const ms = withinPattern.test(text) ? readDuration(text) : null;
  return ms ?? fail(field.value, "within is a time such as 500ms, 5s or 2m");
}

function readCount(field: YamlField | undefined): CountTest {
  if (field === undefined) return { text: ">= 1", holds: (count) => count >= 1 };
  return countOf(field.value, "count");
}

/** Reads a number, `">= 1"`, or a map of comparisons that must all hold. */
function countOf(value: YamlNode, what: string): CountTest {
  if (value.type === "list") return fail(value, `${what} is a number or a comparison such as ">= 1"`);
  if (value.type === "plain") {
    if (typeof value.value === "number") {
      const wanted = wholeNumber(value.value, value, what);
      return { text: String(wanted), holds: (count) => count === wanted };
    }
    const comparison = typeof value.value === "string" ? readComparison(value.value) : null;
    if (comparison === null) return fail(value, `${what} is a number or a comparison such as ">= 1"`);
    return comparisonOf(comparison, value, what);
  }
  if (value.fields.length === 0) return fail(value, `${what} needs a comparison`);
  const tests = [...fieldsOf(value, what, [">=", ">", "<=", "<"]).values()].map(({ key, value: bound }) => {
    const comparison = readComparison(`${key} ${bound.type === "plain" ? String(bound.value) : "?"}`);
    return comparison === null ? fail(bound, `${what} needs whole numbers`) : comparisonOf(comparison, bound, what);
  });
  return feasible(
    { text: tests.map(({ text }) => text).join(" and "), holds: (count) => tests.every(({ holds }) => holds(count)) },
    value,
    what,
  );
}

function comparisonOf(
  { operator, rest }: NonNullable<ReturnType<typeof readComparison>>,
  place: FilePosition,
  what: string,
): CountTest {
  const bound = wholeNumber(/^\d{1,9}$/.test(rest) ? Number(rest) : Number.NaN, place, what);
  return feasible({ text: `${operator} ${bound}`, holds: comparisonTest(operator, bound) }, place, what);
}

/** Refuses a count that any number meets, or none. */
function feasible(count: CountTest, place: FilePosition, what: string): CountTest {
  const numbers = [...(count.text.match(/\d+/g) ?? [])].flatMap((digits) => [
    Number(digits) - 1,
    Number(digits),
    Number(digits) + 1,
  ]);
  const tried = [0, ...numbers].filter((number) => number >= 0).map((number) => count.holds(number));
  if (!tried.includes(true)) fail(place, `${what} ${quoteForMessage(count.text)} can never hold`);
  if (!tried.includes(false)) fail(place, `${what} ${quoteForMessage(count.text)} always holds, so it checks nothing`);
  return count;
}

function wholeNumber(number: number, place: FilePosition, what: string): number {
  if (!Number.isInteger(number) || number < 0 || number > 999_999_999)
    return fail(place, `${what} needs a whole number`);
  return number;
}

function readForbid(value: YamlNode): ForbidCheck {
  if (value.type === "map") {
    const match = readMatch(value, "an entry of forbid");
    const text = match.map((condition) => condition.text).join(", ");
    return { kind: "forbid", name: `forbid ${text}`, line: value.line, names: null, match };
  }
  const pattern = plainText(value, "an entry of forbid");
  return { kind: "forbid", name: `forbid ${pattern}`, line: value.line, names: namesOf(pattern, value), match: [] };
}

function namesOf(pattern: string, place: FilePosition): ReadonlySet<string> {
  const lower = pattern.toLowerCase();
  const isFinding = lower.startsWith("finding.");
  const name = isFinding ? `finding.${canonicalFinding(lower.slice("finding.".length))}` : lower;
  const test = isGlob(name) ? globTest(name) : (known: string) => known === name;
  const names = forbiddenNames.filter((known) => test(known));
  if (names.length === 0)
    return fail(place, unknownWord(`name ${quoteForMessage(pattern)} in forbid`, name, forbiddenNames));
  return new Set(names);
}

function readRequire(value: YamlNode): readonly RequireCheck[] {
  return [...fieldsOf(value, "require", requireKeys).values()].map(requireOf);
}

function requireOf({ key, keyPlace, value }: YamlField): RequireCheck {
  const { text, holds, has } = conditionOf(key, value);
  return { kind: "require", name: `require ${key} ${text}`, line: keyPlace.line, holds, has };
}

function conditionOf(key: string, wanted: YamlNode): TraceCondition {
  switch (key) {
    case "entries":
    case "handshakes": {
      const count = countOf(wanted, key);
      return { text: count.text, holds: (trace) => count.holds(trace[key]), has: (trace) => `${trace[key]} ${key}` };
    }
    case "truncated": {
      if (wanted.type !== "plain" || typeof wanted.value !== "boolean")
        return fail(wanted, "truncated is true or false");
      const isCut = wanted.value;
      return {
        text: String(isCut),
        holds: ({ truncated }) => truncated === isCut,
        has: ({ truncated }) => (truncated ? "a cut trace" : "a whole trace"),
      };
    }
    case "basis": {
      const accepted = readWords(wanted, "basis", bases);
      return {
        text: accepted.join(" or "),
        holds: ({ verdict, ways }) => hasBasis(accepted, verdict, ways),
        has: ({ verdict, ways }) => [verdict, ...basisWords(verdict, ways)].join(", "),
      };
    }
    case "inbound":
    case "outbound":
      return readDirection(key, wanted);
    default: {
      const accepted = readWords(wanted, "verdict");
      return {
        text: accepted.join(" or "),
        holds: ({ verdict }) => accepted.includes(verdict),
        has: ({ verdict }) => verdict,
      };
    }
  }
}
