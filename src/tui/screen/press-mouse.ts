// The mouse, after `:mouse on`: the wheel moves, a click selects a row, a line or a tab. Off by default, because a terminal
// that reports the mouse no longer lets people mark text.

import { widthOf } from "../lines/cell-text.ts";
import { ladderColumns, type Region, type Size } from "../model/layout.ts";
import { moveSelection, selectNumber, tableTop } from "../model/selection.ts";
import { tableLinesOf } from "../model/table-lines.ts";
import { detailTab, layoutFor, showTab } from "../model/tabs.ts";
import { type TabName, tabNames } from "../model/view-parts.ts";
import type { ViewState } from "../model/view-state.ts";
import type { Key } from "../terminal/parse-keys.ts";
import type { KeyContext } from "../update/effects.ts";
import { cursorOf, movePane, paneTop } from "../update/pane-actions.ts";
import { paneLines } from "../view/pane-lines.ts";
import { tabSpans } from "../view/status-lines.ts";

type MouseKey = Extract<Key, { name: "mouse" }>;

/** A part of the screen: its head or rule is on line `top`, its lines are below. Lines and columns count from 0. */
interface Place {
  readonly region: Region;
  readonly tab: TabName;
  readonly top: number;
  readonly height: number;
  readonly left: number;
  readonly columns: number;
  /** Other visible parts, which have no tab in its rule. */
  readonly others: readonly Region[];
}

const wheelSteps = 3;

/** The effect of a mouse press; none during an input, a question or the help. */
export function pressMouse(state: ViewState, key: MouseKey, context: KeyContext): ViewState {
  const { size } = context;
  if (!state.hasMouse || state.input !== null || state.help !== null || size === undefined) return state;
  const [line, column] = [key.row - 1, key.column - 1];
  const place = placesOf(state, size).find(
    ({ top, height, left, columns }) =>
      line >= top && line <= top + height && column >= left && column < left + columns + 2,
  );
  if (place === undefined) return state;
  if (key.button === 64 || key.button === 65)
    return turnWheel(state, place, { context, by: key.button === 64 ? -1 : 1 });
  if (key.button !== 0) return state;
  if (place.region === "table") return clickRow(state, line - place.top - 1, context.height);
  return line === place.top ? clickTab(state, place, column) : clickLine(state, place, { context, line });
}

function turnWheel(
  state: ViewState,
  place: Place,
  { context, by }: { readonly context: KeyContext; readonly by: 1 | -1 },
): ViewState {
  if (place.region === "table") return moveSelection(state, by * wheelSteps, context.height);
  const focused = showTab(state, place.tab);
  const pane = paneLines(focused, place.tab, place.columns);
  return movePane(focused, { ...context, pane }, by * wheelSteps);
}

function clickRow(state: ViewState, offset: number, height: number): ViewState {
  const focused: ViewState = { ...state, focus: "table" };
  const line = offset < 0 ? undefined : tableLinesOf(state).lineAt(tableTop(state, height) + offset);
  return line === undefined ? focused : selectNumber(focused, line.number, height);
}

function clickLine(
  state: ViewState,
  place: Place,
  { context, line }: { readonly context: KeyContext; readonly line: number },
): ViewState {
  const focused = showTab(state, place.tab);
  const pane = paneLines(focused, place.tab, place.columns);
  const cursor = cursorOf(focused, pane.length);
  const clicked = paneTop(cursor, pane.length, place.height) + line - place.top - 1;
  return movePane(focused, { ...context, pane }, clicked - cursor);
}

/** Shows the tab at that column of the rule; elsewhere in the rule only focuses the part. */
function clickTab(state: ViewState, { tab, left, columns, others, region }: Place, column: number): ViewState {
  let from = left + 2;
  const spans = others.includes(region) ? [] : tabSpans(state, tab, { others, columns });
  for (const [text] of spans) {
    const to = from + widthOf(text);
    const number = /^\[?(\d) /.exec(text)?.[1];
    const clicked = number === undefined ? undefined : tabNames[Number(number) - 1];
    if (column >= from && column < to && clicked !== undefined) return showTab(state, clicked);
    from = to;
  }
  return showTab(state, tab);
}

const beside: readonly Region[] = ["ladder", "findings"];

/** The places of the parts, the same as in `frame`. */
function placesOf(state: ViewState, size: Size): readonly Place[] {
  const layout = layoutFor(state, size);
  const { kind, table, detail, ladder, findings, leftWidth } = layout;
  const tableEnd = table + layout.pending;
  const whole = { left: 0, columns: size.columns };
  const rows = { region: "table", tab: state.tab, top: 3, height: table, ...whole, others: [] } as const;
  const paneOf = (region: Exclude<Region, "table">, place: Omit<Place, "region" | "tab" | "others">): Place => ({
    region,
    tab: region === "detail" ? detailTab(state) : region,
    others: beside,
    ...place,
  });
  switch (kind) {
    case "tiny":
      return [];
    case "compact":
    case "zoomed": {
      const only = { region: state.focus, tab: state.tab, top: 3, height: Math.max(detail, ladder, findings) };
      return table > 0 ? [rows] : [{ ...only, ...whole, others: [] }];
    }
    case "stacked":
      return [rows, { region: "detail", tab: state.tab, top: 4 + tableEnd, height: detail, ...whole, others: [] }];
    case "tall": {
      const top = 4 + tableEnd;
      return [
        rows,
        paneOf("detail", { top, height: detail, ...whole }),
        paneOf("ladder", { top: top + 1 + detail, height: ladder, ...whole }),
        paneOf("findings", { top: top + 2 + detail + ladder, height: findings - 1, ...whole }),
      ];
    }
    case "wide": {
      const top = 5 + tableEnd;
      const right = { left: leftWidth + 1, columns: size.columns - leftWidth - 2 };
      return [
        { ...rows, top: 4 },
        paneOf("ladder", { top, height: ladder, left: 0, columns: leftWidth - 2 }),
        paneOf("detail", { top, height: detail, ...right }),
        paneOf("findings", { top: top + 1 + Math.max(ladder, detail), height: findings, ...whole }),
      ];
    }
    case "huge": {
      const lower = 4 + Math.max(tableEnd + 1, detail);
      const width = ladderColumns(size.columns);
      return [
        { ...rows, top: 4, columns: leftWidth - 2 },
        paneOf("detail", { top: 3, height: detail, left: leftWidth + 1, columns: size.columns - leftWidth - 2 }),
        paneOf("ladder", { top: lower, height: ladder, left: 0, columns: width - 2 }),
        paneOf("findings", { top: lower, height: findings, left: width + 1, columns: size.columns - width - 2 }),
      ];
    }
  }
}
