import type { ExportWish } from "./messages.ts";
import { type Outcome, only, withEffect } from "./outcome.ts";
import { selectedId } from "./selection.ts";
import type { ViewState } from "./view-state.ts";

/** The keys of the question that `e` asks. */
export const exportKeys: Readonly<Record<string, ExportWish>> = {
  h: "har",
  n: "ndjson",
  s: "saz",
  r: "html",
  m: "markdown",
  c: "curl",
};

/** Ids of the marked rows in their order, else of the selected one. */
function chosenIds(state: ViewState): readonly string[] {
  const marked = [...state.marks.values()].sort((one, other) => one - other);
  if (marked.length > 0) return marked.flatMap((number) => state.log.at(number)?.row.id ?? []);
  const id = selectedId(state);
  return id === null ? [] : [id];
}

/** Asks the capturing process to write the chosen rows; an empty path lets it choose one in the data folder. */
export function exportRows(state: ViewState, as: ExportWish, path: string): Outcome {
  const ids = as === "curl" ? chosenIds(state).slice(0, 1) : chosenIds(state);
  if (ids.length === 0) return only({ ...state, notice: "there is no row to export" });
  const notice = `exporting ${ids.length} ${ids.length === 1 ? "row" : "rows"} as ${as} ...`;
  return withEffect({ ...state, notice }, { type: "send", message: { type: "export", as, ids, path } });
}
