// The whole screen as lines, from the state and the size of the terminal.

import { wayOfHandshake } from "../../diagnosis/direction-words.ts";
import type { PaneLine } from "../lines/pane-line.ts";
import {
  drawRule,
  fillToHeight,
  fitLine,
  invertLine,
  joinColumns,
  plainLine,
  type ScreenLine,
  type Span,
} from "../lines/screen-line.ts";
import { type Layout, ladderColumns, minimum, type Region, type Size } from "../model/layout.ts";
import { detailTab, layoutFor } from "../model/tabs.ts";
import type { TabName } from "../model/view-parts.ts";
import { shownAnalysis, type ViewState } from "../model/view-state.ts";
import { chooserInput, chooserLines } from "../update/column-chooser.ts";
import { columnsText, partOfLine, shiftOf, showsWholeLines } from "../update/horizontal-scroll.ts";
import { cursorOf, paneTop } from "../update/pane-actions.ts";
import { verdictLines } from "../words/verdict-lines.ts";
import { conversationOf, paneLines } from "./pane-lines.ts";
import { shownHandshake } from "./panes/ladder-pane.ts";
import { filterLine, hintLine, placeText, statusLine, tabSpans } from "./status-lines.ts";
import { selectedPlace, tableRegion } from "./table-region.ts";
import { verdictView } from "./verdict-region.ts";

/** The lines of a frame: one less than the terminal has, none wider than it. */
export function frame(state: ViewState, size: Size): readonly ScreenLine[] {
  const layout = layoutFor(state, size);
  const { columns } = size;
  // The two verdict lines are never hidden.
  const verdicts = verdictLines(verdictView(state, columns));
  if (layout.kind === "tiny") return tooSmall(verdicts, size);
  const hasTitle = layout.kind === "wide" || layout.kind === "huge";
  const hasFilterLine = hasTitle || layout.kind === "tall";
  return [
    ...verdicts,
    // Where the table has no title, the status line shows the place of the selected row.
    statusLine(state, columns, { place: hasTitle ? "" : selectedPlace(state), hasFilterLine }),
    ...middle(state, layout, size),
    ...(hasFilterLine ? [filterLine(state, columns)] : []),
    hintLine(state, columns, hasFilterLine),
  ];
}

function tooSmall(verdicts: readonly ScreenLine[], { columns, rows }: Size): readonly ScreenLine[] {
  const wish = `enlarge to ${minimum.columns}x${minimum.rows} (now ${columns}x${rows})   q quit`;
  return fillToHeight([...verdicts, plainLine(wish, "dim")], Math.max(1, rows - 1));
}

function middle(state: ViewState, layout: Layout, { columns }: Size): readonly ScreenLine[] {
  switch (layout.kind) {
    case "tiny":
      return [];
    case "compact":
    case "zoomed":
      return layout.table > 0
        ? tableRegion(state, layout, columns)
        : pane(state, onlyTab(state), { columns, height: paneHeight(layout), others: [] });
    case "stacked":
      return [
        ...tableRegion(state, layout, columns),
        ...pane(state, onlyTab(state), { columns, height: layout.detail, others: [] }),
      ];
    case "tall":
      return [
        ...tableRegion(state, layout, columns),
        ...pane(state, detailTab(state), { columns, height: layout.detail, others }),
        ...pane(state, "ladder", { columns, height: layout.ladder, others }),
        ...pane(state, "findings", { columns, height: layout.findings - 1, others }),
      ];
    case "wide":
      return wide(state, layout, columns);
    case "huge":
      return huge(state, layout, columns);
  }
}

/** The tab of a layout with one pane: the current tab, or the detail tab while the column chooser is open. */
function onlyTab(state: ViewState): TabName {
  return state.input?.kind === "columns" ? detailTab(state) : state.tab;
}

const others: readonly Region[] = ["ladder", "findings"];

function paneHeight({ detail, ladder, findings }: Layout): number {
  return Math.max(detail, ladder, findings);
}

function wide(state: ViewState, layout: Layout, columns: number): readonly ScreenLine[] {
  const { leftWidth } = layout;
  const right = { columns: columns - leftWidth - 2, height: layout.detail, others, table: columns };
  return [
    tableRule(state, columns),
    ...tableRegion(state, layout, columns),
    ...joinParts(
      pane(state, "ladder", { columns: leftWidth, height: layout.ladder, others }),
      pane(state, detailTab(state), right),
      leftWidth,
    ),
    ...pane(state, "findings", { columns, height: layout.findings, others }),
  ];
}

