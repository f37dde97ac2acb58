// The signs beyond ASCII that the screen itself draws, each with one of ASCII of the same width.

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
  Object.entries(signs).flatMap(([own, sign]) => Array.from(own, (one) => [one, sign] as const)),
);
const ownSigns = new RegExp(`[${Object.keys(signs).join("")}]`, "gu");

/** The sign of ASCII for one of ours; undefined for any other character. */
export function asciiSign(sign: string): string | undefined {
  return ascii.get(sign);
}

/** The text with our signs in ASCII, everything else as it is. */
export function withAsciiSigns(text: string): string {
  return text.replace(ownSigns, (sign) => ascii.get(sign) ?? sign);
}
