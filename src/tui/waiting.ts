// Requests that have no end yet. They stand on lines of their own below the rows: they have no number in the log, so that no
// filter, order, group, mark or selection can be upset by what is not there for good.
import type { Filter } from "../filter/filter.ts";
import type { WaitingRows } from "./messages.ts";
import type { RowLog } from "./row-log.ts";
import { plainLine, type ScreenLine } from "./screen-line.ts";
import { type TableView, waitingRow } from "./table.ts";
import type { ViewState } from "./view-state.ts";

export const nothingWaits: WaitingRows = { rows: [], more: 0 };

/** Without those that have become rows: the last word about a request is its row. */
export function stillWaiting(waiting: WaitingRows, log: RowLog): WaitingRows {
  const rows = waiting.rows.filter(({ row }) => log.numberOf(row.id) === undefined);
  return rows.length === waiting.rows.length ? waiting : { ...waiting, rows };
}

/** Those that fit the filter in use, as they were when drawing was paused; `more` are those that the screen was not told. */
function shownWaiting(state: ViewState): WaitingRows {
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

/** So many lines; the last one counts those for which there is no room. */
export function waitingLines(state: ViewState, height: number, view: TableView): readonly ScreenLine[] {
  if (height === 0) return [];
  const { rows } = shownWaiting(state);
  const count = waitingCount(state);
  const shown = rows.slice(0, count > height ? height - 1 : height);
  const lines = shown.map((subject) => waitingRow(subject, { ...view, waited: waitedText(state, subject.row.at) }));
  const left = count - shown.length;
  return left === 0 ? lines : [...lines, plainLine(` .  ${left} more ${left === 1 ? "has" : "have"} not ended`, "dim")];
}

/** How long, in less and less detail; a screen on which nothing moves by itself has the time of the beginning alone. */
function waitedText({ now, isQuiet, paused }: ViewState, since: number): string {
  if (isQuiet || now === 0) return "...";
  const seconds = Math.max(0, Math.floor(((paused?.now ?? now) - since) / 1000));
  if (seconds < 100) return `${seconds}s`;
  const minutes = Math.floor(seconds / 60);
  return minutes < 100 ? `${minutes}m` : `${Math.floor(minutes / 60)}h`;
}
