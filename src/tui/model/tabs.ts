// The tabs, the focus, and the layout that follows from them.
import { chooseLayout, type Region, type Size } from "./layout.ts";
import { pendingHeight } from "./pending-rows.ts";
import { type TabName, tabNames } from "./view-parts.ts";
import { regionOf, type ViewState } from "./view-state.ts";

/** Shows a tab and moves the focus to its part. */
export function showTab(state: ViewState, tab: TabName): ViewState {
  return withTab({ ...state, focus: regionOf(tab), help: null }, tab);
}

function withTab(state: ViewState, tab: TabName): ViewState {
  return { ...state, tab, lastDetail: regionOf(tab) === "detail" ? tab : state.lastDetail };
}

/** The next or previous tab, in a circle; `setup` only while a setup runs. */
export function stepTab(state: ViewState, by: 1 | -1): ViewState {
  const names = tabNames.filter((name) => name !== "setup" || state.setup !== null);
  const at = names.indexOf(state.tab);
  const tab = names[(at + by + names.length) % names.length] ?? "summary";
  return withTab({ ...state, focus: state.focus === "table" ? "table" : regionOf(tab), help: null }, tab);
}

const order: readonly Region[] = ["table", "detail", "ladder", "findings"];

/** Moves the focus to the next or previous part. */
export function moveFocus(state: ViewState, by: 1 | -1): ViewState {
  const focus = order[(order.indexOf(state.focus) + by + order.length) % order.length] ?? "table";
  const tab = focus === "ladder" || focus === "findings" ? focus : focus === "detail" ? detailTab(state) : state.tab;
  return withTab({ ...state, focus, help: null }, tab);
}

/** The tab of the detail part: the current one, or the last one while another part has the focus. */
export function detailTab(state: ViewState): TabName {
  return regionOf(state.tab) === "detail" ? state.tab : state.lastDetail;
}

/** The layout for a state, with lines for pending requests. */
export function layoutFor(state: ViewState, size: Size): ReturnType<typeof chooseLayout> {
  const layout = chooseLayout(size, {
    isZoomed: state.isZoomed || state.help !== null,
    focus: state.help !== null || state.input?.kind === "columns" ? "detail" : state.focus,
    preference: state.preference,
  });
  const pending = pendingHeight(state, layout.table);
  return pending === 0 ? layout : { ...layout, table: layout.table - pending, pending };
}
