// Compiles the filter language of the screen and of `replay --filter`; docs/screen.md documents it.
import { type Expression, FilterProblem, type Operator } from "./expression.ts";
import { type Field, filterFields, findField, needsContent, type Test } from "./fields.ts";
import { parseExpression } from "./parse.ts";
import { type Pattern, readPattern } from "./pattern.ts";
import type { FilterContent, FilterSubject } from "./subject.ts";

export interface Filter {
  /** Without content, conditions on content match nothing; see `needsContent`. */
  matches(subject: FilterSubject, content?: FilterContent): boolean;
  /** True when the text contains what one of the conditions searches for; negated conditions are ignored. */
  holds(text: string): boolean;
  /** The meaning of the filter in words. */
  readonly words: string;
  /** It tests header fields or bodies, which rows do not have. */
  readonly needsContent: boolean;
}

export type FilterReading =
  /** Null: the text is empty and everything matches. */
  | { readonly ok: true; readonly filter: Filter | null }
  | { readonly ok: false; readonly problem: string /** From 1. */; readonly column: number };

interface Compiled {
  readonly test: Test;
  /** The tests of what it searches for, anywhere in a text. */
  readonly sought: readonly Pattern[];
  readonly words: string;
  readonly needsContent: boolean;
}

/** Reads a filter; `-5m` and `12:04` are relative to `now` (epoch milliseconds). Never throws. */
export function readFilter(text: string, now: number): FilterReading {
  try {
    const expression = parseExpression(text);
    if (expression === null) return { ok: true, filter: null };
    const { test, words, sought, needsContent: needs } = compile(expression, now);
    return {
      ok: true,
      filter: {
        matches: (subject, content = null) => test(subject, content),
        holds: (text) => sought.some((pattern) => pattern.matches(text)),
        words,
        needsContent: needs,
      },
    };
  } catch (error) {
    if (error instanceof FilterProblem) return { ok: false, problem: error.message, column: error.column };
    throw error;
  }
}

function compile(expression: Expression, now: number): Compiled {
  switch (expression.kind) {
    case "all":
    case "any":
      return compileGroup(expression, now);
    case "not": {
      const { test, words, needsContent: needs } = compile(expression.part, now);
      const isGroup = expression.part.kind === "all" || expression.part.kind === "any";
      return {
        test: (subject, content) => !test(subject, content),
        sought: [],
        words: isGroup ? `not ${words}` : `not: ${words}`,
        needsContent: needs,
      };
    }
    case "word":
      return compileWord(expression);
    case "compare":
      return compileComparison(expression, now);
  }
}

function compileGroup({ kind, parts }: Extract<Expression, { kind: "all" | "any" }>, now: number): Compiled {
  const compiled = parts.map((part) => compile(part, now));
  const words = compiled.map(({ words: own }) => own).join(kind === "all" ? " and " : " or ");
  return {
    test:
      kind === "all"
        ? (subject, content) => compiled.every(({ test }) => test(subject, content))
        : (subject, content) => compiled.some(({ test }) => test(subject, content)),
    words: kind === "any" ? `(${words})` : words,
    sought: compiled.flatMap(({ sought }) => sought),
    needsContent: compiled.some(({ needsContent: needs }) => needs),
  };
}

function compileWord({ text, isPattern, column }: Extract<Expression, { kind: "word" }>): Compiled {
  if (isPattern) {
    const pattern = readPattern(text, column);
    return {
      test: ({ row }) => pattern.matches(row.host + row.path),
      words: `host and path match ${pattern.words}`,
      sought: [pattern],
      needsContent: false,
    };
  }
  const wanted = text.toLowerCase();
  return {
    test: ({ row }) => (row.host + row.path).toLowerCase().includes(wanted),
    words: `host and path contain ${shown(text)}`,
    sought: [containing(text)],
    needsContent: false,
  };
}

