// Captured text is hostile: a terminal executes escape sequences and a CI runner commands. All captured text passes through here
// on its way to either.
import { markersIn, withoutMarkers } from "./runner-commands.ts";

const printable = /^[\x20-\x7e]*$/;
// Controls, formats, private and unassigned characters, separators, lone surrogates, characters without a shape (fillers, joiners,
// variation selectors), and every combining mark from the third on, which would pile up over other rows.
const unsafe = /[\p{Cc}\p{Cf}\p{Co}\p{Cs}\p{Cn}\p{Zl}\p{Zp}\p{DI}\u2800]|(?<=\p{M}\p{M})\p{M}/gu;

/**
 * The text with the number of every character that could move, hide or recolour something, or begin a command of a CI runner:
 * `\x1b`, `\u202e`, `\x23#vso[`. Nothing is left out.
 */
export function safe(text: string): string {
  return withoutMarkers(printable.test(text) ? text : text.replace(unsafe, escaped));
}

function escaped(character: string): string {
  const code = character.codePointAt(0) ?? 0;
  const hex = code.toString(16);
  if (code <= 0xff) return `\\x${hex.padStart(2, "0")}`;
  return code <= 0xffff ? `\\u${hex.padStart(4, "0")}` : `\\u{${hex}}`;
}

/**
 * As `safe`, in parts with escapes marked, so that a `\x1b` in the letters of the traffic does not look like an escape.
 */
export function safeParts(text: string): readonly (readonly [text: string, isEscape: boolean])[] {
  if (printable.test(text)) return markedParts(text);
  const parts: (readonly [string, boolean])[] = [];
  let from = 0;
  for (const { 0: character, index } of text.matchAll(unsafe)) {
    parts.push(...markedParts(text.slice(from, index)), [escaped(character), true]);
    from = index + character.length;
  }
  return [...parts, ...markedParts(text.slice(from))];
}

/** As `safeParts` for printable text, in which only runner commands are escaped. */
function markedParts(text: string): readonly (readonly [text: string, isEscape: boolean])[] {
  const parts: [string, boolean][] = [];
  let from = 0;
  for (const index of markersIn(text)) {
    if (index > from) parts.push([text.slice(from, index), false]);
    parts.push([escaped(text.charAt(index)), true]);
    from = index + 1;
  }
  if (from < text.length) parts.push([text.slice(from), false]);
  return parts;
}
