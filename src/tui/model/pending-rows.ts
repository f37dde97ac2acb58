// Requests that have no end yet. They stand on lines of their own below the rows: they have no number in the log, so that no
// filter, order, group, mark or selection can be upset by what is not there for good.
import type { Filter } from "../../filter/filter.ts";
import type { WaitingRows } from "./messages.ts";
import type { RowLog } from "./row-log.ts";
import type { ViewState } from "./view-state.ts";

export const nothingWaits: WaitingRows = { rows: [], more: 0 };

/** Without those that have become rows: the last word about a request is its row. */
export function stillWaiting(waiting: WaitingRows, log: RowLog): WaitingRows {
  const rows = waiting.rows.filter(({ row }) => log.numberOf(row.id) === undefined);
  return rows.length === waiting.rows.length ? waiting : { ...waiting, rows };
}

/** Those that fit the filter in use, as they were when drawing was paused; `more` are those that the screen was not told. */
export function shownWaiting(state: ViewState): WaitingRows {
  const waiting = state.paused === null ? state.waiting : state.paused.waiting;
  const { filter } = state.filter;
  return filter === null || waiting.rows.length === 0 ? waiting : fitting(waiting, filter);
}

/** Kept, because a frame and what measures it ask for the same again. */
function fitting(waiting: WaitingRows, filter: Filter): WaitingRows {
  if (known.waiting !== waiting || known.filter !== filter) {
    const rows = waiting.rows.filter((subject) => filter.matches(subject));
    known = { waiting, filter, result: { ...waiting, rows } };
  }
  return known.result;
}

let known: { readonly waiting: WaitingRows; readonly filter: Filter | null; readonly result: WaitingRows } = {
  waiting: nothingWaits,
  filter: null,
  result: nothingWaits,
};

/** How many wait, shown or not. */
export function waitingCount(state: ViewState): number {
  const { rows, more } = shownWaiting(state);
  return rows.length + more;
}

/** Lines that they take of a table of so many: a quarter of it at most, so that they never push the traffic away. */
export function waitingHeight(state: ViewState, table: number): number {
  const most = table < 4 ? 0 : Math.min(6, Math.max(2, Math.floor(table / 4)));
  return Math.min(most, waitingCount(state));
}
