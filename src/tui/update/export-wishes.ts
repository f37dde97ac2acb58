import type { ExportWish } from "../model/messages.ts";
import type { ViewState } from "../model/view-state.ts";
import { type Outcome, only, withEffect } from "./effects.ts";
import { selectedRows } from "./group-actions.ts";

/** The keys of the question that `e` asks. */
export const exportKeys: Readonly<Record<string, ExportWish>> = {
  h: "har",
  n: "ndjson",
  s: "saz",
  r: "html",
  m: "markdown",
  t: "ticket",
  c: "curl",
};

/** Ids of the marked rows in their order, else of the selected one, or of all that a group on its line stands for. */
function chosenIds(state: ViewState): readonly string[] {
  const marked = [...new Set([...state.marks.values()].flat())].sort((one, other) => one - other);
  const numbers = marked.length > 0 ? marked : selectedRows(state);
  return numbers.flatMap((number) => state.log.at(number)?.row.id ?? []);
}

/** Asks the capturing process to write the chosen rows; an empty path lets it choose one in the data folder. */
export function exportRows(state: ViewState, as: ExportWish, path: string): Outcome {
  const ids = as === "curl" ? chosenIds(state).slice(0, 1) : chosenIds(state);
  if (ids.length === 0) return only({ ...state, notice: "there is no row to export" });
  const notice = `exporting ${ids.length} ${ids.length === 1 ? "row" : "rows"} as ${as} ...`;
  return withEffect({ ...state, notice }, { type: "send", message: { type: "export", as, ids, path } });
}
