// Conditions of a file become tests. Refuses everything that could make a check pass for the wrong reason: an unknown fact or
// operator, a value of the wrong type, a value that the fact can never have.
import {
  type Condition,
  comparisonTest,
  equalTest,
  globTest,
  isGlob,
  type Operator,
  operators,
  readComparison,
  regexTest,
  type ValueTest,
} from "./condition.ts";
import type { Match } from "./expectations.ts";
import type { FactDefinition, FactValue } from "./fact.ts";
import { allFacts, canonicalFinding, findFact } from "./vocabulary.ts";
import { type FilePosition, fail, quoteForMessage, unknownWord, type YamlField, type YamlNode } from "./yaml-reader.ts";

/** The conditions of a `match`, an `each` or a step. Throws ProblemFound. */
export function readMatch(value: YamlNode, what: string): Match {
  if (value.type !== "map") fail(value, `${what} must be a map of facts and their conditions`);
  if (value.fields.length === 0) fail(value, `${what} is empty; leave it out or name a fact`);
  const seen = new Set<string>();
  return value.fields.map((field) => {
    const condition = readCondition(field);
    if (seen.has(condition.fact.name)) fail(field.keyPlace, `${quoteForMessage(condition.fact.name)} is repeated`);
    seen.add(condition.fact.name);
    return condition;
  });
}

/** Finds a fact by its name. Throws ProblemFound with the most similar name. */
export function readFact(name: string, place: FilePosition): FactDefinition {
  return findFact(name) ?? fail(place, unknownWord(`fact ${quoteForMessage(name)}`, name, [...allFacts.keys()]));
}

function readCondition({ key, keyPlace, value }: YamlField): Condition {
  const fact = readFact(key, keyPlace);
  const test = readTest(fact, value);
  return { fact, text: `${fact.name} ${sayValue(value)}`, matches: test };
}

type ListTest = (values: readonly FactValue[]) => boolean;

function readTest(fact: FactDefinition, value: YamlNode): ListTest {
  switch (value.type) {
    case "plain": {
      const test = readLiteral(fact, value.value, value);
      return (values) => values.some(test);
    }
    case "list":
      return fail(value, `write { in: [...] } for one of several values of ${fact.name}`);
    case "map": {
      if (value.fields.length === 0) fail(value, `${fact.name} needs an operator: ${operators.join(", ")}`);
      const tests = value.fields.map((field) => readOperator(fact, field));
      return (values) => tests.every((test) => test(values));
    }
  }
}

function readOperator(fact: FactDefinition, { key, keyPlace, value }: YamlField): ListTest {
  const operator = operators.find((candidate) => candidate === key);
  if (operator === undefined) return fail(keyPlace, unknownWord(`operator ${quoteForMessage(key)}`, key, operators));
  switch (operator) {
    case "exists": {
      if (value.type !== "plain" || typeof value.value !== "boolean") return fail(value, "exists is true or false");
      const wanted = value.value;
      return (values) => values.length > 0 === wanted;
    }
    case "not": {
      const test = readTest(fact, value);
      return (values) => !test(values);
    }
    case "in": {
      if (value.type !== "list" || value.items.length === 0) return fail(value, "in is a list of values");
      const tests = value.items.map((item) => readMember(fact, item));
      return (values) => values.some((found) => tests.some((test) => test(found)));
    }
    default: {
      const test = readSimple(fact, operator, value);
      return (values) => values.some(test);
    }
  }
}

function readMember(fact: FactDefinition, item: YamlNode): ValueTest {
  if (item.type !== "plain") return fail(item, "in holds plain values");
  return readLiteral(fact, item.value, item);
}

type SimpleOperator = Exclude<Operator, "exists" | "not" | "in">;

function readSimple(fact: FactDefinition, operator: SimpleOperator, value: YamlNode): ValueTest {
  if (value.type !== "plain" || value.value === null) return fail(value, `${operator} needs one value`);
  const operand = value.value;
  switch (operator) {
    case "equals":
      return possible(fact, readEqual(fact, operand, value), value);
    case "glob":
    case "regex": {
      if (fact.type !== "text") return fail(value, `${operator} is for text, and ${fact.name} is a ${fact.type}`);
      if (typeof operand !== "string" || operand === "") return fail(value, `${operator} needs text`);
      if (operator === "glob") return possible(fact, globTest(operand), value);
      const test = regexTest(operand);
      return typeof test === "string"
        ? fail(value, `${quoteForMessage(operand)} ${test}`)
        : possible(fact, test, value);
    }
    default:
      return compare(fact, operator, operand, value);
  }
}

