// Pending requests. They have their own lines below the rows and no number in the log, so that sort, groups, marks and the
// selection never refer to something that will be replaced.
import type { Filter } from "../../filter/filter.ts";
import type { PendingRows } from "./messages.ts";
import type { RowLog } from "./row-log.ts";
import type { ViewState } from "./view-state.ts";

export const noPendingRows: PendingRows = { rows: [], more: 0 };

/** Removes the requests that have become rows. */
export function withoutFinished(pending: PendingRows, log: RowLog): PendingRows {
  const rows = pending.rows.filter(({ row }) => log.numberOf(row.id) === undefined);
  return rows.length === pending.rows.length ? pending : { ...pending, rows };
}

/** The pending requests that match the filter, at the pause if there is one; `more` counts those that were not sent. */
export function shownPendingRows(state: ViewState): PendingRows {
  const pending = state.paused === null ? state.pending : state.paused.pending;
  const { filter } = state.filter;
  return filter === null || pending.rows.length === 0 ? pending : matchPending(pending, filter);
}

/** The last result is cached, because the layout and the frame need the same one. */
function matchPending(pending: PendingRows, filter: Filter): PendingRows {
  if (cache.pending !== pending || cache.filter !== filter) {
    const rows = pending.rows.filter((subject) => filter.matches(subject));
    cache = { pending, filter, result: { ...pending, rows } };
  }
  return cache.result;
}

let cache: { readonly pending: PendingRows; readonly filter: Filter | null; readonly result: PendingRows } = {
  pending: noPendingRows,
  filter: null,
  result: noPendingRows,
};

/** The number of pending requests, shown or not. */
export function pendingCount(state: ViewState): number {
  const { rows, more } = shownPendingRows(state);
  return rows.length + more;
}

/** Lines for pending requests in a table of `table` lines: a quarter of it, from 2 to 6 lines at most. */
export function pendingHeight(state: ViewState, table: number): number {
  const most = table < 4 ? 0 : Math.min(6, Math.max(2, Math.floor(table / 4)));
  return Math.min(most, pendingCount(state));
}
