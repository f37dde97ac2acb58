import { type Meaning, plainLine, type ScreenLine } from "./screen-line.ts";

/** What `y` copies of a line, and what it is called when that is told. */
export interface ClaimCopy {
  readonly name: string;
  readonly text: string;
}

/** A field of the filter language and a value of it. */
export interface FilterCell {
  readonly field: string;
  readonly value: string;
}

/** A line of a pane, with what the keys can do with it. */
export interface PaneLine {
  readonly line: ScreenLine;
  readonly copy?: ClaimCopy;
  /** What `+` and `-` make a condition of, where that is no value of the row. */
  readonly cell?: FilterCell;
  /** Enter goes to this row. */
  readonly rowId?: string;
  /** The first line of a node of a tree; its `line` is made when it is known whether the node is folded. */
  readonly head?: TreeHead;
  /** The node that holds the line; a node's own id begins with that of the node that holds it: `0/actor`. */
  readonly within?: string;
}

export interface TreeHead {
  readonly id: string;
  /** What stands before the mark: indent and branch. */
  readonly prefix: string;
  readonly words: ScreenLine;
  /** At the right edge, while the node is open. */
  readonly verdict: ScreenLine;
}

export function textLine(text: string, meaning: Meaning = "plain"): PaneLine {
  return { line: plainLine(text, meaning) };
}
