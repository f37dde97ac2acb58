// What is made of many rows is made in slices, so that no key waits for it.
import { stepFilter } from "./filtering.ts";
import { isGrouping, stepGroups } from "./grouping.ts";
import { isSorting, stepSort } from "./sorting.ts";
import type { ViewState } from "./view-state.ts";

/** One slice further with everything that is to be made of the rows. */
export function stepRowWork(state: ViewState, count: number): ViewState {
  return stepGroups(stepSort(stepFilter(state, count), count), count);
}

export function hasRowWork(state: ViewState): boolean {
  return state.job?.next != null || isSorting(state) || isGrouping(state);
}
