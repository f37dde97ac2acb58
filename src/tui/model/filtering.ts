// Filtering while it is typed: the rows are gone through in slices, and the last filter that could be read stays until the
// new one is through.
import { readFilter } from "../../filter/filter.ts";
import { shownEnd } from "./incremental-rows.ts";
import { sortedPlace } from "./sorting.ts";
import type { ViewState } from "./view-state.ts";

/** Begins to filter by this text; one that cannot be read leaves everything as it is and gives the reason. */
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

/** Goes through so many more rows. The filter is applied when it is through. */
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

/** Adds those of the rows from `from` on that fit the filter in use. */
export function matchNewRows({ filter, log }: ViewState, from: number): void {
  if (filter.filter === null || filter.filter.needsContent) return;
  for (let number = from; number < log.end; number += 1) {
    const subject = log.at(number);
    if (subject !== undefined && filter.filter.matches(subject)) filter.matches.push(number);
  }
}

/** Takes what the capturing process found: for the filter that is looked for, or for the one in use. */
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

export interface ShownRows {
  readonly count: number;
  /** Number of the row at this place of those shown. */
  numberAt(index: number): number | undefined;
  /** Place of that row, or of the last one before it; -1 when there is none. */
  indexOf(number: number): number;
}

/** The rows that fit the filter, up to where drawing was paused, in the order that is chosen. */
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

/** How many of the rows that fit have come since there was none of that number. */
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

/** Place of the first that is not below `value`. */
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
