import { cut, widthOf } from "./cut.ts";
import type { ScreenLine, Span } from "./screen-line.ts";

const characters = new Intl.Segmenter();

/** The spans in lines of at most so many columns, broken anywhere; lines after the first begin with `indent`. */
export function wrapSpans(spans: readonly Span[], columns: number, indent: string): readonly ScreenLine[] {
  const width = Math.max(8, columns);
  const lines: Span[][] = [[]];
  let left = width;
  const breakLine = (): void => {
    lines.push(indent === "" ? [] : [[indent, "plain"]]);
    left = width - indent.length;
  };
  const put = (text: string, meaning: Span[1]): void => {
    if (text !== "") lines.at(-1)?.push([text, meaning]);
    left -= widthOf(text);
  };
  for (const [text, meaning] of spans) {
    // A character that was written out stays whole.
    const isWhole = meaning === "escape" && widthOf(text) <= width - indent.length;
    if (isWhole && widthOf(text) > left) breakLine();
    let rest = text;
    while (widthOf(rest) > left) {
      const part = headOf(rest, left);
      put(part, meaning);
      rest = rest.slice(part.length);
      breakLine();
    }
    put(rest, meaning);
  }
  return lines;
}

/** As much of the beginning as fits, whole characters only. */
function headOf(text: string, columns: number): string {
  if (columns <= 0) return "";
  const plain = text.slice(0, columns);
  if (/^[\x20-\x7e]*$/.test(plain)) return plain;
  let width = 0;
  let head = "";
  for (const { segment } of characters.segment(text.slice(0, columns * 8))) {
    width += widthOf(segment);
    if (width > columns) break;
    head += segment;
  }
  // One character wider than the whole line: it is better cut than never ended.
  return head === "" && columns > 2 ? cut(text, columns).slice(0, 1) : head;
}
