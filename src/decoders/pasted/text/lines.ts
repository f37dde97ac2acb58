/** One line of a text: trimmed, with its indentation and where it stands (`to` excludes the line's end). */
export interface Line {
  readonly text: string;
  readonly indent: number;
  readonly from: number;
  readonly to: number;
}

/** The lines of a text, whatever ends them. */
export function linesOf(text: string): readonly Line[] {
  const lines: Line[] = [];
  let from = 0;
  for (const raw of text.split("\n")) {
    const to = from + raw.length;
    const trimmed = raw.trim();
    lines.push({ text: trimmed, indent: raw.length - raw.trimStart().length, from, to });
    from = to + 1;
  }
  return lines;
}
