// For terminals without Unicode: every sign that the screen itself draws has one of ASCII of the same width.
import { widthOf } from "./cut.ts";

const ascii: ReadonlyMap<string, string> = new Map([
  ...Array.from("│", (sign) => [sign, "|"] as const),

  ...Array.from("├┤┼┬┴└", (sign) => [sign, "+"] as const),
  ...Array.from("─━", (sign) => [sign, "-"] as const),
  ...Array.from("→", (sign) => [sign, ">"] as const),
  ...Array.from("←", (sign) => [sign, "<"] as const),
  ...Array.from("↑", (sign) => [sign, "^"] as const),
  ...Array.from("↓", (sign) => [sign, "v"] as const),
  ...Array.from("▾", (sign) => [sign, "-"] as const),
  ...Array.from("▸", (sign) => [sign, "+"] as const),
  ...Array.from("×", (sign) => [sign, "x"] as const),
  ...Array.from("·", (sign) => [sign, "."] as const),
  ...Array.from("…", (sign) => [sign, "~"] as const),
  ...Array.from("▁▂▃", (sign) => [sign, "_"] as const),
  ...Array.from("▄▅▆", (sign) => [sign, "-"] as const),
  ...Array.from("▇█", (sign) => [sign, "#"] as const),
  ...Array.from("–", (sign) => [sign, "-"] as const),
]);
const printable = /^[\x20-\x7e]*$/;
const characters = new Intl.Segmenter();

/** The text in ASCII, as wide as it was; what has no such sign becomes `?`. */
export function toAscii(text: string): string {
  if (printable.test(text)) return text;
  let drawn = "";
  for (const { segment } of characters.segment(text)) {
    drawn += printable.test(segment) ? segment : (ascii.get(segment) ?? "?".repeat(widthOf(segment)));
  }
  return drawn;
}
