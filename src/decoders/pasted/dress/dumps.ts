// Header fields as programs print their own data: dictionaries of Python, objects of JavaScript, arrays of PHP, maps of Go and Java,
// `[Name, value]` of .NET, `{"name": …, "value": …}` of HAR. One reader for all of them: a known name, what stands between name
// and value, and a value that ends as its quote or bracket says.
import type { Claim, Part } from "../text/claim.ts";
import { isKnownField } from "../text/field-names.ts";
import { labelsIn } from "../text/labels.ts";

interface Placed {
  readonly from: number;
  readonly to: number;
  readonly part: Part;
}

/** Characters between two parts of one dump. */
const widestGap = 600;

/** Every dump in the text; fields that stand close together are one claim. */
export function readDumps(text: string): readonly Claim[] {
  const placed = [...fieldsIn(text), ...labelsIn(text)].sort((a, b) => a.from - b.from);
  const claims: Claim[] = [];
  let open: { from: number; to: number; parts: Part[] } | null = null;
  for (const { from, to, part } of placed) {
    // A label inside a value is a part of that value.
    if (open !== null && from < open.to) continue;
    if (open === null || from - open.to > widestGap) {
      open = { from, to, parts: [] };
      claims.push(open);
    }
    open.parts.push(part);
    open.to = to;
  }
  return claims.filter(({ parts }) => parts.some(({ kind }) => kind === "field"));
}