function huge(state: ViewState, layout: Layout, columns: number): readonly ScreenLine[] {
  const { leftWidth } = layout;
  const traffic = [tableRule(state, leftWidth), ...tableRegion(state, layout, leftWidth)];
  const place = { columns: columns - leftWidth - 2, height: layout.detail, others, table: leftWidth };
  const detail = pane(state, detailTab(state), place);
  const ladder = ladderColumns(columns);
  return [
    ...joinParts(traffic, detail, leftWidth),
    ...joinParts(
      pane(state, "ladder", { columns: ladder, height: layout.ladder, others }),
      pane(state, "findings", { columns: columns - ladder - 2, height: layout.findings, others }),
      ladder,
    ),
  ];
}

function tableRule(state: ViewState, columns: number): ScreenLine {
  const place = selectedPlace(state);
  return drawRule([["Traffic", titleMeaning(state, "table")]], place === "" ? [] : [[place, "dim"]], columns);
}

/** Two parts side by side; their first lines are rules and are joined. */
function joinParts(
  left: readonly ScreenLine[],
  right: readonly ScreenLine[],
  leftWidth: number,
): readonly ScreenLine[] {
  const [leftRule = [], ...leftLines] = left;
  const [rightRule = [], ...rightLines] = right;
  const lines = joinColumns(leftLines, rightLines, {
    leftWidth,
    height: Math.max(leftLines.length, rightLines.length),
  });
  return [[...fitLine(leftRule, leftWidth), ["┬", "dim"], ...rightRule], ...lines];
}

interface PanePlace {
  readonly columns: number;
  readonly height: number;
  /** Columns of the table where they differ; for the column chooser. */
  readonly table?: number;
  /** Other visible parts, which need no tab here. */
  readonly others: readonly Region[];
}

/** The rule with the title, then the lines of a tab; the current line is in reverse. */
function pane(state: ViewState, tab: TabName, place: PanePlace): readonly ScreenLine[] {
  const { columns, height } = place;
  const chooser = chooserInput(state, tab);
  const hasKeys = (state.focus !== "table" && state.tab === tab) || state.help !== null || chooser !== null;
  const lines = chooser === null ? paneLines(state, tab, columns) : chooserLines(state, place.table ?? columns);
  const cursor = chooser?.cursor ?? (state.tab === tab ? cursorOf(state, lines.length) : 0);
  const top = paneTop(cursor, lines.length, height);
  const sideways = chooser === null && showsWholeLines(state, tab) ? { lines, columns } : null;
  const shift = sideways === null ? 0 : shiftOf(state, tab, sideways);
  const shown = lines.slice(top, top + height).map(({ line }: PaneLine, index) => {
    const part = sideways === null ? line : partOfLine(line, shift, columns);
    return hasKeys && top + index === cursor ? invertLine(part, columns) : part;
  });
  const right = [
    placeText({ top, lines: lines.length, height }),
    sideways === null ? "" : columnsText(shift, sideways),
  ].filter((text) => text !== "");
  const end: ScreenLine = right.length === 0 ? [] : [[right.join("  "), "dim"]];
  return [drawRule(titleOf(state, tab, place), end, columns), ...fillToHeight(shown, height)];
}

function titleOf(state: ViewState, tab: TabName, { others: beside, columns }: PanePlace): ScreenLine {
  if (tab === "ladder" && beside.includes("ladder")) return [[ladderTitle(state), titleMeaning(state, "ladder")]];
  if (tab === "findings" && beside.includes("findings")) {
    const count = shownAnalysis(state)?.findings.length ?? 0;
    return [[`Findings ${count}`, titleMeaning(state, "findings")]];
  }
  if (chooserInput(state, tab) !== null) return [["Sort and columns", "focus"]];
  return tabSpans(state, tab, { others: beside, columns });
}

function ladderTitle(state: ViewState): string {
  const shown = shownHandshake(shownAnalysis(state), conversationOf(state));
  if (shown === null) return "Handshake";
  return ["Handshake", wayOfHandshake(shown), shown.id].filter((part) => part !== "").join(" ");
}

function titleMeaning(state: ViewState, region: Region): Span[1] {
  return state.focus === region ? "focus" : "strong";
}
