// Types of the parts of the view state. The modules that compute the parts import the state, so the types have a file of
// their own.
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

/** How far the rows that fit the filter have been taken, in the order of arrival. */
export interface TakenRows {
  /** Numbers of the rows that fit the filter, growing at the end; null for all rows. */
  readonly source: readonly number[] | null;
  /** Number of the next row, or its place in the source. */
  readonly taken: number;
}

export interface AppliedFilter {
  readonly text: string;
  readonly filter: Filter | null;
  /** Numbers of the rows that fit, ascending; grows in place as rows come. Not used without a filter. */
  readonly matches: number[];
}

export interface FilterJob {
  readonly text: string;
  readonly filter: Filter;
  readonly matches: number[];
  /** The row that comes next; null when the capturing process looks, because rows do not have what is asked for. */
  readonly next: number | null;
  /** How far it is, 0 to 1. */
  readonly part: number;
}

export interface Sort {
  readonly column: ColumnName;
  readonly isDescending: boolean;
}

/** The rows in the order of `sort`, as far as they were taken. */
export interface SortedRows extends TakenRows {
  readonly sort: Sort;
  /** Numbers of the rows. */
  readonly numbers: Int32Array;
  /** The oldest row that was held when it was last looked at. */
  readonly first: number;
}

/** Groups of equal neighbours. Grown in place, like the rows themselves; each list has one member for each line of the table. */
export interface Groups extends TakenRows {
  /** Number of the first row of each. */
  readonly starts: number[];
  readonly lasts: number[];
  readonly counts: number[];
  /** Milliseconds of the slowest row, bytes of the largest. */
  readonly slowest: number[];
  readonly largest: number[];
  /** Evidence of findings. */
  readonly alone: Set<number>;
  readonly analysis: Analysis | null;
  /** It has once had all that is shown. */
  readonly isWhole: boolean;
}

/** What opening a tab changes. */
interface Place {
  readonly focus: Region;
  readonly tab: TabName;
  readonly lastDetail: TabName;
  readonly isZoomed: boolean;
}

/** The digits typed before a movement. */
export interface TypedCount {
  readonly digits: string;
  /** Where the person was before the first digit opened its tab, and until when that can be taken back; else null. */
  readonly opened: { readonly from: Place; readonly until: number } | null;
}
