// The lines of the table: rows, and each closed group of equal rows as one line.

import { shownRows } from "./filtering.ts";
import { groupIndexOf, groupMembers } from "./grouping.ts";
import { areForCurrentFilter } from "./incremental-rows.ts";
import type { Groups } from "./view-parts.ts";
import type { ViewState } from "./view-state.ts";

export interface TableLine {
  /** Number of the row; of a group, of its first row. */
  readonly number: number;
  /** Set on the first line of a group of more than one row. */
  readonly group: LineGroup | null;
  /** Whether the row is in an open group and not its first. */
  readonly isMember: boolean;
}

export interface LineGroup {
  readonly count: number;
  readonly isOpen: boolean;
  readonly slowest: number;
  readonly largest: number | null;
}

export interface TableLines {
  readonly count: number;
  lineAt(index: number): TableLine | undefined;
  /** Index of the line of that row or of its closed group; of the last line before it when it is not shown; -1 without one. */
  indexOf(number: number): number;
}

/** The lines of the table, from the shown rows and the groups. */
export function tableLinesOf(state: ViewState): TableLines {
  const { isGrouped, groups, sort } = state;
  if (!isGrouped || sort !== null || groups === null || !groups.isWhole || !areForCurrentFilter(groups, state)) {
    const { count, numberAt, indexOf } = shownRows(state);
    return { count, indexOf, lineAt: (index) => plainLine(numberAt(index)) };
  }
  return groupedLines(state, groups);
}

function plainLine(number: number | undefined, isMember = false): TableLine | undefined {
  return number === undefined ? undefined : { number, group: null, isMember };
}

interface OpenGroup {
  readonly at: number;
  /** Index of its first line. */
  readonly line: number;
  readonly count: number;
}

function groupedLines(state: ViewState, groups: Groups): TableLines {
  const { numberAt, indexOf } = shownRows(state);
  const open = openGroups(state, groups);
  const more = open.reduce((sum, { count }) => sum + count - 1, 0);
  const groupLine = (at: number, isOpen: boolean): TableLine | undefined => {
    const [number, count = 1] = [groups.starts[at], groups.counts[at]];
    if (number === undefined || count === 1) return plainLine(number);
    const [slowest = 0, largest = 0] = [groups.slowest[at], groups.largest[at]];
    return { number, group: { count, isOpen, slowest, largest }, isMember: false };
  };
  return {
    count: groups.starts.length + more,
    lineAt(index) {
      const { inside, extra } = placeIn(open, index);
      if (inside === null) return groupLine(index - extra, false);
      if (index === inside.line) return groupLine(inside.at, true);
      return plainLine(numberAt(indexOf(groups.starts[inside.at] ?? 0) + index - inside.line), true);
    },
    indexOf(number) {
      const at = groupIndexOf(groups, number);
      if (at === -1) return -1;
      const before = open.filter((one) => one.at < at).reduce((sum, { count }) => sum + count - 1, 0);
      const own = open.find((one) => one.at === at);
      if (own === undefined) return at + before;
      return at + before + Math.min(own.count - 1, indexOf(number) - indexOf(groups.starts[at] ?? 0));
    },
  };
}

function openGroups({ opened }: ViewState, groups: Groups): readonly OpenGroup[] {
  let extra = 0;
  const places = [...opened]
    .map((start) => groupIndexOf(groups, start))
    .filter((at) => opened.has(groups.starts[at] ?? -1));
  return [...new Set(places)]
    .sort((one, other) => one - other)
    .map((at) => {
      const count = groups.counts[at] ?? 1;
      const line = at + extra;
      extra += count - 1;
      return { at, line, count };
    });
}

/** The open group that contains a line, and how many lines more than groups are before it. */
function placeIn(
  open: readonly OpenGroup[],
  index: number,
): { readonly inside: OpenGroup | null; readonly extra: number } {
  let extra = 0;
  for (const group of open) {
    if (index < group.line) break;
    if (index < group.line + group.count) return { inside: group, extra };
    extra += group.count - 1;
  }
  return { inside: null, extra };
}

/** Numbers of the rows of a line: all rows of a closed group. */
export function rowsOfLine(state: ViewState, line: TableLine): readonly number[] {
  const { groups } = state;
  if (groups === null || line.group === null || line.group.isOpen) return [line.number];
  return groupMembers(state, groups, groupIndexOf(groups, line.number));
}
