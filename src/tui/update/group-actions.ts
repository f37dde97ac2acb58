// What keys do with a group of equal rows, and the export of the marked or selected rows.
import { setGrouped } from "../model/grouping.ts";
import type { ExportFormat } from "../model/messages.ts";
import { selectedLine, selectedNumber, withHeldTop, withVisibleSelection } from "../model/selection.ts";
import { rowsOfLine, type TableLine, tableLinesOf } from "../model/table-lines.ts";
import type { ViewState } from "../model/view-state.ts";
import { type Update, withEffect, withoutEffect } from "./effects.ts";

/** The closed group on the selected line; null without one. */
export function closedGroup(state: ViewState): TableLine | null {
  const line = tableLinesOf(state).lineAt(selectedLine(state));
  return line === undefined || line.group === null || line.group.isOpen ? null : line;
}

/** Shows the rows of the group on lines of their own; the table stops following. */
export function openGroup(state: ViewState, { number }: TableLine, height: number): ViewState {
  const opened = new Set([...state.opened, number]);
  return withVisibleSelection({ ...withHeldTop(state, height), opened, selected: number, isFollowing: false }, height);
}

/** Closes the open group of the selected row; null when it is in none. */
export function closeGroup(state: ViewState, height: number): ViewState | null {
  const lines = tableLinesOf(state);
  for (let index = selectedLine(state); index >= 0; index -= 1) {
    const line = lines.lineAt(index);
    if (line?.isMember === true) continue;
    if (line?.group?.isOpen !== true) return null;
    const opened = new Set([...state.opened].filter((start) => start !== line.number));
    return withVisibleSelection(
      { ...withHeldTop(state, height), opened, selected: line.number, isFollowing: false },
      height,
    );
  }
  return null;
}

/** Numbers of the selected rows: all rows of a closed group. */
export function selectedRows(state: ViewState): readonly number[] {
  const line = closedGroup(state);
  if (line !== null) return rowsOfLine(state, line);
  const number = selectedNumber(state);
  return number === undefined ? [] : [number];
}

/** `:group on|off|auto`. */
export function groupByName(state: ViewState, text: string): ViewState {
  switch (text) {
    case "on":
      return { ...setGrouped(state, true), grouping: "on", notice: "equal neighbouring rows share one line" };
    case "off":
      return { ...setGrouped(state, false), grouping: "off", notice: "every row has its own line" };
    case "auto":
      return { ...setGrouped(state, false), grouping: "auto", notice: "equal rows are grouped while they arrive fast" };
    default:
      return { ...state, notice: "group: on, off, or auto (while rows arrive too fast to read)" };
  }
}

/** The keys that answer `e`. */
export const exportKeys: Readonly<Record<string, ExportFormat>> = {
  h: "har",
  n: "ndjson",
  s: "saz",
  r: "html",
  m: "markdown",
  t: "ticket",
  c: "curl",
};

/** Ids of the marked rows in order, else of the selected row or of all rows of the selected group. */
function chosenIds(state: ViewState): readonly string[] {
  const marked = [...new Set([...state.marks.values()].flat())].sort((one, other) => one - other);
  const numbers = marked.length > 0 ? marked : selectedRows(state);
  return numbers.flatMap((number) => state.log.at(number)?.row.id ?? []);
}

/** Requests the export of the chosen rows; with an empty path the capturing process chooses a file in the data folder. */
export function exportRows(state: ViewState, as: ExportFormat, path: string): Update {
  const ids = as === "curl" ? chosenIds(state).slice(0, 1) : chosenIds(state);
  if (ids.length === 0) return withoutEffect({ ...state, notice: "there is no row to export" });
  const notice = `exporting ${ids.length} ${ids.length === 1 ? "row" : "rows"} as ${as} ...`;
  return withEffect({ ...state, notice }, { type: "send", message: { type: "export", as, ids, path } });
}
