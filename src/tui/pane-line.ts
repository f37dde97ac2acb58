import { type Meaning, plainLine, type ScreenLine } from "./screen-line.ts";

/** What `y` copies of a line, and what it is called when that is told. */
export interface ClaimCopy {
  readonly name: string;
  readonly text: string;
}

/** A line of a pane, with what the keys can do with it. */
export interface PaneLine {
  readonly line: ScreenLine;
  readonly copy?: ClaimCopy;
  /** Enter goes to this row. */
  readonly rowId?: string;
}

export function textLine(text: string, meaning: Meaning = "plain"): PaneLine {
  return { line: plainLine(text, meaning) };
}
