// A line of the screen as data: what is said and what it means. The theme alone knows colours.
import { cut, widthOf } from "./cut.ts";

export type Meaning = "plain" | "dim" | "strong" | "good" | "bad" | "warning" | "selected" | "heading";

export type Span = readonly [text: string, meaning: Meaning];
export type ScreenLine = readonly Span[];

export function plainLine(text: string, meaning: Meaning = "plain"): ScreenLine {
  return [[text, meaning]];
}

/** SGR parameters by meaning. Words and marks say the same, so a theme may have none. */
export type Theme = Readonly<Record<Meaning, string>>;

export const colourTheme: Theme = {
  plain: "",
  dim: "2",
  strong: "1",
  good: "1;32",
  bad: "1;31",
  warning: "1;33",
  selected: "7",
  heading: "4",
};

/** For NO_COLOR (no-color.org): weight and reverse only. */
export const monoTheme: Theme = {
  plain: "",
  dim: "",
  strong: "1",
  good: "1",
  bad: "1;7",
  warning: "1",
  selected: "7",
  heading: "4",
};

/** The line as a terminal draws it, in at most so many columns. The spans' texts must be safe. */
export function paint(line: ScreenLine, columns: number, theme: Theme): string {
  let left = columns;
  let painted = "";
  for (const [text, meaning] of line) {
    if (left <= 0) break;
    const shown = cut(text, left);
    left -= widthOf(shown);
    const parameters = theme[meaning];
    painted += parameters === "" ? shown : `\u001b[${parameters}m${shown}\u001b[0m`;
  }
  return painted;
}
