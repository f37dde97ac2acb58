// `o`: the chooser for the sort and the columns of the table.

import { type PaneLine, textLine } from "../lines/pane-line.ts";
import { type ColumnName, choosable, columnKinds, columnNames, placeColumns } from "../model/columns.ts";
import { sortTable } from "../model/selection.ts";
import { sortWords } from "../model/sorting.ts";
import type { Sort, TabName } from "../model/view-parts.ts";
import { type Input, regionOf, type ViewState } from "../model/view-state.ts";
import type { Key } from "../terminal/parse-keys.ts";

export const chooserHint = " Enter sort  0 unsorted  Space show/hide  r usual  Esc done";

/** The open chooser that is drawn instead of that tab; null when the tab is drawn. */
export function chooserInput({ input }: ViewState, tab: TabName): Extract<Input, { kind: "columns" }> | null {
  return input?.kind === "columns" && regionOf(tab) === "detail" ? input : null;
}

/** The lines of the chooser, one a column; `columns` is the width of the table. */
export function chooserLines(state: ViewState, columns: number): readonly PaneLine[] {
  const shown = placeColumns(columns, state.columns).map(({ name }) => name);
  // In a narrow table host and path share one column.
  const seen = new Set<ColumnName>([
    "severity",
    ...shown,
    ...(columns < 110 && shown.includes("host") ? joinedColumns(state) : []),
  ]);
  return columnNames.map((name) => {
    const sorted = state.sort?.column === name;
    const isLeftOut = !seen.has(name) && state.columns.get(name) === true;
    const why = isLeftOut ? "no room for it here" : choosable.includes(name) ? "" : "always shown";
    const words = `${seen.has(name) ? "[x]" : "[ ]"} ${columnKinds[name].words.padEnd(26)}`;
    return textLine(` ${words} ${sorted ? sortedText(state.sort) : why}`.trimEnd(), sorted ? "strong" : "plain");
  });
}

function sortedText({ column, isDescending }: Sort): string {
  return `sorted, ${columnKinds[column].order[isDescending ? 1 : 0]}`;
}

function joinedColumns(state: ViewState): readonly ColumnName[] {
  return isWanted(state, "path") ? ["path"] : [];
}

/** Handles a key in the chooser; other keys change nothing. */
export function typeColumns(
  state: ViewState,
  { cursor }: Extract<Input, { kind: "columns" }>,
  { key, height }: { readonly key: Key; readonly height: number },
): ViewState {
  const name = columnNames[cursor] ?? "id";
  const moved = (to: number): ViewState => ({
    ...state,
    input: { kind: "columns", cursor: Math.max(0, Math.min(columnNames.length - 1, to)) },
  });
  switch (key.name === "character" ? key.character : key.name) {
    case "j":
    case "down":
      return moved(cursor + 1);
    case "k":
    case "up":
      return moved(cursor - 1);
    case "g":
    case "home":
      return moved(0);
    case "G":
    case "end":
      return moved(columnNames.length);
    case "enter":
      return sortTable(state, nextSort(state.sort, name), height);
    case "0":
      return sortTable(state, null, height);
    case " ":
      return showColumn(state, name);
    case "r":
      return { ...state, columns: new Map() };
    case "escape":
    case "o":
    case "q":
      return { ...state, input: null };
    default:
      return state;
  }
}

/** Columns that sort from A to Z first; the others start with the worst or largest. */
const upwards: ReadonlySet<ColumnName> = new Set(
  columnNames.filter((name) => columnKinds[name].order[0] === "A first"),
);

function nextSort(sort: Sort | null, column: ColumnName): Sort {
  return sort?.column === column
    ? { column, isDescending: !sort.isDescending }
    : { column, isDescending: !upwards.has(column) };
}

function showColumn(state: ViewState, name: ColumnName): ViewState {
  if (!choosable.includes(name)) return { ...state, notice: `${columnKinds[name].words} is always shown` };
  return withColumn(state, name, !isWanted(state, name));
}

/** Whether the column is chosen, or, without a choice, a default at some width. */
function isWanted({ columns }: ViewState, name: ColumnName): boolean {
  return columns.get(name) ?? defaultColumns.includes(name);
}

const defaultColumns: readonly ColumnName[] = placeColumns(200, new Map()).map(({ name }) => name);

function withColumn(state: ViewState, name: ColumnName, isShown: boolean): ViewState {
  const others = [...state.columns].filter(([other]) => other !== name);
  return { ...state, columns: new Map([...others, [name, isShown]]) };
}

/** `:sort`: `status` ascending, `-status` descending, `none` in order of arrival; else a notice lists the columns. */
export function sortByName(state: ViewState, text: string, height: number): ViewState {
  if (text === "none" || text === "") return sortTable(state, null, height);
  const isDescending = text.startsWith("-");
  const column = columnNames.find((name) => name === text.replace(/^-/, ""));
  if (column === undefined)
    return { ...state, notice: `sort by one of: none ${columnNames.join(" ")}; -ms sorts descending` };
  const sort = { column, isDescending };
  return { ...sortTable(state, sort, height), notice: `sorted by ${sortWords(sort)}` };
}

/** `:columns`: shows and hides columns, `+client -ms`, or restores the defaults, `usual`. */
export function chooseByName(state: ViewState, text: string): ViewState {
  if (text === "usual") return { ...state, columns: new Map() };
  const words = text.split(/\s+/).filter((word) => word !== "");
  let chosen = state;
  for (const word of words) {
    const [, sign = "", written = ""] = /^([+-]?)(.*)$/.exec(word) ?? [];
    const name = choosable.find((column) => column === written);
    if (name === undefined) return { ...state, notice: `columns: usual, or + or - before: ${choosable.join(" ")}` };
    chosen = withColumn(chosen, name, sign !== "-");
  }
  return words.length === 0 ? { ...state, notice: `columns: usual, or + or - before: ${choosable.join(" ")}` } : chosen;
}
