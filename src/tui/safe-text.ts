// Captured text is hostile: a terminal obeys what is written to it. Nothing reaches one without having gone through here.

const printable = /^[\x20-\x7e]*$/;
// Controls, formats, private and unassigned characters, separators, lone surrogates, fillers that look like nothing, and
// variation selectors; and from the third on, combining marks that pile up over other rows.
const unsafe =
  /[\p{Cc}\p{Cf}\p{Co}\p{Cs}\p{Cn}\p{Zl}\p{Zp}\u115f\u1160\u17b4\u17b5\u2800\u3164\uffa0]|[\ufe00-\ufe0f]|[\u{e0100}-\u{e01ef}]|(?<=\p{M}\p{M})\p{M}/gu;

/** The text with every character that could move, hide or recolour something written as its number: `\x1b`, `\u202e`. Never shorter in meaning: nothing is left out. */
export function safe(text: string): string {
  return printable.test(text) ? text : text.replace(unsafe, escaped);
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
  if (printable.test(text)) return text === "" ? [] : [[text, false]];
  const parts: [string, boolean][] = [];
  let from = 0;
  for (const match of text.matchAll(unsafe)) {
    if (match.index > from) parts.push([text.slice(from, match.index), false]);
    parts.push([escaped(match[0]), true]);
    from = match.index + match[0].length;
  }
  if (from < text.length) parts.push([text.slice(from), false]);
  return parts;
}
