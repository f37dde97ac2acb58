// What keys do with the lines of a pane: move, fold, find, copy.

import type { S2sToken } from "../../decoders/facts.ts";
import { decodeTransaction } from "../../decoders/messages/decode-transaction.ts";
import { tokenJson } from "../../decoders/pasted/value-json.ts";
import type { Filter } from "../../filter/filter.ts";
import { widthOf } from "../lines/cell-text.ts";
import type { PaneLine } from "../lines/pane-line.ts";
import { shownRows } from "../model/filtering.ts";
import { selectedIndex, selectId } from "../model/selection.ts";
import { stepTab } from "../model/tabs.ts";
import type { TabName } from "../model/view-parts.ts";
import { foldedNodes, type ViewState } from "../model/view-state.ts";
import { copyWith, type KeyContext, type Update, withoutEffect } from "./effects.ts";
import { closedGroup, closeGroup, openGroup } from "./group-actions.ts";
import { type ScrolledPane, scrollSideways, scrollToColumn, showsWholeLines } from "./horizontal-scroll.ts";

/** Index of the current line of the pane. */
export function cursorOf(state: ViewState, lines: number): number {
  return Math.max(0, Math.min(lines - 1, state.cursors[state.tab] ?? 0));
}

/** Index of the first visible line of a pane; the current line is in the middle. */
export function paneTop(cursor: number, lines: number, height: number): number {
  return Math.max(0, Math.min(cursor - Math.floor(height / 2), lines - height));
}

/** Moves the current line of the pane by `by` lines. */
export function movePane(state: ViewState, { pane }: KeyContext, by: number): ViewState {
  const cursor = Math.max(0, Math.min(pane.length - 1, cursorOf(state, pane.length) + by));
  return { ...state, cursors: { ...state.cursors, [state.tab]: cursor } };
}

const textTabs: ReadonlySet<TabName> = new Set(["token", "headers", "body", "raw", "stream"]);

/** Moves to the `by`th next (or previous) line of a text that matches the filter, in a circle; null without a match. */
export function moveToMatch(state: ViewState, context: KeyContext, by: number): ViewState | null {
  const { pane } = context;
  const { filter } = state.filter;
  if (state.focus === "table" || filter === null || !textTabs.has(state.tab)) return null;
  // The lines of one wrapped text have the same `copy` and count as one match.
  const matches = pane.flatMap((line, at) =>
    (line.copy === undefined || line.copy !== pane[at - 1]?.copy) && filter.holds(textOf(line)) ? [at] : [],
  );
  if (matches.length === 0) return null;
  const cursor = cursorOf(state, pane.length);
  const passed = matches.filter((at) => (by > 0 ? at <= cursor : at < cursor)).length;
  const place = by > 0 ? passed + by - 1 : passed + by;
  const to = matches[((place % matches.length) + matches.length) % matches.length] ?? 0;
  const notice = `match ${matches.indexOf(to) + 1} of ${matches.length} in this text`;
  const moved = { ...state, notice, cursors: { ...state.cursors, [state.tab]: to } };
  const column = showsWholeLines(state, state.tab) ? matchColumn(filter, pane[to]) : null;
  return column === null ? moved : scrollToColumn(moved, column, sidewaysOf(context));
}

/** Column of the end of the first match in the line; null when the match is not in the visible text. */
function matchColumn(filter: Filter, line: PaneLine | undefined): number | null {
  const text = line?.line.map(([part]) => part).join("") ?? "";
  if (!filter.holds(text)) return null;
  let [without, within] = [0, text.length];
  while (without + 1 < within) {
    const middle = (without + within) >> 1;
    if (filter.holds(text.slice(0, middle))) within = middle;
    else without = middle;
  }
  return widthOf(text.slice(0, within)) - 1;
}

function textOf({ copy, line }: PaneLine): string {
  return `${line.map(([text]) => text).join("")} ${copy?.text ?? ""}`;
}

/** The current line of the pane. */
export function lineAt(state: ViewState, { pane }: KeyContext): PaneLine | undefined {
  return pane[cursorOf(state, pane.length)];
}

/** Selects the row of the current line; without one toggles the zoom. */
export function openLine(state: ViewState, context: KeyContext): ViewState {
  const { rowId, head } = lineAt(state, context) ?? {};
  if (head !== undefined && foldedNodes(state).has(head.id)) return setFolded(state, head.id, false);
  if (rowId === undefined) return { ...state, isZoomed: !state.isZoomed };
  return { ...selectId(state, rowId, context.height), focus: "table", isZoomed: false };
}

