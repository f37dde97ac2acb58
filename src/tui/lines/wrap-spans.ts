import { piecesOf, widthOf } from "./cell-text.ts";
import type { PaneLine } from "./pane-line.ts";
import type { ScreenLine, Span } from "./screen-line.ts";

/** Before each continuation of a wrapped line of a message. */
export const messageIndent = "  ";
/** In the raw message each column is one of the message. */
export const rawIndent = "";

/** The spans in lines of at most so many columns, broken anywhere; lines after the first begin with `indent`. */
export function wrapSpans(spans: readonly Span[], columns: number, indent: string): readonly ScreenLine[] {
  const width = Math.max(8, columns);
  const others = width - indent.length;
  const lines: Span[][] = [[]];
  let left = width;
  const breakLine = (): void => {
    lines.push(indent === "" ? [] : [[indent, "plain"]]);
    left = others;
  };
  for (const [text, meaning] of spans) {
    // A character that was written out stays whole.
    const isWhole = meaning === "escape" && widthOf(text) <= others;
    if (isWhole && widthOf(text) > left) breakLine();
    for (const [at, piece] of piecesOf(text, { first: left, others }).entries()) {
      if (at > 0) breakLine();
      if (piece.text !== "") lines.at(-1)?.push([piece.text, meaning]);
      left -= piece.width;
    }
  }
  return lines;
}

/** How many lines a line of the message panes takes when it is wrapped to so many columns. */
export function countWrappedLines({ line, copy }: PaneLine, columns: number, isRaw: boolean): number {
  return copy === undefined ? 1 : wrapSpans(line, columns, isRaw ? rawIndent : messageIndent).length;
}

const id = /([0-9a-f]{8})(-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-)[0-9a-f]{12}/gi;

/** The text with ids shortened where it would not fit otherwise: the last group first, then all but the first group. */
export function shortIds(text: string, columns: number): string {
  if (widthOf(text) <= columns) return text;
  const shorter = text.replace(id, "$1$2…");
  return widthOf(shorter) <= columns ? shorter : text.replace(id, "$1-…");
}
