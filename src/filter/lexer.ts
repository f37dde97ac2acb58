import { FilterProblem } from "./expression.ts";
import { findField } from "./fields.ts";

export interface Token {
  readonly kind: "word" | "quoted" | "pattern" | "symbol" | "end";
  readonly text: string;
  /** From 1. */
  readonly column: number;
}

const symbols = ["!=", "!~", "<=", ">=", "=", "~", "<", ">", "&", "|", "!", "(", ")", ",", ":"];
// All other text is words; `:` is a sign only after a field, so that times and IPv6 addresses are words.
const direction = /^[sxt?]>[sxt](?![^\s&|)])/i;
const wordEnd = /[\s&|!()<>=~,"]/;

/** Splits a filter into words, quoted texts, /patterns/ and signs. Throws FilterProblem. */
export function readTokens(text: string): readonly Token[] {
  const tokens: Token[] = [];
  let at = 0;
  while (at < text.length) {
    if (/\s/.test(text[at] ?? "")) {
      at += 1;
      continue;
    }
    const token = nextToken(text, at, tokens.at(-1));
    tokens.push(token.token);
    at = token.end;
  }
  tokens.push({ kind: "end", text: "", column: text.length + 1 });
  return tokens;
}

interface Cut {
  readonly token: Token;
  readonly end: number;
}

function nextToken(text: string, at: number, before: Token | undefined): Cut {
  const column = at + 1;
  if (text[at] === '"') return delimited(text, at, { end: '"', kind: "quoted" });
  if (text[at] === "/" && isPatternPlace(before) && hasClosingSlash(text, at)) {
    return delimited(text, at, { end: "/", kind: "pattern" });
  }
  const symbol = symbols.find((candidate) => text.startsWith(candidate, at));
  if (symbol !== undefined && !(symbol === ":" && before?.kind === "symbol")) {
    return { token: { kind: "symbol", text: symbol, column }, end: at + symbol.length };
  }
  const arrow = before?.text.endsWith("=") === true ? direction.exec(text.slice(at, at + 4))?.[0] : undefined;
  if (arrow !== undefined) return { token: { kind: "word", text: arrow, column }, end: at + arrow.length };
  let end = at;
  while (end < text.length && !wordEnd.test(text[end] ?? "") && !isFieldColon(text, at, end)) end += 1;
  return { token: { kind: "word", text: text.slice(at, end), column }, end };
}

/** `host:lync` means `host~lync`; any other colon belongs to a time, an address or a port. */
function isFieldColon(text: string, start: number, at: number): boolean {
  return text[at] === ":" && findField(text.slice(start, at).toLowerCase()) !== null;
}

function isPatternPlace(before: Token | undefined): boolean {
  return before === undefined || (before.kind === "symbol" && before.text !== ")");
}

/** `/EWS/Exchange.asmx` is a path, `/lync|teams/` a pattern: a pattern's second slash ends its word. */
function hasClosingSlash(text: string, at: number): boolean {
  return /^\/(?:\\.|[^/\\])+\/(?:i?(?=[\s&|),]|$))/.test(text.slice(at));
}

function delimited(text: string, at: number, how: { readonly end: string; readonly kind: "quoted" | "pattern" }): Cut {
  let value = "";
  for (let end = at + 1; end < text.length; end += 1) {
    const character = text[end] ?? "";
    if (character === how.end) {
      const after = how.kind === "pattern" && text[end + 1] === "i" ? end + 2 : end + 1;
      return { token: { kind: how.kind, text: value, column: at + 1 }, end: after };
    }
    if (character === "\\" && end + 1 < text.length) {
      const found = escapeAt(text, end, how.kind);
      value += found.value;
      end += found.length - 1;
    } else value += character;
  }
  throw new FilterProblem(at + 1, `the text that begins with ${how.end} has no end`);
}

interface Escape {
  readonly value: string;
  readonly length: number;
}

/** A pattern keeps its own escapes. */
function escapeAt(text: string, at: number, kind: "quoted" | "pattern"): Escape {
  const character = text[at + 1] ?? "";
  if (kind === "pattern") return { value: character === "/" ? character : `\\${character}`, length: 2 };
  return numberedCharacter(text.slice(at, at + 10)) ?? { value: character, length: 2 };
}

/** `\x1b`, `\u202e`, `\u{e0041}`: escapes for characters that cannot be shown, as the screen writes them. */
function numberedCharacter(text: string): Escape | null {
  const [whole = "", two, four, braced] = /^\\(?:x([0-9a-f]{2})|u([0-9a-f]{4})|u\{([0-9a-f]{1,6})\})/i.exec(text) ?? [];
  const code = Number.parseInt(two ?? four ?? braced ?? "", 16);
  return code <= 0x10ffff ? { value: String.fromCodePoint(code), length: whole.length } : null;
}