/** Closes a group; scrolls long lines left; folds the node of the line, else moves to its parent; else the previous tab. */
export function goLeft(state: ViewState, context: KeyContext): ViewState {
  if (state.focus === "table") return closeGroup(state, context.height) ?? stepTab(state, -1);
  if (showsWholeLines(state, state.tab)) return scrollSideways(state, -1, sidewaysOf(context));
  const { head, within } = lineAt(state, context) ?? {};
  if (!isInTree(state, context)) return stepTab(state, -1);
  if (head !== undefined && !foldedNodes(state).has(head.id)) return setFolded(state, head.id, true);
  const at = within === undefined ? -1 : context.pane.findIndex((line) => line.head?.id === within);
  if (at === -1) return { ...state, notice: "nothing here folds further" };
  return { ...state, cursors: { ...state.cursors, [state.tab]: at } };
}

/** Opens a group; scrolls long lines right; unfolds the node of the line, else moves into it; else the next tab. */
export function goRight(state: ViewState, context: KeyContext): ViewState {
  const group = state.focus === "table" ? closedGroup(state) : null;
  if (group !== null) return openGroup(state, group, context.height);
  if (state.focus !== "table" && showsWholeLines(state, state.tab))
    return scrollSideways(state, 1, sidewaysOf(context));
  if (!isInTree(state, context)) return stepTab(state, 1);
  const { head } = lineAt(state, context) ?? {};
  if (head === undefined) return { ...state, notice: "nothing here unfolds" };
  return foldedNodes(state).has(head.id) ? setFolded(state, head.id, false) : movePane(state, context, 1);
}

function sidewaysOf({ pane, paneColumns }: KeyContext): ScrolledPane {
  return { lines: pane, columns: paneColumns };
}

function isInTree(state: ViewState, { pane }: KeyContext): boolean {
  return state.focus !== "table" && state.help === null && pane.some(({ head }) => head !== undefined);
}

function setFolded(state: ViewState, node: string, isFolded: boolean): ViewState {
  const id = state.detail?.id ?? "";
  const nodes = new Set(foldedNodes(state));
  if (isFolded) nodes.add(node);
  else nodes.delete(node);
  return { ...state, folded: { id, nodes } };
}

/** Copies the current line of the pane, or the selected row or group as text. */
export function copyLine(state: ViewState, context: KeyContext): Update {
  if (state.focus !== "table") {
    const line = lineAt(state, context);
    if (line === undefined) return withoutEffect(state);
    const copy = line.copy ?? {
      name: "line",
      text: line.line
        .map(([text]) => text)
        .join("")
        .trim(),
    };
    return copyWith(state, copy);
  }
  const number = shownRows(state).numberAt(selectedIndex(state));
  const subject = number === undefined ? undefined : state.log.at(number);
  if (subject === undefined) return withoutEffect({ ...state, notice: "there is no row to copy" });
  const { id, at, method, scheme, host, path, status, auth, detail, log } = subject.row;
  const words = [
    new Date(at).toISOString(),
    id,
    method,
    `${scheme}://${host}${path}`,
    status ?? "no answer",
    auth,
    detail,
    ...(log === undefined ? [] : [`${fileOf(state, id) ?? log.file}:${log.line}`]),
  ];
  const group = closedGroup(state)?.group ?? null;
  if (group === null) return copyWith(state, { name: `row ${id}`, text: words.join(" ") });
  return copyWith(state, { name: `row ${id} ×${group.count}`, text: [...words, `×${group.count}`].join(" ") });
}

/** The file of a row of a log as it was given; null unless the row is in the panes. */
function fileOf({ detail }: ViewState, id: string): string | null {
  return detail?.id === id ? (detail.log?.file ?? null) : null;
}

/** Copies the token as shown; an unmasked one grants access and is copied only after a confirmation. */
export function copyToken(state: ViewState): Update {
  const token = tokenOf(state);
  if (token === null)
    return withoutEffect({ ...state, notice: "no token is loaded; open the Token tab of a row first" });
  const isUnmasked = state.detail !== null && state.detail.unmaskedUntil !== null;
  const copy = { name: isUnmasked ? "whole token" : "token, signature removed", text: token.compact };
  return isUnmasked ? withoutEffect({ ...state, input: { kind: "copy-token", copy } }) : copyWith(state, copy);
}

/** Copies header and claims of the token and of its actor token as JSON; people stay masked. */
export function copyClaims(state: ViewState): Update {
  const token = tokenOf(state);
  if (token === null)
    return withoutEffect({ ...state, notice: "no token is loaded; open the Token tab of a row first" });
  const copy = { name: "claims as JSON", text: JSON.stringify(tokenJson(token), null, 2) };
  return copyWith(state, copy);
}

function tokenOf({ detail }: ViewState): S2sToken | null {
  const transaction = detail?.transaction ?? null;
  if (transaction === null) return null;
  for (const { token } of decodeTransaction(transaction).tokens) if (token.ok) return token.value;
  return null;
}
