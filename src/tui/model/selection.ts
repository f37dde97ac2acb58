// The selected row and the top of the table. The selection is the number of a row, so that new traffic never moves it.
import type { Severity } from "../../diagnosis/catalogue/finding.ts";
import { shownRows } from "./filtering.ts";
import { sortBy } from "./sorting.ts";
import { tableLinesOf } from "./table-lines.ts";
import type { Sort } from "./view-parts.ts";
import type { ViewState } from "./view-state.ts";

/** Index of the selected row in the shown rows; of the nearest before it when it is hidden; -1 without rows. */
export function selectedIndex(state: ViewState): number {
  const shown = shownRows(state);
  if (state.isFollowing || (state.selected === null && state.sort === null)) return shown.count - 1;
  if (state.selected === null) return Math.min(0, shown.count - 1);
  return Math.max(Math.min(0, shown.count - 1), shown.indexOf(state.selected));
}

/** Number of the row that the panes show; undefined without rows. */
export function selectedNumber(state: ViewState): number | undefined {
  return shownRows(state).numberAt(selectedIndex(state));
}

/** Id of that row; null without rows. */
export function selectedId(state: ViewState): string | null {
  const number = selectedNumber(state);
  return number === undefined ? null : (state.log.at(number)?.row.id ?? null);
}

/** Index of the top line of a table of `height` lines, so that the selected row is visible. */
export function tableTop(state: ViewState, height: number): number {
  const lines = tableLinesOf(state);
  if (state.isFollowing) return Math.max(0, lines.count - height);
  // A new row may be inserted above the selected row of a sorted table; the selected row then keeps its line on the screen.
  return topNear(state, height, state.sort === null ? lines.indexOf(state.top) : selectedLine(state) - state.above);
}

/** `wanted`, or the nearest top with which the selected row is visible. */
function topNear(state: ViewState, height: number, wanted: number): number {
  const selected = selectedLine(state);
  const seen = Math.max(selected - height + 1, Math.min(Math.max(0, wanted), selected));
  return Math.max(0, Math.min(seen, tableLinesOf(state).count - height));
}

/** Index of the line of the selected row: its own line, or that of its closed group. */
export function selectedLine(state: ViewState): number {
  const number = selectedNumber(state);
  return number === undefined ? -1 : tableLinesOf(state).indexOf(number);
}

/** Moves the selection by `by` lines; moving down to the last row starts following. */
export function moveSelection(state: ViewState, by: number, height: number): ViewState {
  const lines = tableLinesOf(state);
  const to = Math.max(0, Math.min(lines.count - 1, selectedLine(state) + by));
  const number = lines.lineAt(to)?.number;
  if (number === undefined) return state;
  const isAtEnd = by > 0 && to === lines.count - 1;
  const isFollowing = isAtEnd && !state.hasEnded && state.paused === null && state.sort === null;
  return withVisibleSelection({ ...withHeldTop(state, height), selected: number, isFollowing, cursors: {} }, height);
}

/** Selects a row by its number; a notice reports when the filter hides it. */
export function selectNumber(state: ViewState, number: number, height: number): ViewState {
  const { numberAt, indexOf } = shownRows(state);
  const isHidden = numberAt(indexOf(number)) !== number;
  const notice = isHidden ? "the filter hides that row" : state.notice;
  // The group that hides the row is opened.
  const opened = withOpened(state, number);
  return withVisibleSelection(
    { ...withHeldTop(state, height), opened, selected: number, isFollowing: false, cursors: {}, notice },
    height,
  );
}

/** Selects a row by its id; a notice reports when it is no longer held. */
export function selectId(state: ViewState, id: string, height: number): ViewState {
  const number = state.log.numberOf(id);
  return number === undefined
    ? { ...state, notice: `row ${id} is no longer held by the screen; it is in the journal` }
    : selectNumber(state, number, height);
}

/** Stores the current top of the table, so that a later change moves the table as little as possible. */
export function withHeldTop(state: ViewState, height: number): ViewState {
  return withTop(state, tableTop(state, height));
}

