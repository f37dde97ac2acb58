// The non-ASCII signs that the screen draws, each with an ASCII sign of the same width.

const signs: Readonly<Record<string, string>> = {
  "│": "|",
  "├┤┼┬┴└": "+",
  "─━–": "-",
  "→": ">",
  "←": "<",
  "↑": "^",
  "↓": "v",
  "▾": "-",
  "▸": "+",
  "×": "x",
  "·": ".",
  "…": "~",
  "▁▂▃": "_",
  "▄▅▆": "-",
  "▇█": "#",
};
const ascii: ReadonlyMap<string, string> = new Map(
  Object.entries(signs).flatMap(([group, sign]) => Array.from(group, (own) => [own, sign] as const)),
);
const ownSigns = new RegExp(`[${Object.keys(signs).join("")}]`, "gu");

/** The ASCII replacement of a sign that the screen draws; undefined for any other character. */
export function asciiSign(sign: string): string | undefined {
  return ascii.get(sign);
}

/** Replaces the screen's own signs by ASCII; all other characters stay. */
export function withAsciiSigns(text: string): string {
  return text.replace(ownSigns, (sign) => ascii.get(sign) ?? sign);
}
