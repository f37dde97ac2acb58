// Tests of one fact. Text is compared in any letter case: a `count: 0` check for `basic` that misses `Basic` would pass for the
// wrong reason. A regular expression sets (?i) itself.
import { RE2JS } from "re2js";
import { printable } from "../core/printable-text.ts";
import { withoutTokens } from "../decoders/token-in-text.ts";
import type { FactDefinition, FactValue } from "./fact.ts";

/** The tests of one fact; all must hold. An absent fact passes only `exists: false` and `not`. */
export interface Condition {
  readonly fact: FactDefinition;
  /** The condition as in the file, for messages. */
  readonly text: string;
  readonly matches: (values: readonly FactValue[]) => boolean;
}

export type ValueTest = (value: FactValue) => boolean;

/** The operators, in the order of the documentation. */
export const operators = ["equals", "glob", "regex", "in", ">=", ">", "<=", "<", "exists", "not"] as const;
export type Operator = (typeof operators)[number];

const longestPattern = 1000;

/** True when a text of a file is a glob: it has a `*` or a `?`. */
export function isGlob(text: string): boolean {
  return /[*?]/.test(text);
}

/** A test for text by glob: `*` any characters, `?` one. In time linear in pattern and text for each star. */
export function globTest(pattern: string): ValueTest {
  const parts = pattern.toLowerCase();
  return (value) => matchesGlob(parts, String(value).toLowerCase());
}

// Greedy with one remembered star: at most pattern times text steps, no recursion.
function matchesGlob(pattern: string, text: string): boolean {
  let [p, t, star, mark] = [0, 0, -1, 0];
  while (t < text.length) {
    if (pattern[p] === "*") {
      star = p++;
      mark = t;
    } else if (p < pattern.length && (pattern[p] === "?" || pattern[p] === text[t])) {
      p++;
      t++;
    } else if (star >= 0) {
      p = star + 1;
      t = ++mark;
    } else return false;
  }
  while (pattern[p] === "*") p++;
  return p === pattern.length;
}

/** A test by a regular expression (RE2 syntax, linear time) anywhere in the text, or the problem of the pattern. */
export function regexTest(pattern: string): ValueTest | string {
  if (pattern.length > longestPattern) return `is longer than ${longestPattern} characters`;
  try {
    const compiled = RE2JS.compile(pattern);
    return (value) => compiled.test(String(value));
  } catch (error) {
    const why = error instanceof Error ? printable(error.message.replace(/^error parsing regexp: /, "")) : "unknown";
    return `is not a regular expression in RE2 syntax (no back-references or look-around): ${why}`;
  }
}

/** A test for equality; text in any letter case. */
export function equalTest(wanted: FactValue): ValueTest {
  const text = String(wanted).toLowerCase();
  return (value) =>
    typeof wanted === "number" && typeof value === "number" ? value === wanted : String(value).toLowerCase() === text;
}

/** A test of numbers or times. */
export function comparisonTest(operator: ">=" | ">" | "<=" | "<", bound: number): (value: number) => boolean {
  switch (operator) {
    case ">=":
      return (value) => value >= bound;
    case ">":
      return (value) => value > bound;
    case "<=":
      return (value) => value <= bound;
    case "<":
      return (value) => value < bound;
  }
}

/** The parts of a comparison such as `>= 3`; null when the text is not one. */
export function readComparison(
  text: string,
): { readonly operator: ">=" | ">" | "<=" | "<"; readonly rest: string } | null {
  const [, operator, rest] = /^\s{0,8}(>=|<=|>|<)\s{0,8}(\S.{0,63})$/.exec(text) ?? [];
  if (rest === undefined) return null;
  switch (operator) {
    case ">=":
    case ">":
    case "<=":
    case "<":
      return { operator, rest: rest.trim() };
    default:
      return null;
  }
}

/** Values of an entry for a message: printable, short, times as text. */
export function showValues(fact: FactDefinition, values: readonly FactValue[]): string {
  if (values.length === 0) return "absent";
  const texts = values.slice(0, 4).map((value) => showValue(fact, value));
  return values.length > 4 ? `${texts.join(", ")} and ${values.length - 4} more` : texts.join(", ");
}

function showValue(fact: FactDefinition, value: FactValue): string {
  if (fact.type === "time" && typeof value === "number") return timeText(value);
  return typeof value === "string" ? printable(withoutTokens(value)) : String(value);
}

function timeText(at: number): string {
  const time = new Date(at);
  return Number.isNaN(time.getTime()) ? String(at) : time.toISOString();
}
