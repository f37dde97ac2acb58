import { type Expression, FilterProblem, type Operator } from "./expression.ts";
import { readTokens, type Token } from "./lexer.ts";

const depthLimit = 32;
/** Maximum length of a filter in characters. */
export const filterLengthLimit = 500;
const operators: readonly string[] = ["=", "!=", "~", "!~", "<", "<=", ">", ">=", ":"];

/**
 * Parses a filter; null when the text is empty. `or` binds weaker than `and`, and two adjacent terms must both match. Throws
 * FilterProblem.
 */
export function parseExpression(text: string): Expression | null {
  if (text.length > filterLengthLimit) {
    throw new FilterProblem(filterLengthLimit, `a filter has at most ${filterLengthLimit} characters`);
  }
  const reader = new Reader(readTokens(text));
  if (reader.peek().kind === "end") return null;
  const expression = parseAny(reader, 0);
  const rest = reader.peek();
  if (rest.kind !== "end") throw new FilterProblem(rest.column, `expected & or | before "${rest.text.slice(0, 20)}"`);
  return expression;
}

class Reader {
  readonly #tokens: readonly Token[];
  #at = 0;

  constructor(tokens: readonly Token[]) {
    this.#tokens = tokens;
  }

  peek(ahead = 0): Token {
    const last: Token = { kind: "end", text: "", column: 1 };
    return this.#tokens[Math.min(this.#at + ahead, this.#tokens.length - 1)] ?? last;
  }

  next(): Token {
    const token = this.peek();
    this.#at += 1;
    return token;
  }

  /** Consumes the next token and returns true when it is that sign or that bare word. */
  takes(symbol: string, word: string): boolean {
    const { kind, text } = this.peek();
    const isIt =
      (kind === "symbol" && text === symbol) || (kind === "word" && word !== "" && text.toLowerCase() === word);
    if (isIt) this.#at += 1;
    return isIt;
  }
}

function parseAny(reader: Reader, depth: number): Expression {
  const parts = [parseAll(reader, depth)];
  while (reader.takes("|", "or")) {
    reader.takes("|", "");
    parts.push(parseAll(reader, depth));
  }
  const [first] = parts;
  return parts.length === 1 && first !== undefined ? first : { kind: "any", parts };
}

function parseAll(reader: Reader, depth: number): Expression {
  const parts = [parseTerm(reader, depth)];
  for (;;) {
    const hasAnd = reader.takes("&", "and");
    if (hasAnd) reader.takes("&", "");
    if (!hasAnd && !beginsTerm(reader.peek())) break;
    parts.push(parseTerm(reader, depth));
  }
  const [first] = parts;
  return parts.length === 1 && first !== undefined ? first : { kind: "all", parts };
}

function beginsTerm({ kind, text }: Token): boolean {
  if (kind === "end") return false;
  if (kind === "word") return text.toLowerCase() !== "or";
  return kind !== "symbol" || text === "(" || text === "!";
}

function parseTerm(reader: Reader, depth: number): Expression {
  if (depth > depthLimit) throw new FilterProblem(reader.peek().column, "too many brackets inside each other");
  if (reader.takes("!", "not")) return { kind: "not", part: parseTerm(reader, depth + 1) };
  const token = reader.next();
  if (token.kind === "symbol" && token.text === "(") {
    const inner = parseAny(reader, depth + 1);
    const end = reader.next();
    if (end.text !== ")" || end.kind !== "symbol") throw new FilterProblem(end.column, "expected )");
    return inner;
  }
  if (token.kind === "end" || token.kind === "symbol") {
    throw new FilterProblem(token.column, "expected a field or a word");
  }
  const after = reader.peek();
  const isCompared = token.kind === "word" && after.kind === "symbol" && operators.includes(after.text);
  if (isCompared) return parseComparison(reader, token);
  if (token.kind === "word" && after.kind === "word" && after.text.toLowerCase() === "in" && isList(reader)) {
    return parseList(reader, token);
  }
  return { kind: "word", text: token.text, isPattern: token.kind === "pattern", column: token.column };
}

function isList(reader: Reader): boolean {
  const next = reader.peek(1);
  return next.kind === "symbol" && next.text === "(";
}

function parseComparison(reader: Reader, field: Token): Expression {
  const sign = reader.next();
  const value = reader.next();
  if (value.kind === "end" || value.kind === "symbol") throw new FilterProblem(value.column, "expected a value");
  const isContains = sign.text === ":";
  return {
    kind: "compare",
    field: field.text.toLowerCase(),
    operator: isContains ? "~" : (sign.text as Operator),
    values: [value.text],
    isPattern: value.kind === "pattern",
    column: field.column,
    valueColumn: value.column,
  };
}

function parseList(reader: Reader, field: Token): Expression {
  reader.next();
  reader.next();
  const values: string[] = [];
  const { column } = reader.peek();
  do {
    const value = reader.next();
    if (value.kind === "end" || value.kind === "symbol") throw new FilterProblem(value.column, "expected a value");
    values.push(value.text);
  } while (reader.takes(",", ""));
  const end = reader.next();
  if (end.text !== ")") throw new FilterProblem(end.column, "expected , or )");
  return {
    kind: "compare",
    field: field.text.toLowerCase(),
    operator: "in",
    values,
    isPattern: false,
    column: field.column,
    valueColumn: column,
  };
}
