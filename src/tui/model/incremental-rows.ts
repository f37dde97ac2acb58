// The rows that are shown, in the order they came: all, or those that fit the filter. What is made of them (an order, groups)
// takes them in slices and so follows what comes.
import type { TakenRows } from "./view-parts.ts";
import type { ViewState } from "./view-state.ts";

/** What the filter in use lets through, from the beginning. */
export function startTaking({ filter }: ViewState): TakenRows {
  return { source: filter.filter === null ? null : filter.matches, taken: 0 };
}

/** They are those of the filter in use. */
export function areForCurrentFilter({ source }: TakenRows, state: ViewState): boolean {
  return source === startTaking(state).source;
}

/** Number after the last row that is shown: where drawing was paused, or the newest. */
export function shownEnd({ end, paused }: ViewState): number {
  return Math.min(end, paused?.end ?? end);
}

export function hasMoreRows(state: ViewState, { source, taken }: TakenRows): boolean {
  if (source === null) return taken < shownEnd(state);
  return (source[taken] ?? Number.POSITIVE_INFINITY) < shownEnd(state);
}

/** Takes at most so many; rows that are no longer held are passed over. */
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

/** How much of them has been taken, 0 to 1. */
export function takenPart(state: ViewState, { source, taken }: TakenRows): number {
  const [from, count] = source === null ? [state.log.first, shownEnd(state) - state.log.first] : [0, source.length];
  return count <= 0 ? 1 : Math.max(0, Math.min(1, (taken - from) / count));
}
