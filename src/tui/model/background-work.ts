// Filtering, sorting and grouping of many rows run in slices, so that keys are handled in between.
import { stepFilter } from "./filtering.ts";
import { isGrouping, stepGroups } from "./grouping.ts";
import { isSorting, stepSort } from "./sorting.ts";
import type { ViewState } from "./view-state.ts";

/** One slice of filtering, sorting and grouping, of at most `count` rows each. */
export function stepRowWork(state: ViewState, count: number): ViewState {
  return stepGroups(stepSort(stepFilter(state, count), count), count);
}

/** Whether filtering, sorting or grouping is not finished. */
export function hasRowWork(state: ViewState): boolean {
  return state.job?.next != null || isSorting(state) || isGrouping(state);
}
