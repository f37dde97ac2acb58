// Writes a condition on a selected value as filter text that parses back to the same value.
import type { Expression } from "./expression.ts";
import { type Field, findField } from "./fields.ts";
import { filterLengthLimit, parseExpression } from "./parse.ts";
import type { FilterSubject } from "./subject.ts";

/** The value of a row for a comparison with `=`, as filter text; null where the row has no such value. */
export function rowValue(subject: FilterSubject, name: string): string | null {
  const field = findField(name);
  if (field === null) return null;
  return field.kind === "text" ? (field.read(subject, null)[0] ?? null) : spanText(field, name, subject);
}

function spanText(field: Extract<Field, { kind: "span" }>, name: string, subject: FilterSubject): string | null {
  const value = field.read(subject);
  switch (name) {
    case "status":
      return value === null ? "none" : String(value);
    case "sev":
      return subject.row.worst ?? "none";
    case "time":
    case "exp":
      return value === null || Math.abs(value) > 8.64e15 ? null : `${new Date(value).toISOString().slice(0, 19)}Z`;
    default:
      return value === null ? null : String(Math.floor(value));
  }
}

/**
 * The filter with one more condition, that the field is or is not this value. The same text when it already has the condition, null
 * when the result would be too long. `text` must be a valid filter.
 */
export function withTerm(text: string, how: "only" | "without", field: string, value: string): string | null {
  const term = `${how === "only" ? "" : "!"}${field}=${written(value)}`;
  if (term.length > filterLengthLimit) return null;
  const before = text.trim();
  const expression = parseExpression(before);
  if (has(expression, parseExpression(term))) return before;
  const longer = before === "" ? term : `${expression?.kind === "any" ? `(${before})` : before} & ${term}`;
  return longer.length > filterLengthLimit ? null : longer;
}

function has(expression: Expression | null, wanted: Expression | null): boolean {
  const parts = expression?.kind === "all" ? expression.parts : [expression];
  return wanted !== null && parts.some((part) => meaning(part) === meaning(wanted));
}

/** The meaning of an expression without its columns, for comparisons. */
function meaning(expression: Expression | null): string {
  return JSON.stringify(expression, (name, value: unknown) => (/column$/i.test(name) ? undefined : value));
}

const plain = /^[\w.@-]+$/;
// Written as numbers: invisible letters, everything that is neither a letter, a number nor ASCII, and a slash that would end a
// pattern begun earlier in the filter.
const unwritten = /["\\]|[^\x20-\x7e\p{L}\p{N}]|[\u115f\u1160\u3164\uffa0]|\/(?=i?[\s&|),])/gu;

/** A value as one word or in quotes, safe for a terminal and unambiguous in the language. */
function written(value: string): string {
  return plain.test(value) ? value : `"${value.replace(unwritten, escaped)}"`;
}

function escaped(character: string): string {
  if (character === '"' || character === "\\") return `\\${character}`;
  const code = character.codePointAt(0) ?? 0;
  const hex = code.toString(16);
  if (code <= 0xff) return `\\x${hex.padStart(2, "0")}`;
  return code <= 0xffff ? `\\u${hex.padStart(4, "0")}` : `\\u{${hex}}`;
}
