// A line of a pane: what is drawn, and what keys copy, filter by or select from it.
import { type Meaning, plainLine, type ScreenLine } from "./screen-line.ts";

/** What `y` copies of a line, and its name in the notice. */
export interface ClaimCopy {
  readonly name: string;
  readonly text: string;
}

/** A field of the filter language and a value for it. */
export interface FilterCell {
  readonly field: string;
  readonly value: string;
}

/** A line of a pane, with what the keys can do to it. */
export interface PaneLine {
  readonly line: ScreenLine;
  readonly copy?: ClaimCopy;
  /** The condition for `+` and `-`, where the line does not show a value of the row. */
  readonly cell?: FilterCell;
  /** The row that Enter selects. */
  readonly rowId?: string;
  /** Set on the first line of a node of a tree; `foldTree` then replaces `line`. */
  readonly head?: TreeHead;
  /** Id of the node that contains the line. The id of a node begins with that of its parent: `0/actor`. */
  readonly within?: string;
}

/** The first line of a node of a tree. */
export interface TreeHead {
  readonly id: string;
  /** Indent and branch, before the fold mark. */
  readonly prefix: string;
  readonly words: ScreenLine;
  /** At the right edge while the node is open. */
  readonly verdict: ScreenLine;
}

/** A line with one text and nothing special for keys. */
export function textLine(text: string, meaning: Meaning = "plain"): PaneLine {
  return { line: plainLine(text, meaning) };
}