function compileComparison(comparison: Extract<Expression, { kind: "compare" }>, now: number): Compiled {
  const { field: name, column } = comparison;
  const field = findField(name);
  if (field === null) {
    throw new FilterProblem(column, `there is no field "${name.slice(0, 20)}"; fields: ${filterFields.join(" ")}`);
  }
  const compiled = field.kind === "text" ? compareText(field, comparison) : compareSpan(field, comparison, now);
  return { ...compiled, needsContent: needsContent(name) };
}

type Comparison = Extract<Expression, { kind: "compare" }>;

function compareText(field: Extract<Field, { kind: "text" }>, comparison: Comparison): Omit<Compiled, "needsContent"> {
  const { field: name, operator, values, isPattern, valueColumn } = comparison;
  const [value = ""] = values;
  if (operator === "~" || operator === "!~" || isPattern) {
    const pattern = isPattern || /[\\^$.*+?()[\]{}|]/.test(value) ? readPattern(value, valueColumn) : containing(value);
    const isNot = operator.startsWith("!");
    return {
      test: (subject, content) => field.read(subject, content).some((text) => pattern.matches(text)) !== isNot,
      words: `${name} ${isNot ? "does not match" : "matches"} ${pattern.words}`,
      sought: isNot ? [] : [pattern],
    };
  }
  if (operator !== "=" && operator !== "!=" && operator !== "in") {
    throw new FilterProblem(comparison.column, `${name} is text: it takes = != ~ !~ and in, not ${operator}`);
  }
  const wanted = new Set(values.map((text) => comparable(name, text)));
  const isNot = operator === "!=";
  return {
    test: (subject, content) =>
      field.read(subject, content).some((text) => wanted.has(comparable(name, text))) !== isNot,
    words: `${name} is ${isNot ? "not " : ""}${operator === "in" ? "one of " : ""}${values.map(shown).join(", ")}`,
    sought: isNot ? [] : values.filter((text) => text !== "").map(containing),
  };
}

/** `~` with plain text means contains, which is faster and what people expect. */
function containing(value: string): Pattern {
  const wanted = value.toLowerCase();
  return { matches: (text) => text.toLowerCase().includes(wanted), words: `/${value}/i` };
}

/** The value in lower case; the arrow of the screen is allowed in a direction. */
function comparable(name: string, text: string): string {
  return name === "dir" ? text.toLowerCase().replace("\u2192", ">") : text.toLowerCase();
}

const orders: Readonly<
  Record<string, { readonly words: string; test(value: number, from: number, to: number): boolean }>
> = {
  "=": { words: "is", test: (value, from, to) => value >= from && value < to },
  "<": { words: "is below", test: (value, from) => value < from },
  "<=": { words: "is at most", test: (value, _, to) => value < to },
  ">": { words: "is above", test: (value, _, to) => value >= to },
  ">=": { words: "is at least", test: (value, from) => value >= from },
};

function compareSpan(
  field: Extract<Field, { kind: "span" }>,
  { field: name, operator, values, column, valueColumn }: Comparison,
  now: number,
): Omit<Compiled, "needsContent"> {
  const isNot = operator === "!=";
  const order = orders[isNot || operator === "in" ? "=" : operator];
  if (order === undefined) throw new FilterProblem(column, `${name} takes = != < <= > >= and in, not ${operator}`);
  const spans = values.map((text) => {
    const value = field.parse(text, now);
    if (value === null) throw new FilterProblem(valueColumn, `expected ${field.what}`);
    return value;
  });
  return {
    test(subject) {
      const value = field.read(subject);
      const fits = spans.some((span) => {
        if (span === "none") return value === null && orderIsEqual(operator);
        return value !== null && order.test(value, span.from, span.to);
      });
      return fits !== isNot;
    },
    sought: [],
    words: `${name} ${order.words} ${isNot ? "not " : ""}${operator === "in" ? "one of " : ""}${values.join(", ")}`,
  };
}

function orderIsEqual(operator: Operator): boolean {
  return operator === "=" || operator === "!=" || operator === "in";
}

function shown(text: string): string {
  return /^[\w.:@/-]+$/.test(text) ? text : JSON.stringify(text);
}