const nameAt = /(["'`]|[[({]|map\[|(?<=[\s,])|^)([A-Za-z][A-Za-z0-9-]{2,40})(["'`\]]{0,2})([ \t]{0,40})/gm;
// Between name and value: `:`, `=`, `=>`, `,` (tuples), or the second member of a HAR header.
const between = /(?:["'`]?,\s{0,200}["'`]?value["'`]?\s{0,8}[:=]\s{0,8}|=>|:|=|,)[ \t]{0,8}/y;
// What PHP, Go and JavaScript put before the text itself.
const opening =
  /(?:Array\s{0,40}\(\s{0,200})?(?:\s{0,200}array\([0-9]+\)\s{0,8}\{\s{0,200})?(?:\[\]string\s{0,4})?(?:\[?0\]?\s{0,4}=>\s{0,4})?(?:\s{0,200}string\([0-9]+\)\s{0,4})?([[({]?)\s{0,40}(?:[bru]{1,2}(?=["']))?(["'`]?)/y;

function* fieldsIn(text: string): Generator<Placed> {
  const budget: Budget = { left: 8 * text.length };
  nameAt.lastIndex = 0;
  for (let match = nameAt.exec(text); match !== null; match = nameAt.exec(text)) {
    const [whole, before = "", name = "", after = ""] = match;
    const isFirst =
      isKnownField(name) && /(?:^|\n)[ \t]{0,40}$/.test(text.slice(Math.max(0, match.index - 41), match.index));
    const found = isKnownField(name)
      ? valueAfter(text, match.index + whole.length, { before, after, isFirst, budget })
      : null;
    if (found === null) {
      // The name may begin inside what was tried.
      nameAt.lastIndex = match.index + Math.max(1, before.length + name.length);
      continue;
    }
    for (const value of found.values) yield { from: match.index, to: found.end, part: { kind: "field", name, value } };
    nameAt.lastIndex = Math.max(found.end, match.index + 1);
  }
}

interface Found {
  readonly values: readonly string[];
  readonly end: number;
}

const longestValue = 64 * 1024;

interface Marks {
  readonly before: string;
  readonly after: string;
  /** The name is the first of its line. */
  readonly isFirst: boolean;
  readonly budget: Budget;
}

/** Characters that may still be looked at to find where quotes close: open quotes would be looked for again and again. */
interface Budget {
  left: number;
}

function valueAfter(text: string, at: number, marks: Marks): Found | null {
  between.lastIndex = at;
  const separator = between.exec(text)?.[0];
  if (separator === undefined) return null;
  const isTuple = separator.startsWith(",");
  if (isTuple && marks.before === "") return null;
  const start = at + separator.length;
  // `'Name: value'`: the quote before the name ends the value.
  if (/^["'`]$/.test(marks.before) && marks.after === "")
    return readQuoted(text, start, { quote: marks.before, budget: marks.budget });
  opening.lastIndex = start;
  const [opened = "", bracket = "", quote = ""] = opening.exec(text) ?? [];
  const inner = start + opened.length;
  if (quote !== "") return readList(text, inner, { quote, isList: bracket !== "", budget: marks.budget });
  if (bracket !== "") return bare(text, inner, closing[bracket] ?? "]");
  if (marks.before.endsWith("[") && marks.after === "") return bare(text, start, "]");
  const isPlain = marks.before === "" && marks.after === "" && separator.trim() === ":";
  return isPlain ? null : bare(text, inner, marks.isFirst ? "line" : "");
}

const closing: Readonly<Record<string, string>> = { "[": "]", "(": ")", "{": "}" };

interface Quoting {
  readonly quote: string;
  readonly budget: Budget;
}

/** One quoted text, or several between brackets (`["Negotiate", "NTLM"]`). */
function readList(text: string, start: number, list: Quoting & { readonly isList: boolean }): Found | null {
  const first = readQuoted(text, start, list);
  if (first === null || !list.isList) return first;
  const values = [...first.values];
  let { end } = first;
  const next = /\s{0,200},?\s{0,200}(?:\[?[0-9]{1,3}\]?\s{0,4}=>\s{0,4})?(?:string\([0-9]+\)\s{0,4})?["'`]/y;
  while (values.length < 20) {
    next.lastIndex = end;
    const more = next.exec(text);
    if (more === null || !more[0].includes(",")) break;
    const value = readQuoted(text, next.lastIndex, { quote: more[0].slice(-1), budget: list.budget });
    // A name follows, not another value
    if (value === null || /^\s{0,8}(?:=>|:|=)/.test(text.slice(value.end, value.end + 12))) break;
    values.push(...value.values);
    end = value.end;
  }
  return { values, end };
}

// What follows a quote that closes a value, and what shows that the value goes on: its own parameters, with quotes not escaped.
const afterValue = /^[ \t]{0,40}(?:[,;}\])\\^`|&]|\r?\n|$|-[A-Za-z-]|["'])/;
const ownParameter =
  /^[ \t]{0,8}[;,][ \t]{0,8}(?:reason|error|error_category|error_description|client_id|trusted_issuers|token_types|authorization_uri|realm|claims|resource_id|issuer_kind|grant_type|href)[ \t]{0,4}=/i;

/** The value before the quote that closes it: one that nothing but punctuation or the end of the line follows. */
function readQuoted(text: string, start: number, { quote, budget }: Quoting): Found | null {
  const limit = Math.min(text.length, start + Math.min(longestValue, budget.left));
  for (let at = start; at < limit; at++) {
    budget.left--;
    const char = text[at];
    if (char === "\\") at++;
    // Of two quotes the first is the value's own.
    else if (char === quote && !(text[at + 1] === quote && at > start)) {
      const rest = text.slice(at + 1, at + 64);
      if (afterValue.test(rest) && !ownParameter.test(rest))
        return { values: [unescaped(text.slice(start, at))], end: at + 1 };
    } else if (char === "\n" && quote !== "`") return null;
  }
  return null;
}

const escapes: Readonly<Record<string, string>> = { n: "\n", r: "", t: "\t" };

function unescaped(value: string): string {
  return value
    .replace(/\\(?:u([0-9A-Fa-f]{4})|(.))/g, (_, code: string | undefined, char: string | undefined) =>
      code === undefined ? (escapes[char ?? ""] ?? char ?? "") : String.fromCharCode(Number.parseInt(code, 16)),
    )
    .trim();
}

/** A value without quotes: to its bracket, to the end of the line (`line`), else (empty) to the next name. */
function bare(text: string, start: number, close: string): Found | null {
  const eol = text.indexOf("\n", start);
  const line = text.slice(start, Math.min(eol === -1 ? text.length : eol, start + longestValue));
  if (close === "line") return line.trim() === "" ? null : { values: [line.trim()], end: start + line.length };
  const end =
    close === ""
      ? line.search(/,[ \t]{0,4}["']?[A-Za-z][A-Za-z0-9-]{1,40}["']?[ \t]{0,4}(?:=>|=|:)|[}\])][\s,;}\])]{0,8}$/)
      : closedAt(line, close);
  const value = (end === -1 ? line : line.slice(0, end)).trim().replace(/[,;]$/, "");
  return value === "" || (end === -1 && close !== "")
    ? null
    : { values: [value], end: start + (end === -1 ? line.length : end) };
}

/** The bracket that a name, another entry or the end of the line follows. */
function closedAt(line: string, close: string): number {
  for (let at = line.indexOf(close); at !== -1; at = line.indexOf(close, at + 1))
    if (/^(?:[\s,;}\])]{0,8}$|[ ,;]{1,4}[[("'A-Za-z]|[}\])])/.test(line.slice(at + 1, at + 12))) return at;
  return -1;
}
