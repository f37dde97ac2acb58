// The lines of the pending requests below the rows of the table.
import { plainLine, type ScreenLine } from "../lines/screen-line.ts";
import { pendingCount, shownPendingRows } from "../model/pending-rows.ts";
import type { ViewState } from "../model/view-state.ts";
import { pendingRow, type TableView } from "./table.ts";

/** `height` lines; the last one counts the requests that do not fit. */
export function pendingLines(state: ViewState, height: number, view: TableView): readonly ScreenLine[] {
  if (height === 0) return [];
  const { rows } = shownPendingRows(state);
  const count = pendingCount(state);
  const shown = rows.slice(0, count > height ? height - 1 : height);
  const lines = shown.map((subject) => pendingRow(subject, { ...view, age: ageText(state, subject.row.at) }));
  const left = count - shown.length;
  return left === 0 ? lines : [...lines, plainLine(` .  ${left} more ${left === 1 ? "has" : "have"} not ended`, "dim")];
}

/** The age of a request, `40s`, `12m` or `3h`; `...` on a screen without a clock. */
function ageText({ now, isQuiet, paused }: ViewState, since: number): string {
  if (isQuiet || now === 0) return "...";
  const seconds = Math.max(0, Math.floor(((paused?.now ?? now) - since) / 1000));
  if (seconds < 100) return `${seconds}s`;
  const minutes = Math.floor(seconds / 60);
  return minutes < 100 ? `${minutes}m` : `${Math.floor(minutes / 60)}h`;
}
