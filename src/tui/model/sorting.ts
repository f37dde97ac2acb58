// The table in another order than that of arrival. The order is made in slices and kept: what comes is put into its place.

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

/** Rows that say the same stand in the order they came, whichever way round; but the number itself has two ways. */
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

/** The state with so many more rows in their places; an order for another sort or filter takes the old one's when it is whole. */
export function stepSort(state: ViewState, count: number): ViewState {
  const { sort, sorted, sorting } = state;
  if (sort === null) return sorted === null && sorting === null ? state : { ...state, sorted: null, sorting: null };
  const isShown = sorted !== null && fits(sorted, state, sort);
  const known = isShown ? sorted : sorting !== null && fits(sorting, state, sort) ? sorting : begun(state, sort);
  const next = withMore(state, known, count);
  if (isShown) return next === sorted && sorting === null ? state : { ...state, sorted: next, sorting: null };
  if (hasMoreRows(state, next)) return { ...state, sorting: next };
  const selected = state.selected ?? next.numbers[0] ?? null;
  return { ...state, sorted: next, sorting: null, selected };
}

/** There are rows that have no place in the order yet. */
export function isSorting(state: ViewState): boolean {
  const { sort, sorted } = state;
  return sort !== null && (sorted === null || !fits(sorted, state, sort) || hasMoreRows(state, sorted));
}

/** How far it is, 0 to 1; null while nothing has to be waited for. */
export function sortingPart(state: ViewState): number | null {
  return state.sorting === null ? null : takenPart(state, state.sorting);
}

function fits(rows: SortedRows, state: ViewState, sort: Sort): boolean {
  return rows.sort === sort && areForCurrentFilter(rows, state);
}

function begun(state: ViewState, sort: Sort): SortedRows {
  return { ...startTaking(state), sort, numbers: new Int32Array(0), first: state.log.first };
}

function withMore(state: ViewState, rows: SortedRows, count: number): SortedRows {
  const { log } = state;
  const held = rows.first === log.first ? rows.numbers : rows.numbers.filter((number) => number >= log.first);
  if (!hasMoreRows(state, rows)) return held === rows.numbers ? rows : { ...rows, numbers: held, first: log.first };
  const { numbers, taken } = takeRows(state, rows, count);
  const compare = comparison(log, rows.sort);
  return { ...rows, numbers: merged(held, numbers.toSorted(compare), compare), first: log.first, taken };
}

/** Few into many: the many are copied in pieces, not compared one by one. */
function merged(many: Int32Array, few: readonly number[], compare: Compare): Int32Array {
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

/** Place of the first that does not stand before the number. */
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

/** Place of the row in that order, or of the one before where it would stand; -1 when there is none. */
export function sortedPlace({ log }: ViewState, { numbers, sort }: SortedRows, number: number): number {
  if (log.at(number) === undefined) return -1;
  const place = placeOf(numbers, number, { compare: comparison(log, sort) });
  return numbers[place] === number ? place : place - 1;
}

/** Sorts by that column, or by arrival; the selected row stays selected. A sorted table does not follow. */
export function sortBy(state: ViewState, sort: Sort | null, selected: number | null): ViewState {
  return sort === null
    ? { ...state, sort, sorted: null, sorting: null }
    : { ...state, sort, isFollowing: false, selected };
}
