// Where a text stops being JSON: the engine's own message repeats the input, and often names no place.

type Expected = "value" | "value or end" | "name" | "name or end" | "colon" | "next" | "nothing";

const blanks = /[ \t\r\n]*/y;
// biome-ignore lint/suspicious/noControlCharactersInRegex: JSON forbids them in strings (RFC 8259 §7)
const string = /"[^"\\\u0000-\u001f]*(?:\\(?:["\\/bfnrt]|u[0-9A-Fa-f]{4})[^"\\\u0000-\u001f]*)*"/y;
const scalar = /(?:-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?|true|false|null)(?![A-Za-z0-9_.])/y;

/** A place for people: `line 3, column 14`, both from 1, columns in characters; or the end of the text. */
export interface JsonBreak {
  readonly line: number;
  readonly column: number;
  /** Nothing is wrong up to the end, and more must follow (RFC 8259). */
  readonly isCut: boolean;
}

/** The first place of a text that is not JSON; null when all of it is. Linear in its length. */
export function jsonBreak(text: string): JsonBreak | null {
  const at = breakIn(text.startsWith("\ufeff") ? ` ${text.slice(1)}` : text);
  if (at === null) return null;
  const before = text.slice(0, at);
  const line = (before.match(/\n/g)?.length ?? 0) + 1;
  return { line, column: at - before.lastIndexOf("\n"), isCut: at >= text.length };
}

/** The place as words of a sentence. */
export function breakWords({ line, column, isCut }: JsonBreak): string {
  return isCut ? `it ends too early, in line ${line}` : `it breaks at line ${line}, column ${column}`;
}

function breakIn(text: string): number | null {
  const open: ("{" | "[")[] = [];
  let expected: Expected = "value";
  let at = afterMatch(blanks, text, 0) ?? 0;
  while (at < text.length) {
    const end = stepEnd(text, at, expected);
    if (end === null || isOtherBracket(text[at], expected, open)) return unfinished(text, at);
    expected = after(text[at] ?? "", expected, open);
    at = afterMatch(blanks, text, end) ?? end;
  }
  return expected === "nothing" ? null : text.length;
}

function isOtherBracket(char: string | undefined, expected: Expected, open: readonly string[]): boolean {
  return expected === "next" && ((char === "}" && open.at(-1) !== "{") || (char === "]" && open.at(-1) !== "["));
}

/** The index after what is at this place; null when it may not be there. */
function stepEnd(text: string, at: number, expected: Expected): number | null {
  const char = text[at] ?? "";
  switch (expected) {
    case "name or end":
      return char === "}" ? at + 1 : afterMatch(string, text, at);
    case "name":
      return afterMatch(string, text, at);
    case "colon":
      return char === ":" ? at + 1 : null;
    case "next":
      return /[,}\]]/.test(char) ? at + 1 : null;
    case "nothing":
      return null;
    default:
      if (char === "{" || char === "[" || (char === "]" && expected === "value or end")) return at + 1;
      return char === '"' ? afterMatch(string, text, at) : afterMatch(scalar, text, at);
  }
}

function after(char: string, expected: Expected, open: ("{" | "[")[]): Expected {
  if (expected === "name" || (expected === "name or end" && char !== "}")) return "colon";
  if (expected === "colon") return "value";
  if (char === ",") return open.at(-1) === "{" ? "name" : "value";
  if (char === "}" || char === "]") open.pop();
  else if (expected !== "next" && (char === "{" || char === "[")) {
    open.push(char);
    return char === "{" ? "name or end" : "value or end";
  }
  return open.length === 0 ? "nothing" : "next";
}

/** A string without an end, or a word that the end cuts, reaches the end of the text. */
function unfinished(text: string, at: number): number {
  const isOpenString = text[at] === '"' && afterMatch(/"(?:[^"\\\n]|\\.)*$/y, text, at) !== null;
  return isOpenString || /^(?:t|tr|tru|f|fa|fal|fals|n|nu|nul|-)$/.test(text.slice(at, at + 6)) ? text.length : at;
}

function afterMatch(pattern: RegExp, text: string, at: number): number | null {
  pattern.lastIndex = at;
  return pattern.test(text) ? pattern.lastIndex : null;
}
