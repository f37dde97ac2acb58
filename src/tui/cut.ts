import stringWidth from "string-width";
import { withAsciiSigns } from "./own-signs.ts";

const printable = /^[\x20-\x7e]*$/;
const characters = new Intl.Segmenter();

/** A process draws on one terminal, and every width there depends on it. */
let isAmbiguousWide = false;

/** Says whether the terminal draws what Unicode calls ambiguous two columns wide; our own signs are then drawn in ASCII. */
export function setAmbiguousWide(isWide: boolean): void {
  isAmbiguousWide = isWide;
}

/** Columns that a safe text takes on the terminal. */
export function widthOf(text: string): number {
  if (printable.test(text)) return text.length;
  return isAmbiguousWide ? stringWidth(withAsciiSigns(text), { ambiguousIsNarrow: false }) : stringWidth(text);
}

/** The text in at most so many columns, `…` at the end of what was cut. The text must be safe. */
export function cut(text: string, columns: number): string {
  if (columns <= 0) return "";
  if (printable.test(text)) return text.length <= columns ? text : `${text.slice(0, columns - 1)}…`;
  if (widthOf(text) <= columns) return text;
  let width = 0;
  let kept = "";
  for (const { segment } of characters.segment(text.slice(0, columns * 8))) {
    width += widthOf(segment);
    if (width > columns - 1) break;
    kept += segment;
  }
  return `${kept}…`;
}

/** As `cut`, filled with spaces on the right to exactly so many columns. */
export function padEnd(text: string, columns: number): string {
  const shown = cut(text, columns);
  return shown + " ".repeat(Math.max(0, columns - widthOf(shown)));
}

/** As `padEnd`, filled on the left: for numbers. */
export function padStart(text: string, columns: number): string {
  const shown = cut(text, columns);
  return " ".repeat(Math.max(0, columns - widthOf(shown))) + shown;
}

/** The text in lines of at most so many columns, broken at spaces where there are any. */
export function wrap(text: string, columns: number): readonly string[] {
  const width = Math.max(8, columns);
  const lines: string[] = [];
  let line = "";
  for (const word of text.split(" ")) {
    const longer = line === "" ? word : `${line} ${word}`;
    if (widthOf(longer) <= width) {
      line = longer;
      continue;
    }
    // A word longer than most of the line goes on where it is: half a line of nothing helps nobody.
    const goesOn = isLong(word, line, width);
    if (line !== "" && !goesOn) lines.push(line);
    line = goesOn ? longer : word;
    line = breakLong(line, width, lines);
  }
  return line === "" && lines.length > 0 ? lines : [...lines, line];
}

function isLong(word: string, line: string, width: number): boolean {
  return line !== "" && width - widthOf(line) > 8 && widthOf(word) > width * 0.6;
}

/** Moves whole lines out of a text without spaces; gives what is left of it. */
function breakLong(text: string, width: number, lines: string[]): string {
  let rest = text;
  while (widthOf(rest) > width) {
    const head = cut(rest, width + 1).slice(0, -1);
    // One character wider than the line: cut, never for ever.
    if (head === "") return cut(rest, width);
    lines.push(head);
    rest = rest.slice(head.length);
  }
  return rest;
}
