import { withoutMarkers } from "../../core/runner-commands.ts";

/**
 * Text for XML 1.0 content and quoted attributes: escaped, and every character that XML cannot hold written as its number. What a
 * CI runner would obey is a character reference: a report that is printed into a log reads back the same and begins no command.
 */
export function xmlText(text: string): string {
  const plain = text
    .replace(
      // XML 1.0 §2.2: what is no Char; and controls that could move something on a terminal that shows the report.
      // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what must not be there
      /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f\u2028\u2029\u202a-\u202e\u2066-\u2069\ufffe\uffff]|\p{Surrogate}/gu,
      (character) => `\\u${(character.codePointAt(0) ?? 0).toString(16).padStart(4, "0")}`,
    )
    .replace(/[&<>"'\n\r\t]/g, reference);
  return withoutMarkers(plain, reference);
}

function reference(character: string): string {
  return `&#${character.charCodeAt(0)};`;
}
