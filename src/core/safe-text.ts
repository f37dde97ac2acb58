// Captured text is hostile: a terminal obeys what is written to it, and so does the CI runner that reads a log. Nothing reaches
// one without having gone through here.
import { markersIn, withoutMarkers } from "./runner-commands.ts";

const printable = /^[\x20-\x7e]*$/;
// Controls, formats, private and unassigned characters, separators, lone surrogates, and what has no shape of its own (fillers,
// joiners, variation selectors); and from the third on, combining marks that pile up over other rows.
const unsafe = /[\p{Cc}\p{Cf}\p{Co}\p{Cs}\p{Cn}\p{Zl}\p{Zp}\p{DI}\u2800]|(?<=\p{M}\p{M})\p{M}/gu;

/**
 * The text with every character that could move, hide or recolour something, or begin a command of a CI runner, written as its
 * number: `\x1b`, `\u202e`, `\x23#vso[`. Never shorter in meaning: nothing is left out.
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
 * As `safe`, in parts: those that stand for a character that was made visible are marked, so that a `\x1b` which the
 * traffic spells out in letters does not look like one.
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

/** The same for text that only a CI runner could obey. */
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