/** The test of a value without an operator: equality, a glob with `*` or `?`, a comparison when it begins like one. */
function readLiteral(fact: FactDefinition, literal: string | number | boolean | null, place: FilePosition): ValueTest {
  if (literal === null || literal === "")
    return fail(place, `${fact.name} needs a value; write { exists: false } for none`);
  if (typeof literal === "string") {
    const isOrdered = fact.type !== "text" || fact.name === "finding.severity";
    const comparison = isOrdered ? readComparison(literal) : null;
    if (comparison !== null) return compare(fact, comparison.operator, comparison.rest, place);
    if (fact.type === "text" && readComparison(literal) !== null)
      return fail(place, `${fact.name} is text and cannot be compared; write { equals: ... } for this very text`);
    if (fact.type === "text" && isGlob(literal)) return possible(fact, globTest(literal), place);
  }
  return possible(fact, readEqual(fact, literal, place), place);
}

function readEqual(fact: FactDefinition, operand: string | number | boolean, place: FilePosition): ValueTest {
  switch (fact.type) {
    case "flag":
      if (typeof operand !== "boolean") return fail(place, `${fact.name} is true or false`);
      return (value) => value === operand;
    case "number":
    case "time": {
      const number = numberOf(fact, operand, place);
      return (value) => value === number;
    }
    case "text":
      if (typeof operand === "boolean") return fail(place, `${fact.name} is text; put it in quotes`);
      return equalTest(fact.name === "finding.code" ? canonicalFinding(String(operand)) : String(operand));
  }
}

function compare(
  fact: FactDefinition,
  operator: ">=" | ">" | "<=" | "<",
  operand: string | number | boolean,
  place: FilePosition,
): ValueTest {
  if (fact.name === "finding.severity") return compareSeverity(fact, operator, operand, place);
  if (fact.type !== "number" && fact.type !== "time")
    return fail(place, `${operator} compares numbers and times, and ${fact.name} is a ${fact.type}`);
  const test = comparisonTest(operator, numberOf(fact, operand, place));
  return (value) => typeof value === "number" && test(value);
}

// Severities are ordered by rank, not as text.
function compareSeverity(
  fact: FactDefinition,
  operator: ">=" | ">" | "<=" | "<",
  operand: string | number | boolean,
  place: FilePosition,
): ValueTest {
  const order = fact.values ?? [];
  const bound = order.indexOf(String(operand));
  if (bound < 0)
    return fail(place, unknownWord(`severity ${quoteForMessage(String(operand))}`, String(operand), order));
  const test = comparisonTest(operator, bound);
  return (value) => test(order.indexOf(String(value)));
}

function numberOf(fact: FactDefinition, operand: string | number | boolean, place: FilePosition): number {
  if (fact.type === "time") {
    const at = typeof operand === "string" ? readTime(operand) : null;
    return at ?? fail(place, `${fact.name} is a time: write it as 2026-01-31T12:00:00Z`);
  }
  const number = typeof operand === "string" && operand.trim() !== "" ? Number(operand) : operand;
  if (typeof number !== "number" || !Number.isFinite(number)) return fail(place, `${fact.name} is a number`);
  return number;
}

/** ISO 8601 with its zone, or a bare date in UTC, as epoch milliseconds; null for any other text. */
export function readTime(text: string): number | null {
  const iso = /^\d{4}-\d{2}-\d{2}(?:T\d{2}:\d{2}(?::\d{2}(?:\.\d{1,9})?)?(?:Z|[+-]\d{2}:\d{2}))?$/;
  const at = iso.test(text) ? Date.parse(text) : Number.NaN;
  return Number.isNaN(at) ? null : at;
}

/** Refuses a test that no value of the fact can pass: with `count: 0` it would always pass. */
function possible(
  fact: FactDefinition,
  test: ValueTest,
  place: FilePosition & { readonly value?: unknown },
): ValueTest {
  const { values } = fact;
  if (values === undefined || values.some(test)) return test;
  const word = String(place.value ?? "");
  return fail(place, unknownWord(`${fact.name} ${quoteForMessage(word)}`, word, values));
}

/** A value as text for a message. */
function sayValue(value: YamlNode): string {
  switch (value.type) {
    case "plain":
      return typeof value.value === "string" ? sayText(value.value) : String(value.value);
    case "list":
      return `[${value.items.map(sayValue).join(", ")}]`;
    case "map":
      return value.fields.map(({ key, value: operand }) => `${key} ${sayValue(operand)}`).join(" and ");
  }
}

function sayText(text: string): string {
  return text.slice(0, 120).replace(/[^\x20-\x7e]/g, "?");
}
