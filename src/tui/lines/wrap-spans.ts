// Wrapping of the long lines of messages, and shortening of GUIDs.
import { piecesOf, widthOf } from "./cell-text.ts";
import type { PaneLine } from "./pane-line.ts";
import type { ScreenLine, Span } from "./screen-line.ts";

/** Indent of the second and later lines of a wrapped line. */
export const messageIndent = "  ";
/** The raw message is wrapped without an indent, so that every column belongs to the message. */
export const rawIndent = "";

/** Breaks the spans anywhere into lines of at most `columns` columns (at least 8); all but the first start with `indent`. */
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
    // An escaped character is not broken where it fits in one line.
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

/** Number of lines that a whole line of a message pane takes when wrapped to `columns` columns. */
export function countWrappedLines({ line, copy }: PaneLine, columns: number, isRaw: boolean): number {
  return copy === undefined ? 1 : wrapSpans(line, columns, isRaw ? rawIndent : messageIndent).length;
}

const id = /([0-9a-f]{8})(-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-)[0-9a-f]{12}/gi;

/** Shortens the GUIDs in a text that is too wide: first the last group, then all but the first group. */
export function shortIds(text: string, columns: number): string {
  if (widthOf(text) <= columns) return text;
  const shorter = text.replace(id, "$1$2…");
  return widthOf(shorter) <= columns ? shorter : text.replace(id, "$1-…");
}
