// The table in another order than that of arrival. The order is built in slices and kept: new rows are inserted.

import { columnKinds } from "./columns.ts";
import { areForCurrentFilter, hasMoreRows, startTaking, takenPart, takeRows } from "./incremental-rows.ts";
import type { RowLog } from "./row-log.ts";
import type { Sort, SortedRows } from "./view-parts.ts";
import type { ViewState } from "./view-state.ts";

/** `status, highest first`. */
export function sortWords({ column, isDescending }: Sort): string {
  const { words, order } = columnKinds[column];
  return `${words}, ${order[isDescending ? 1 : 0]}`;
}

type Compare = (one: number, other: number) => number;

/** Rows with equal keys stay in order of arrival in both directions; only the column `id` reverses them. */
function comparison(log: RowLog, { column, isDescending }: Sort): Compare {
  const { key } = columnKinds[column];
  const sign = isDescending ? -1 : 1;
  if (column === "id") return (one, other) => sign * (one - other);
  const keyOf = (number: number): number | string => {
    const subject = log.at(number);
    return subject === undefined ? "" : key(subject);
  };
  return (one, other) => {
    const [a, b] = [keyOf(one), keyOf(other)];
    return a === b ? one - other : a < b ? -sign : sign;
  };
}

/** Inserts the next `count` rows. An order for a new sort or filter replaces the old one when it is complete. */
export function stepSort(state: ViewState, count: number): ViewState {
  const { sort, sorted, sorting } = state;
  if (sort === null) return sorted === null && sorting === null ? state : { ...state, sorted: null, sorting: null };
  const isShown = sorted !== null && isOrderFor(sorted, state, sort);
  const known = isShown
    ? sorted
    : sorting !== null && isOrderFor(sorting, state, sort)
      ? sorting
      : startOrder(state, sort);
  const next = withMore(state, known, count);
  if (isShown) return next === sorted && sorting === null ? state : { ...state, sorted: next, sorting: null };
  if (hasMoreRows(state, next)) return { ...state, sorting: next };
  const selected = state.selected ?? next.numbers[0] ?? null;
  return { ...state, sorted: next, sorting: null, selected };
}

/** Whether some rows are not in the order yet. */
export function isSorting(state: ViewState): boolean {
  const { sort, sorted } = state;
  return sort !== null && (sorted === null || !isOrderFor(sorted, state, sort) || hasMoreRows(state, sorted));
}

/** Progress of a new order, 0 to 1; null when none is being built. */
export function sortingPart(state: ViewState): number | null {
  return state.sorting === null ? null : takenPart(state, state.sorting);
}

function isOrderFor(rows: SortedRows, state: ViewState, sort: Sort): boolean {
  return rows.sort === sort && areForCurrentFilter(rows, state);
}

function startOrder(state: ViewState, sort: Sort): SortedRows {
  return { ...startTaking(state), sort, numbers: new Int32Array(0), first: state.log.first };
}

function withMore(state: ViewState, rows: SortedRows, count: number): SortedRows {
  const { log } = state;
  const held = rows.first === log.first ? rows.numbers : rows.numbers.filter((number) => number >= log.first);
  if (!hasMoreRows(state, rows)) return held === rows.numbers ? rows : { ...rows, numbers: held, first: log.first };
  const { numbers, taken } = takeRows(state, rows, count);
  const compare = comparison(log, rows.sort);
  return { ...rows, numbers: mergeSorted(held, numbers.toSorted(compare), compare), first: log.first, taken };
}

/** Merges sorted arrays; pieces of the long one are copied without comparing each element. */
function mergeSorted(many: Int32Array, few: readonly number[], compare: Compare): Int32Array {
  const all = new Int32Array(many.length + few.length);
  let from = 0;
  let to = 0;
  for (const number of few) {
    const place = placeOf(many, number, { compare, from });
    all.set(many.subarray(from, place), to);
    to += place - from;
    all[to] = number;
    to += 1;
    from = place;
  }
  all.set(many.subarray(from), to);
  return all;
}

/** Index of the first element that is not ordered before `number`. */
function placeOf(
  numbers: Int32Array,
  number: number,
  { compare, from = 0 }: { readonly compare: Compare; readonly from?: number },
): number {
  let low = from;
  let high = numbers.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (compare(numbers[middle] ?? 0, number) < 0) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** Index of the row in that order, or of the row before its place; -1 without one. */
export function sortedPlace({ log }: ViewState, { numbers, sort }: SortedRows, number: number): number {
  if (log.at(number) === undefined) return -1;
  const place = placeOf(numbers, number, { compare: comparison(log, sort) });
  return numbers[place] === number ? place : place - 1;
}

/** Sorts by that column, or by arrival (null), and selects that row. A sorted table does not follow. */
export function sortBy(state: ViewState, sort: Sort | null, selected: number | null): ViewState {
  return sort === null
    ? { ...state, sort, sorted: null, sorting: null }
    : { ...state, sort, isFollowing: false, selected };
}
