// Undressing: the ways in which whole lines of a copy were wrapped, quoted, numbered or escaped, each taken off. The reader tries
// every variant and keeps the one in which it can read most.
import { isKnownField } from "./field-names.ts";
import { bareLines, undressed } from "./whole-dress.ts";

const mostVariants = 16;

/**
 * The readings of a text that may be the true one, at most sixteen; of two that explain the same the first counts, so lines that
 * look broken come joined first.
 */
export function variantsOf(text: string): readonly string[] {
  const clean = cleaned(text);
  const variants: string[] = [];
  const add = (variant: string | null): void => {
    if (variant !== null && !variants.includes(variant)) variants.push(variant);
  };
  const bare = bareLines(clean);
  for (const variant of [...bare, clean, withoutEscapes(clean), withoutMarkup(clean), ...undressed(clean)]) {
    if (variant === null) continue;
    const joined = withoutWraps(variant);
    add(joined);
    add(variant);
    add(withoutPrefixes(joined ?? variant));
    if (joined !== null) add(withoutPrefixes(variant));
  }
  return variants.slice(0, mostVariants);
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: colours of a terminal
const colours = /\u001b\[[0-9;]{0,16}[A-Za-z]/g;

// A page or mail that a translator went over; only in front of credentials.
const translated =
  /^([ \t>]{0,8})(?:Autorisierung|Autorisation|Autorización|Autorizzazione|Autorização)[ \t]?:[ \t]?(?=(?:Bearer|Basic|NTLM|Negotiate)\b)/gim;

/** Line ends, characters of mail programs and colours of terminals. UTF-16 that was read as bytes has a NUL at every second place. */
export function cleaned(text: string): string {
  const isWide = text.length > 4 && text.split("\u0000").length > text.length / 3;
  return (isWide ? text.replaceAll("\u0000", "") : text)
    .replace(/\r\n?/g, "\n")
    .replace(colours, "")
    .replace(/[\u200b-\u200d\u2060\ufeff]/g, "")
    .replace(/[\u00a0\u202f]/g, " ")
    .replace(translated, "$1Authorization: ")
    .replace(/[\u201c\u201d\u201e\u201f]/g, '"');
}

/** Escapes of JSON and of printed strings (`\r\n`, `\"`, `\u0022`); null without any. */
function withoutEscapes(text: string): string | null {
  if (!/\\(?:r?\\?n|"|u00[0-9a-f]{2})/i.test(text)) return null;
  return text
    .replace(/\\{1,4}r\\{1,4}n|\\{1,4}n/g, "\n")
    .replace(/\\{1,4}u00([2-7][0-9a-f])/gi, (_, code: string) => String.fromCharCode(Number.parseInt(code, 16)))
    .replace(/\\{1,4}"/g, '"')
    .replace(/\\{1,4}t/g, " ");
}

const entities: Readonly<Record<string, string>> = {
  lt: "<",
  gt: ">",
  amp: "&",
  quot: '"',
  apos: "'",
  nbsp: " ",
  "#39": "'",
  "#34": '"',
};

/** The text of a page: tags become line ends, entities their characters; null without any. */
export function withoutMarkup(text: string): string | null {
  const isPage = /<(?:html|body|div|span|td|tr|p|br|pre|li)\b[^>]{0,400}>/i.test(text);
  const hasEntities = /&(?:lt|gt|quot|apos|amp|nbsp|#39|#34);/.test(text);
  if (!isPage && !hasEntities) return null;
  const bare = isPage
    ? text
        .replace(/<\/?(?:div|td|tr|p|br|pre|li|ul|ol|table|h[1-6]|html|body|head)\b[^>]{0,400}>/gi, "\n")
        .replace(/<\/?(?:span|b|i|a|code|strong|em|font)\b[^>]{0,400}>/gi, "")
    : text;
  return bare.replace(/&(lt|gt|quot|apos|amp|nbsp|#39|#34);/g, (_, name: string) => entities[name] ?? "");
}

const narrowest = 60;

/** Lines that a console broke at its width, joined again; null when the lines do not show a width. */
function withoutWraps(text: string): string | null {
  const lines = text.split("\n");
  const widest = lines.reduce((most, { length }) => Math.max(most, length), 0);
  const full = lines.filter(({ length }) => length === widest).length;
  if (widest < narrowest || full < 2) return null;
  return lines.map((line, at) => (line.length === widest && at < lines.length - 1 ? line : `${line}\n`)).join("");
}

// Where HTTP begins in a line: a status line, a request line, or a field with its colon.
const begins =
  /HTTP\/[0-9](?:\.[0-9])? [1-5][0-9]{2}\b|\b(?:GET|POST|PUT|PATCH|DELETE|HEAD|OPTIONS) (?:https?:\/\/|\/)\S*|(?<![A-Za-z0-9-])([A-Za-z][A-Za-z0-9-]{1,40})[ \t]?:(?!\/\/)/g;
const longestPrefix = 200;
const mostShapes = 12;

// tcpdump repeats the first line of a message in its line about the packet.
const packetSummary =
  /^(?:[0-9-]{10} )?[0-9]{2}:[0-9]{2}:[0-9]{2}\.[0-9]{3,9} (?:[a-z0-9]{1,12} +(?:In|Out) +)?IP6? \S+ > \S+: /;

/** Lines without what a log, a mail or a listing put in front of each; null when nothing is. */
function withoutPrefixes(text: string): string | null {
  const lines = text.split("\n").map((line) => (packetSummary.test(line) ? "" : line));
  const shapes = new Map<string, number>();
  const starts = lines.map(startOfHttp);
  for (const [at, start] of starts.entries()) {
    if (start <= 0) continue;
    const shape = shapeOf((lines[at] ?? "").slice(0, start));
    if (shapes.has(shape) || shapes.size < mostShapes * 8) shapes.set(shape, (shapes.get(shape) ?? 0) + 1);
  }
  if (shapes.size === 0) return null;
  const common = [...shapes.entries()]
    // Words alone may be the beginning of a sentence.
    .filter(
      ([shape, count]) => count > 1 && /\[0-9\]|[^A-Za-z0-9_{},[\]\\ t()?:|$]/.test(shape.replaceAll("A-Za-z0-9_", "")),
    )
    .sort(([, a], [, b]) => b - a)
    .slice(0, mostShapes)
    .map(([shape]) => new RegExp(`^${shape}`));
  return lines.map((line, at) => unquotedLine(withoutPrefix(line, starts[at] ?? -1, common))).join("\n");
}

/** Offset at which HTTP begins in a line; -1 when it does not. */
function startOfHttp(line: string): number {
  begins.lastIndex = 0;
  const head = line.slice(0, longestPrefix + 60);
  for (let match = begins.exec(head); match !== null; match = begins.exec(head)) {
    if (match.index > longestPrefix) return -1;
    if (match[1] === undefined || isKnownField(match[1])) return match.index;
  }
  return -1;
}

function withoutPrefix(line: string, start: number, shapes: readonly RegExp[]): string {
  if (start === 0) return line;
  for (const shape of shapes) {
    const prefix = shape.exec(line)?.[0];
    // A field that begins elsewhere than behind this prefix shows that the line has another one.
    if (prefix !== undefined && (start === -1 || prefix.length === start)) {
      const rest = line.slice(prefix.length);
      return prefix.endsWith('"') && rest.endsWith('"') ? rest.slice(0, -1) : rest;
    }
  }
  return start > 0 ? line.slice(start) : line;
}

/** A pattern for prefixes of the same make: numbers and words may differ, marks may not. */
function shapeOf(prefix: string): string {
  return prefix
    .replace(/[A-Za-z0-9_]+|[ \t]+|[^A-Za-z0-9_ \t]/g, (part) => {
      if (/^[0-9]+$/.test(part)) return "[0-9]{1,40}";
      if (/^[0-9]/.test(part)) return "[0-9][A-Za-z0-9_]{0,40}";
      if (/^[A-Za-z_]/.test(part)) return "[A-Za-z0-9_]{1,60}";
      return /^[ \t]/.test(part) ? "[ \\t]{1,40}" : part.replace(/[\\^$.*+?()[\]{}|/-]/g, "\\$&");
    })
    .replace(/(?:\[ \\t\]\{1,40\})$/, "(?:[ \\t]{1,4}|$)");
}

/** Wire logs of Apache quote each line and name its end: `"…[\r][\n]"`. */
function unquotedLine(line: string): string {
  return line.replace(/(?:\[\\r\])?\[\\n\]"?$/, "").replace(/^"(.*)"$/, "$1");
}
