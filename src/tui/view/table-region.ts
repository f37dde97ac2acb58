// The table of the screen: its head and the visible rows.

import { fillToHeight, type ScreenLine } from "../lines/screen-line.ts";
import { shownRows } from "../model/filtering.ts";
import type { Layout } from "../model/layout.ts";
import { selectedIndex, selectedLine, tableTop } from "../model/selection.ts";
import { tableLinesOf } from "../model/table-lines.ts";
import type { ViewState } from "../model/view-state.ts";
import { pendingLines } from "./pending-lines.ts";
import { type TableView, tableHead, tableRow } from "./table.ts";
import { evidenceRows } from "./verdict-region.ts";

/** The head, the rows, and the pending requests. */
export function tableRegion(
  state: ViewState,
  { table, pending }: Pick<Layout, "table" | "pending">,
  columns: number,
): readonly ScreenLine[] {
  // While a new order is being built the old one is shown and named.
  const sort = state.sort === null ? null : (state.sorted?.sort ?? null);
  const view: TableView = { columns, choice: state.columns, sort };
  return [tableHead(view), ...tableLines(state, table, view), ...pendingLines(state, pending, view)];
}

function tableLines(state: ViewState, height: number, view: TableView): readonly ScreenLine[] {
  const shown = tableLinesOf(state);
  const top = tableTop(state, height);
  const selected = selectedLine(state);
  const letters = lettersOf(state.marks);
  const evidence = evidenceRows(state);
  const lines: ScreenLine[] = [];
  for (let index = top; index < Math.min(top + height, shown.count); index += 1) {
    const line = shown.lineAt(index);
    const subject = line === undefined ? undefined : state.log.at(line.number);
    if (line === undefined || subject === undefined) continue;
    lines.push(
      tableRow(subject, {
        ...view,
        isSelected: index === selected,
        hasFocus: state.focus === "table",
        letter: letters.get(line.number) ?? "",
        isEvidence: evidence.has(line.number),
        line,
      }),
    );
  }
  return fillToHeight(lines, height);
}

/**
 * The place of the selected row in the shown rows, `7/1204`; of a closed group all its rows, `7-43/1204`. Rows are counted
 * instead of lines, so that grouping does not change the numbers. Empty without rows.
 */
export function selectedPlace(state: ViewState): string {
  const { count, indexOf } = shownRows(state);
  if (count === 0) return "";
  const line = tableLinesOf(state).lineAt(selectedLine(state));
  if (line === undefined || line.group === null || line.group.isOpen) return `${selectedIndex(state) + 1}/${count}`;
  const first = indexOf(line.number) + 1;
  return `${first}-${first + line.group.count - 1}/${count}`;
}

/** The letter of each marked row; cached until the marks change. */
function lettersOf(marks: ViewState["marks"]): ReadonlyMap<number, string> {
  if (lettersCache.marks !== marks) {
    const letters = new Map(
      [...marks].flatMap(([letter, numbers]) => numbers.map((number) => [number, letter] as const)),
    );
    lettersCache = { marks, letters };
  }
  return lettersCache.letters;
}

let lettersCache: { readonly marks: ViewState["marks"]; readonly letters: ReadonlyMap<number, string> } = {
  marks: new Map(),
  letters: new Map(),
};