/** Moves the table only as far as the selected row becomes visible. */
export function withVisibleSelection(state: ViewState, height: number): ViewState {
  return withTop(state, topNear(state, height, tableLinesOf(state).indexOf(state.top)));
}

function withTop(state: ViewState, index: number): ViewState {
  const top = tableLinesOf(state).lineAt(index)?.number;
  return top === undefined ? state : { ...state, top, above: selectedLine(state) - index };
}

function withOpened(state: ViewState, number: number): ReadonlySet<number> {
  const lines = tableLinesOf(state);
  const line = lines.lineAt(lines.indexOf(number));
  const isHidden = line !== undefined && line.group !== null && !line.group.isOpen && line.number !== number;
  return isHidden ? new Set([...state.opened, line.number]) : state.opened;
}

/** Sorts the table, or restores the order of arrival (null). The selected row stays selected; without one the first is. */
export function sortTable(state: ViewState, sort: Sort | null, height: number): ViewState {
  const number = state.isFollowing ? undefined : shownRows(state).numberAt(selectedIndex(state));
  return sortBy(withHeldTop(state, height), sort, number ?? null);
}

/** Starts or stops following the newest row. A sorted table does not follow. */
export function setFollowing(state: ViewState, isFollowing: boolean, height: number): ViewState {
  if (isFollowing && state.sort !== null) {
    return { ...state, notice: "a sorted table does not follow; o, then 0: the order of arrival" };
  }
  if (isFollowing) return { ...state, isFollowing, selected: null, cursors: {} };
  const number = shownRows(state).numberAt(selectedIndex(state));
  return withVisibleSelection({ ...withHeldTop(state, height), isFollowing, selected: number ?? null }, height);
}

/** Selects the shown row at index `place`, or the last one. */
export function selectPlace(state: ViewState, place: number, height: number): ViewState {
  const shown = shownRows(state);
  const number = shown.numberAt(Math.min(place, shown.count - 1));
  return number === undefined ? state : selectNumber(state, number, height);
}

/** Selects the `by`th next (or previous) row that is evidence of a warning or worse; continues at the other end. */
export function moveToFinding(state: ViewState, by: number, height: number): ViewState {
  const shown = shownRows(state);
  const [from, step] = [selectedIndex(state), Math.sign(by)];
  const passed: number[] = [];
  for (let away = 1; away <= shown.count && passed.length < Math.abs(by); away += 1) {
    const number = shown.numberAt((from + step * away + shown.count * 2) % shown.count);
    if (number !== undefined && isSevere(state.log.at(number)?.row.worst ?? null)) passed.push(number);
  }
  // With fewer such rows than `by` the same ones are counted again.
  const number = passed[(Math.abs(by) - 1) % Math.max(1, passed.length)];
  return number === undefined
    ? { ...state, notice: "no row shown is evidence of a warning or worse" }
    : selectNumber(state, number, height);
}

function isSevere(worst: Severity | null): boolean {
  return worst !== null && worst !== "info";
}

/** Selects a row of the `by`th next (or previous) conversation, or of the last one in that direction. */
export function moveToConversation(state: ViewState, by: number, height: number): ViewState {
  const shown = shownRows(state);
  const [from, step] = [selectedIndex(state), Math.sign(by)];
  let own = conversationAt(state, shown.numberAt(from));
  let [left, found] = [Math.abs(by), -1];
  for (let index = from + step; index >= 0 && index < shown.count && left > 0; index += step) {
    const number = shown.numberAt(index);
    const conversation = conversationAt(state, number);
    if (number === undefined || conversation === null || conversation === own) continue;
    [own, found, left] = [conversation, number, left - 1];
  }
  if (found === -1) return { ...state, notice: `there is no ${step === 1 ? "later" : "earlier"} conversation` };
  return selectNumber(state, found, height);
}

function conversationAt(state: ViewState, number: number | undefined): string | null {
  return number === undefined ? null : (state.log.at(number)?.row.handshakeId ?? null);
}
