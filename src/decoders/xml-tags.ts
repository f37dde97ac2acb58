// A forward scanner of XML tags without entities, document types, namespaces and text, bounded in tags and depth. It is not a
// validator: a truncated body gives the tags before the cut.

export interface XmlTag {
  /** Local name without prefix: at most 64 name characters. */
  readonly name: string;
  /** Number of enclosing elements. */
  readonly depth: number;
  readonly kind: "start" | "empty" | "end";
  /** Everything between name and `>`, for `attributeOf`. Hostile text. */
  readonly rest: string;
}

const maxTags = 20_000;
const maxDepth = 200;
const longestName = 64;

const exclamation = 33;
const doubleQuote = 34;
const singleQuote = 39;
const slash = 47;
const colon = 58;
const end = 62; // >
const question = 63;

// Kinds of characters in a name
const nameStart = 1;
const namePart = 2;
const kinds = new Uint8Array(128);
for (const char of "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz_") kinds[char.charCodeAt(0)] = nameStart;
for (const char of "0123456789.-") kinds[char.charCodeAt(0)] = namePart;

/** Calls `visit` for each tag in order. Returns a problem in words of this program, or null at the end of the text. */
export function scanXml(text: string, visit: (tag: XmlTag) => void): string | null {
  let depth = 0;
  let at = text.indexOf("<");
  for (let count = 0; at !== -1; count++) {
    if (count >= maxTags) return `more than ${maxTags} tags`;
    const read = readMarkup(text, at, depth);
    if (typeof read === "string") return read;
    if (read.tag !== null) {
      visit(read.tag);
      depth = read.tag.kind === "start" ? depth + 1 : read.tag.depth;
      if (depth > maxDepth) return `elements nested deeper than ${maxDepth} levels`;
    }
    at = text.indexOf("<", read.end);
  }
  return null;
}

interface Markup {
  readonly end: number;
  /** Null for a comment, CDATA section or processing instruction. */
  readonly tag: XmlTag | null;
}

function readMarkup(text: string, at: number, depth: number): Markup | string {
  const mark = text.charCodeAt(at + 1);
  if (mark === exclamation && /^<!doctype/i.test(text.slice(at, at + 9))) return "a document type declaration";
  const skipped = mark === exclamation || mark === question ? skipEnd(text, at) : undefined;
  const after = skipped ?? tagEnd(text, at);
  if (after === -1) return "the text ends inside a tag";
  if (skipped !== undefined) return { end: after, tag: null };
  const tag = readTag(text, { at, after }, depth);
  return tag === null ? "a tag without a name" : { end: after, tag };
}

/** The value of an attribute by its local name, entities not decoded; undefined when absent. */
export function attributeOf(rest: string, name: string): string | undefined {
  const attribute = /(?:^|\s)(?:[A-Za-z_][\w.-]{0,63}:)?([A-Za-z_][\w.-]{0,63})\s{0,8}=\s{0,8}(?:"([^"]*)"|'([^']*)')/g;
  for (const [, found, double, single] of rest.slice(0, 4096).matchAll(attribute)) {
    if (found === name) return double ?? single;
  }
  return undefined;
}

/** Index after a comment, CDATA section or processing instruction; -1 when it never ends, undefined for any other tag. */
function skipEnd(text: string, at: number): number | undefined {
  if (text.startsWith("<!--", at)) return after(text, "-->", at + 4);
  if (text.startsWith("<![CDATA[", at)) return after(text, "]]>", at + 9);
  return text.startsWith("<?", at) ? after(text, "?>", at + 2) : undefined;
}

function after(text: string, mark: string, from: number): number {
  const found = text.indexOf(mark, from);
  return found === -1 ? -1 : found + mark.length;
}

/** Index after the `>` that ends a tag; a `>` inside quotes does not. */
function tagEnd(text: string, start: number): number {
  for (let at = start + 1; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code === end) return at + 1;
    if (code === doubleQuote || code === singleQuote) {
      at = text.indexOf(code === doubleQuote ? '"' : "'", at + 1);
      if (at === -1) return -1;
    }
  }
  return -1;
}

interface TagPlace {
  readonly at: number;
  /** Index after its `>`. */
  readonly after: number;
}

function readTag(text: string, { at, after }: TagPlace, depth: number): XmlTag | null {
  const isEnd = text.charCodeAt(at + 1) === slash;
  const first = at + (isEnd ? 2 : 1);
  const firstEnd = nameEnd(text, first);
  const start = text.charCodeAt(firstEnd) === colon ? firstEnd + 1 : first;
  const stop = start === first ? firstEnd : nameEnd(text, start);
  if (stop === start || firstEnd === first || !isAfterName(text, stop)) return null;
  const name = text.slice(start, stop);
  if (isEnd) return { name, depth: Math.max(0, depth - 1), kind: "end", rest: "" };
  const isEmpty = text.charCodeAt(after - 2) === slash;
  return { name, depth, kind: isEmpty ? "empty" : "start", rest: text.slice(stop, after - (isEmpty ? 2 : 1)) };
}

/** Index after the name that begins at `start`; `start` itself when there is no name or it is too long. */
function nameEnd(text: string, start: number): number {
  if (kinds[text.charCodeAt(start)] !== nameStart) return start;
  let at = start + 1;
  while (at - start <= longestName && (kinds[text.charCodeAt(at)] ?? 0) > 0) at++;
  return at - start <= longestName ? at : start;
}

function isAfterName(text: string, at: number): boolean {
  const code = text.charCodeAt(at);
  return code === end || code === slash || code === 32 || (code >= 9 && code <= 13) || /^\s/.test(text.charAt(at));
}
