// The shown rows in order of arrival: all, or those that match the filter. Sorting and grouping take them from here in slices
// and so include later rows.
import type { TakenRows } from "./view-parts.ts";
import type { ViewState } from "./view-state.ts";

/** The rows that match the filter in use, none taken yet. */
export function startTaking({ filter }: ViewState): TakenRows {
  return { source: filter.filter === null ? null : filter.matches, taken: 0 };
}

/** Whether the rows were taken for the filter in use. */
export function areForCurrentFilter({ source }: TakenRows, state: ViewState): boolean {
  return source === startTaking(state).source;
}

/** Number after the last shown row: the newest, or the newest at the pause. */
export function shownEnd({ end, paused }: ViewState): number {
  return Math.min(end, paused?.end ?? end);
}

/** Whether some shown rows are not taken yet. */
export function hasMoreRows(state: ViewState, { source, taken }: TakenRows): boolean {
  if (source === null) return taken < shownEnd(state);
  return (source[taken] ?? Number.POSITIVE_INFINITY) < shownEnd(state);
}

/** Takes at most `limit` rows; rows that the log no longer holds are skipped. */
export function takeRows(
  state: ViewState,
  { source, taken }: TakenRows,
  limit: number,
): { readonly numbers: readonly number[]; readonly taken: number } {
  const { log } = state;
  const end = shownEnd(state);
  const numbers: number[] = [];
  if (source === null) {
    let next = Math.max(taken, log.first);
    for (; next < end && numbers.length < limit; next += 1) numbers.push(next);
    return { numbers, taken: next };
  }
  let next = taken;
  for (; next < source.length && numbers.length < limit; next += 1) {
    const number = source[next] ?? 0;
    if (number >= end) break;
    if (number >= log.first) numbers.push(number);
  }
  return { numbers, taken: next };
}

/** The part that has been taken, 0 to 1. */
export function takenPart(state: ViewState, { source, taken }: TakenRows): number {
  const [from, count] = source === null ? [state.log.first, shownEnd(state) - state.log.first] : [0, source.length];
  return count <= 0 ? 1 : Math.max(0, Math.min(1, (taken - from) / count));
}
