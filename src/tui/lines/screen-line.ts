// A line of the screen as data: spans of text, each with a meaning. Only the theme knows colours.

import { asciiSign, withAsciiSigns } from "./ascii-signs.ts";
import { cutToCells, padEnd, widthOf } from "./cell-text.ts";

/** `escape`: a control character of the traffic in visible form; `focus`: the title of the pane with the keys. */
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
  /** SGR parameters by meaning; may be empty, because words and marks carry the meaning too. */
  readonly colours: Readonly<Record<Meaning, string>>;
  /** Only ASCII characters are drawn. */
  readonly isAscii: boolean;
  /** Only the screen's own signs are drawn in ASCII: for terminals that draw them two columns wide. */
  readonly hasAsciiSigns: boolean;
}

/** The line with SGR sequences, cut to `columns` columns. The texts must have no control characters. */
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

/** Width of the line in columns. */
export function lineWidth(line: ScreenLine): number {
  return line.reduce((sum, [text]) => sum + widthOf(text), 0);
}

/** Cuts the line with `…`, or fills it with spaces, to exactly `columns` columns. */
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

/** `left` at the left edge and `right` at the right edge; `left` is cut before `right`. */
export function spread(left: ScreenLine, right: ScreenLine, columns: number): ScreenLine {
  const width = lineWidth(right);
  if (width === 0) return left;
  if (width + 4 > columns) return fitLine([...left, [" ", "plain"], ...right], columns);
  return [...fitLine(left, columns - width - 1), [" ", "plain"], ...right];
}

/** Two blocks of lines side by side with a vertical line between them. */
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

/** Cuts the lines, or adds empty ones, to exactly `count` lines. */
export function fillToHeight(lines: readonly ScreenLine[], count: number): readonly ScreenLine[] {
  return Array.from({ length: Math.max(0, count) }, (_, row) => lines[row] ?? plainLine(""));
}

/** The whole line in reverse, filled to the right edge: the selected row, the line with the cursor. */
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

const printable = /^[\x20-\x7e]*$/;
const characters = new Intl.Segmenter();

/** The text in ASCII with the same width; a character without an ASCII sign becomes `?`. */
function toAscii(text: string): string {
  if (printable.test(text)) return text;
  let drawn = "";
  for (const { segment } of characters.segment(text)) {
    drawn += printable.test(segment) ? segment : (asciiSign(segment) ?? "?".repeat(widthOf(segment)));
  }
  return drawn;
}
