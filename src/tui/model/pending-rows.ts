// Requests that have no end yet. They stand on lines of their own below the rows: they have no number in the log, so that no
// filter, order, group, mark or selection can be upset by what is not there for good.
import type { Filter } from "../../filter/filter.ts";
import type { PendingRows } from "./messages.ts";
import type { RowLog } from "./row-log.ts";
import type { ViewState } from "./view-state.ts";

export const noPendingRows: PendingRows = { rows: [], more: 0 };

/** Without those that have become rows: the last word about a request is its row. */
export function withoutFinished(pending: PendingRows, log: RowLog): PendingRows {
  const rows = pending.rows.filter(({ row }) => log.numberOf(row.id) === undefined);
  return rows.length === pending.rows.length ? pending : { ...pending, rows };
}

/** Those that fit the filter in use, as they were when drawing was paused; `more` are those that the screen was not told. */
export function shownPendingRows(state: ViewState): PendingRows {
  const pending = state.paused === null ? state.pending : state.paused.pending;
  const { filter } = state.filter;
  return filter === null || pending.rows.length === 0 ? pending : fitting(pending, filter);
}

/** Kept, because a frame and what measures it ask for the same again. */
function fitting(pending: PendingRows, filter: Filter): PendingRows {
  if (known.pending !== pending || known.filter !== filter) {
    const rows = pending.rows.filter((subject) => filter.matches(subject));
    known = { pending, filter, result: { ...pending, rows } };
  }
  return known.result;
}

let known: { readonly pending: PendingRows; readonly filter: Filter | null; readonly result: PendingRows } = {
  pending: noPendingRows,
  filter: null,
  result: noPendingRows,
};

/** How many wait, shown or not. */
export function pendingCount(state: ViewState): number {
  const { rows, more } = shownPendingRows(state);
  return rows.length + more;
}

/** Lines that they take of a table of so many: a quarter of it at most, so that they never push the traffic away. */
export function pendingHeight(state: ViewState, table: number): number {
  const most = table < 4 ? 0 : Math.min(6, Math.max(2, Math.floor(table / 4)));
  return Math.min(most, pendingCount(state));
}
