// A line of the screen as data: what is said and what it means. The theme alone knows colours.

import { asciiSign, withAsciiSigns } from "./ascii-signs.ts";
import { cutToCells, padEnd, widthOf } from "./cell-text.ts";

/** `escape` is a character of the traffic that was made visible; `focus` the title of the pane that has the keys. */
export type Meaning =
  | "plain"
  | "dim"
  | "strong"
  | "good"
  | "bad"
  | "warning"
  | "selected"
  | "heading"
  | "escape"
  | "focus";

export type Span = readonly [text: string, meaning: Meaning];
export type ScreenLine = readonly Span[];

export function plainLine(text: string, meaning: Meaning = "plain"): ScreenLine {
  return [[text, meaning]];
}

export interface Theme {
  /** SGR parameters by meaning. Words and marks say the same, so a theme may have none. */
  readonly colours: Readonly<Record<Meaning, string>>;
  /** Only characters of ASCII. */
  readonly isAscii: boolean;
  /** Our own signs in ASCII, and text of the traffic as it is: for terminals that draw those signs wide. */
  readonly hasAsciiSigns: boolean;
}

/** The line as a terminal draws it, in at most so many columns. The spans' texts must be safe. */
export function paint(line: ScreenLine, columns: number, { colours, isAscii, hasAsciiSigns }: Theme): string {
  let left = columns;
  let painted = "";
  for (const [text, meaning] of line) {
    if (left <= 0) break;
    const shown = cutToCells(text, left);
    left -= widthOf(shown);
    const drawn = isAscii ? toAscii(shown) : hasAsciiSigns ? withAsciiSigns(shown) : shown;
    const parameters = colours[meaning];
    painted += parameters === "" ? drawn : `\u001b[${parameters}m${drawn}\u001b[0m`;
  }
  return painted;
}

/** Columns of the whole line. */
export function lineWidth(line: ScreenLine): number {
  return line.reduce((sum, [text]) => sum + widthOf(text), 0);
}

/** The line in exactly so many columns: cut with `…`, or filled with spaces. */
export function fitLine(line: ScreenLine, columns: number): ScreenLine {
  const spans: Span[] = [];
  let left = columns;
  for (const [index, [text, meaning]] of line.entries()) {
    const rest = line.slice(index + 1).some(([later]) => later !== "");
    const shown = widthOf(text) > left || (rest && widthOf(text) === left) ? cutToCells(`${text}…`, left) : text;
    spans.push([shown, meaning]);
    left -= widthOf(shown);
    if (left <= 0) break;
  }
  return left > 0 ? [...spans, [" ".repeat(left), "plain"]] : spans;
}

/** `left` from the left and `right` at the right edge, which is never cut off by it. */
export function spread(left: ScreenLine, right: ScreenLine, columns: number): ScreenLine {
  const width = lineWidth(right);
  if (width === 0) return left;
  if (width + 4 > columns) return fitLine([...left, [" ", "plain"], ...right], columns);
  return [...fitLine(left, columns - width - 1), [" ", "plain"], ...right];
}

/** Two columns of lines with a line between them. */
export function joinColumns(
  left: readonly ScreenLine[],
  right: readonly ScreenLine[],
  { leftWidth, height }: { readonly leftWidth: number; readonly height: number },
): readonly ScreenLine[] {
  return Array.from({ length: height }, (_, row) => [
    ...fitLine(left[row] ?? [], leftWidth),
    ["│ ", "dim"] as const,
    ...(right[row] ?? []),
  ]);
}

/** Exactly so many lines. */
export function fillToHeight(lines: readonly ScreenLine[], count: number): readonly ScreenLine[] {
  return Array.from({ length: Math.max(0, count) }, (_, row) => lines[row] ?? plainLine(""));
}

/** The whole line in one meaning, filled to the edge: the selected row, the line of the cursor. */
export function invertLine(line: ScreenLine, columns: number): ScreenLine {
  return [[padEnd(line.map(([text]) => text).join(""), columns), "selected"]];
}

/** `─ title ─────── right ─`, the rule above a pane. */
export function drawRule(title: ScreenLine, right: ScreenLine, columns: number): ScreenLine {
  const left: ScreenLine = [["─ ", "dim"], ...title, [" ", "dim"]];
  const end: ScreenLine = lineWidth(right) === 0 ? [] : [[" ", "dim"], ...right, [" ─", "dim"]];
  const room = columns - lineWidth(left) - lineWidth(end);
  return room < 0 ? fitLine(left, columns) : [...left, ["─".repeat(room), "dim"], ...end];
}

// For terminals without Unicode.

const printable = /^[\x20-\x7e]*$/;
const characters = new Intl.Segmenter();

/** The text in ASCII, as wide as it was; what has no such sign becomes `?`. */
function toAscii(text: string): string {
  if (printable.test(text)) return text;
  let drawn = "";
  for (const { segment } of characters.segment(text)) {
    drawn += printable.test(segment) ? segment : (asciiSign(segment) ?? "?".repeat(widthOf(segment)));
  }
  return drawn;
}
