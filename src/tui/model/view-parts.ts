// Types of the parts of the view state, in their own file because the modules that compute the parts import the state.
import type { Analysis } from "../../diagnosis/analysis.ts";
import type { Filter } from "../../filter/filter.ts";
import type { ColumnName } from "./columns.ts";
import type { Region } from "./layout.ts";

export const tabNames = [
  "summary",
  "token",
  "ladder",
  "headers",
  "body",
  "raw",
  "findings",
  "checklist",
  "stream",
  "setup",
] as const;
export type TabName = (typeof tabNames)[number];

/** How far the rows that match the filter have been taken, in order of arrival. */
export interface TakenRows {
  /** Numbers of the rows that match the filter, growing at the end; null for all rows. */
  readonly source: readonly number[] | null;
  /** Number of the next row; with a source its index there. */
  readonly taken: number;
}

/** The filter in use; without one all rows match. */
export interface AppliedFilter {
  readonly text: string;
  readonly filter: Filter | null;
  /** Numbers of the matching rows, ascending; grows in place. Not used without a filter. */
  readonly matches: number[];
}

/** A filter that has not matched all rows yet. */
export interface FilterJob {
  readonly text: string;
  readonly filter: Filter;
  readonly matches: number[];
  /** Number of the next row to match; null when the capturing process searches header fields and bodies. */
  readonly next: number | null;
  /** Progress, 0 to 1. */
  readonly part: number;
}

export interface Sort {
  readonly column: ColumnName;
  readonly isDescending: boolean;
}

/** The taken rows in the order of `sort`. */
export interface SortedRows extends TakenRows {
  readonly sort: Sort;
  /** Numbers of the rows. */
  readonly numbers: Int32Array;
  /** Number of the oldest held row at the last step. */
  readonly first: number;
}

/** Groups of equal neighbours; grows in place. Each list has one element for each group. */
export interface Groups extends TakenRows {
  /** Numbers of the first rows. */
  readonly starts: number[];
  readonly lasts: number[];
  readonly counts: number[];
  /** Milliseconds of the slowest row, bytes of the largest (null when no size is known). */
  readonly slowest: number[];
  readonly largest: (number | null)[];
  /** Numbers of the rows that are evidence and never grouped. */
  readonly alone: Set<number>;
  readonly analysis: Analysis | null;
  /** Whether the groups have once contained all shown rows. */
  readonly isWhole: boolean;
}

/** The part of the state that opening a tab changes. */
interface Place {
  readonly focus: Region;
  readonly tab: TabName;
  readonly lastDetail: TabName;
  readonly isZoomed: boolean;
}

/** The digits typed before a movement. */
export interface TypedCount {
  readonly digits: string;
  /** The place before the first digit opened its tab, and until when (epoch ms) that is undone; null when it opened none. */
  readonly opened: { readonly from: Place; readonly until: number } | null;
}
