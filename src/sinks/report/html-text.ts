/** Markup for a page; only this file makes it from text. */
export interface Markup {
  readonly markup: string;
}

type Part = string | number | Markup | readonly Markup[];

/** Empty markup. */
export const nothing: Markup = { markup: "" };

/**
 * HTML from a template. Every value that is not `Markup` is text and is escaped for content and quoted attributes; invisible
 * characters and those that change the reading direction are written as their code point.
 */
export function html(strings: TemplateStringsArray, ...parts: readonly Part[]): Markup {
  let markup = strings[0] ?? "";
  for (const [index, part] of parts.entries()) markup += renderPart(part) + (strings[index + 1] ?? "");
  return { markup };
}

function renderPart(part: Part): string {
  if (typeof part === "string" || typeof part === "number") return escapeText(String(part));
  return "markup" in part ? part.markup : part.map(({ markup }) => markup).join("");
}

function escapeText(text: string): string {
  return text
    .replace(
      /[\p{Cc}\p{Cf}\p{Cs}\p{Co}\p{Cn}\p{Zl}\p{Zp}]/gu,
      (character) => `\\u{${(character.codePointAt(0) ?? 0).toString(16)}}`,
    )
    .replace(/[&<>"'`]/g, (character) => `&#${character.charCodeAt(0)};`);
}
