// Filtering while the filter is typed: rows are matched in slices, and the last valid filter stays in use until the new one
// has matched all rows.
import { readFilter } from "../../filter/filter.ts";
import { shownEnd } from "./incremental-rows.ts";
import { sortedPlace } from "./sorting.ts";
import type { ViewState } from "./view-state.ts";

/** Starts to filter by this text. An invalid filter changes nothing and returns its problem and column. */
export function beginFilter(
  state: ViewState,
  text: string,
  now: number,
): { readonly state: ViewState; readonly problem: { readonly text: string; readonly column: number } | null } {
  const read = readFilter(text, now);
  if (!read.ok) return { state: { ...state, job: null }, problem: { text: read.problem, column: read.column } };
  if (read.filter === null) {
    return { state: { ...state, job: null, filter: { text: "", filter: null, matches: [] } }, problem: null };
  }
  const next = read.filter.needsContent ? null : state.log.first;
  const job = { text: text.trim(), filter: read.filter, matches: [], next, part: 0 };
  return { state: { ...state, job }, problem: null };
}

/** Matches the next `count` rows. The filter is applied when all rows are matched. */
export function stepFilter(state: ViewState, count: number): ViewState {
  const { job, log } = state;
  if (job === null || job.next === null) return state;
  const from = Math.max(job.next, log.first);
  const to = Math.min(log.end, from + count);
  for (let number = from; number < to; number += 1) {
    const subject = log.at(number);
    if (subject !== undefined && job.filter.matches(subject)) job.matches.push(number);
  }
  if (to < log.end) return { ...state, job: { ...job, next: to, part: (to - log.first) / (log.end - log.first) } };
  return { ...state, job: null, filter: { text: job.text, filter: job.filter, matches: job.matches } };
}

/** Matches the new rows, from number `from` on, against the filter in use. */
export function matchNewRows({ filter, log }: ViewState, from: number): void {
  if (filter.filter === null || filter.filter.needsContent) return;
  for (let number = from; number < log.end; number += 1) {
    const subject = log.at(number);
    if (subject !== undefined && filter.filter.matches(subject)) filter.matches.push(number);
  }
}

/** Takes rows whose header fields or bodies match, found by the capturing process for the pending filter or the one in use. */
export function takeSearchMatches(
  state: ViewState,
  found: { readonly text: string; readonly ids: readonly string[]; readonly part: number },
): ViewState {
  const { job, filter, log } = state;
  const numbers = found.ids.flatMap((id) => log.numberOf(id) ?? []);
  if (job !== null && job.next === null && job.text === found.text) {
    job.matches.push(...numbers);
    if (found.part < 1) return { ...state, job: { ...job, part: found.part } };
    return { ...state, job: null, filter: { text: job.text, filter: job.filter, matches: job.matches } };
  }
  if (filter.filter?.needsContent === true && filter.text === found.text) filter.matches.push(...numbers);
  return { ...state };
}

/** The shown rows, by index. */
export interface ShownRows {
  readonly count: number;
  /** Number of the row at this index of the shown rows. */
  numberAt(index: number): number | undefined;
  /** Index of that row, or of the last shown row before it; -1 without one. */
  indexOf(number: number): number;
}

/** The rows that match the filter, up to the pause, in the chosen order. */
export function shownRows(state: ViewState): ShownRows {
  const { sort, sorted } = state;
  if (sort === null || sorted === null) return arrivedRows(state);
  const { numbers } = sorted;
  return {
    count: numbers.length,
    numberAt: (index) => numbers[index],
    indexOf: (number) => Math.min(numbers.length - 1, sortedPlace(state, sorted, number)),
  };
}

/** The number of matching rows from row `number` on. */
export function countNewSince({ log, filter }: ViewState, number: number): number {
  if (filter.filter === null) return Math.max(0, log.end - number);
  return filter.matches.length - lowerBound(filter.matches, number);
}

function arrivedRows(state: ViewState): ShownRows {
  const { log, filter } = state;
  const end = shownEnd(state);
  const first = log.first;
  if (filter.filter === null) {
    const count = Math.max(0, end - first);
    return {
      count,
      numberAt: (index) => (index >= 0 && index < count ? first + index : undefined),
      indexOf: (number) => Math.min(count - 1, number - first),
    };
  }
  const { matches } = filter;
  const from = lowerBound(matches, first);
  const count = lowerBound(matches, end) - from;
  return {
    count,
    numberAt: (index) => (index >= 0 && index < count ? matches[from + index] : undefined),
    indexOf: (number) => Math.min(count - 1, lowerBound(matches, number + 1) - 1 - from),
  };
}

/** Index of the first element that is not below `value`. */
function lowerBound(numbers: readonly number[], value: number): number {
  let low = 0;
  let high = numbers.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((numbers[middle] ?? 0) < value) low = middle + 1;
    else high = middle;
  }
  return low;
}
