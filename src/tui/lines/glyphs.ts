// For terminals without Unicode.

import { asciiSign } from "./ascii-signs.ts";
import { widthOf } from "./cell-text.ts";

const printable = /^[\x20-\x7e]*$/;
const characters = new Intl.Segmenter();

/** The text in ASCII, as wide as it was; what has no such sign becomes `?`. */
export function toAscii(text: string): string {
  if (printable.test(text)) return text;
  let drawn = "";
  for (const { segment } of characters.segment(text)) {
    drawn += printable.test(segment) ? segment : (asciiSign(segment) ?? "?".repeat(widthOf(segment)));
  }
  return drawn;
}
