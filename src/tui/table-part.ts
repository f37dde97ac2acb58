// The table of the screen: its head and the rows that are seen.
import { shownRows } from "./filtering.ts";
import { filled, type ScreenLine } from "./screen-line.ts";
import { selectedIndex, tableTop } from "./selection.ts";
import { type TableView, tableHead, tableRow } from "./table.ts";
import type { ViewState } from "./view-state.ts";

/** The head and so many rows below it. */
export function tablePart(state: ViewState, height: number, columns: number): readonly ScreenLine[] {
  // While another order is made the old one is seen, and named.
  const sort = state.sort === null ? null : (state.sorted?.sort ?? null);
  const view: TableView = { columns, choice: state.columns, sort };
  return [tableHead(view), ...tableLines(state, height, view)];
}

function tableLines(state: ViewState, height: number, view: TableView): readonly ScreenLine[] {
  const shown = shownRows(state);
  const top = tableTop(state, height);
  const selected = selectedIndex(state);
  const letters = new Map([...state.marks].map(([letter, number]) => [number, letter]));
  const lines: ScreenLine[] = [];
  for (let index = top; index < Math.min(top + height, shown.count); index += 1) {
    const number = shown.numberAt(index);
    const subject = number === undefined ? undefined : state.log.at(number);
    if (number === undefined || subject === undefined) continue;
    lines.push(
      tableRow(subject, {
        ...view,
        isSelected: index === selected,
        hasFocus: state.focus === "table",
        letter: letters.get(number) ?? "",
      }),
    );
  }
  return filled(lines, height);
}
