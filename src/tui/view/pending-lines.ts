// The lines of the pending requests below the rows of the table.
import { plainLine, type ScreenLine } from "../lines/screen-line.ts";
import { pendingCount, shownPendingRows } from "../model/pending-rows.ts";
import type { ViewState } from "../model/view-state.ts";
import { pendingRow, type TableView } from "./table.ts";

/** So many lines; the last one counts those for which there is no room. */
export function pendingLines(state: ViewState, height: number, view: TableView): readonly ScreenLine[] {
  if (height === 0) return [];
  const { rows } = shownPendingRows(state);
  const count = pendingCount(state);
  const shown = rows.slice(0, count > height ? height - 1 : height);
  const lines = shown.map((subject) => pendingRow(subject, { ...view, age: ageText(state, subject.row.at) }));
  const left = count - shown.length;
  return left === 0 ? lines : [...lines, plainLine(` .  ${left} more ${left === 1 ? "has" : "have"} not ended`, "dim")];
}

/** How long, in less and less detail; a screen on which nothing moves by itself has the time of the beginning alone. */
function ageText({ now, isQuiet, paused }: ViewState, since: number): string {
  if (isQuiet || now === 0) return "...";
  const seconds = Math.max(0, Math.floor(((paused?.now ?? now) - since) / 1000));
  if (seconds < 100) return `${seconds}s`;
  const minutes = Math.floor(seconds / 60);
  return minutes < 100 ? `${minutes}m` : `${Math.floor(minutes / 60)}h`;
}
