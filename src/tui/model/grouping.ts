// Equal neighbouring rows as one line with a count, where rows arrive faster than they can be read. A row with a finding, a
// password, no answer, or that is evidence never joins a group.
import type { FilterSubject } from "../../filter/subject.ts";
import { shownRows } from "./filtering.ts";
import { areForCurrentFilter, hasMoreRows, startTaking, takeRows } from "./incremental-rows.ts";
import type { Groups } from "./view-parts.ts";
import { shownAnalysis, type ViewState } from "./view-state.ts";

/** More rows than this between two frames, or in a second, are too many to read. */
const fastRows = 50;

/** Starts grouping in `auto` while the newest row is followed and too many rows arrive. */
export function groupWhenFast(state: ViewState): ViewState {
  const { grouping, isFollowing, end, drawnTo, mode, now } = state;
  const isLive = mode !== "replay" && now !== 0;
  const isFast = isLive && isFollowing && end - drawnTo > fastRows;
  return grouping === "auto" && isFast && !state.isGrouped ? { ...state, isGrouped: true } : state;
}

/** Ends grouping in `auto` after a slow second or at the end, unless the person has stopped following. */
export function ungroupWhenSlow(state: ViewState): ViewState {
  const { grouping, isFollowing, isGrouped, rates } = state;
  const isSlow = (rates.at(-1) ?? 0) <= fastRows || state.hasEnded;
  return grouping === "auto" && isGrouped && isFollowing && isSlow ? setGrouped(state, false) : state;
}

/** Turns grouping on or off; the groups are made anew. */
export function setGrouped(state: ViewState, isGrouped: boolean): ViewState {
  return { ...state, isGrouped, groups: null, opened: new Set() };
}

/** Whether some rows are not grouped yet. */
export function isGrouping(state: ViewState): boolean {
  const { groups, sort, isGrouped } = state;
  return (
    isGrouped && sort === null && (groups === null || !areForCurrentFilter(groups, state) || hasMoreRows(state, groups))
  );
}

/** Groups the next `count` rows. */
export function stepGroups(state: ViewState, count: number): ViewState {
  if (!state.isGrouped || state.sort !== null) return state.groups === null ? state : { ...state, groups: null };
  const { groups } = state;
  if (groups === null || !areForCurrentFilter(groups, state)) {
    const empty: Groups = {
      ...startTaking(state),
      ...noGroups(),
      alone: evidenceOf(state),
      analysis: shownAnalysis(state),
    };
    return { ...state, groups: withMore(state, empty, count), opened: new Set() };
  }
  forget(state, groups);
  const split = splitByEvidence(state, groups);
  return hasMoreRows(state, groups) || split !== state
    ? { ...split, groups: withMore(split, split.groups ?? groups, count) }
    : state;
}

function noGroups(): Pick<Groups, "starts" | "lasts" | "counts" | "slowest" | "largest" | "isWhole"> {
  return { starts: [], lasts: [], counts: [], slowest: [], largest: [], isWhole: false };
}

function withMore(state: ViewState, groups: Groups, count: number): Groups {
  const { log } = state;
  const { numbers, taken } = takeRows(state, groups, count);
  for (const number of numbers) {
    const last = groups.lasts.at(-1);
    const [before, subject] = [last === undefined ? undefined : log.at(last), log.at(number)];
    if (subject === undefined) continue;
    const isAlone = groups.alone.has(number) || (last !== undefined && groups.alone.has(last));
    if (before !== undefined && !isAlone && areEqual(before, subject))
      extend(groups, groups.starts.length - 1, number, subject);
    else insert(groups, groups.starts.length, { number, subject });
  }
  const grown = { ...groups, taken };
  return { ...grown, isWhole: groups.isWhole || !hasMoreRows(state, grown) };
}

/** Equal in the same conversation but for time, size, duration, query and the client's port. */
function areEqual(one: FilterSubject, other: FilterSubject): boolean {
  const [a, b] = [one.row, other.row];
  return (
    isPlain(one) &&
    isPlain(other) &&
    one.direction === other.direction &&
    a.handshakeId === b.handshakeId &&
    a.tokenService === b.tokenService &&
    a.method === b.method &&
    a.status === b.status &&
    a.auth === b.auth &&
    a.detail === b.detail &&
    a.scheme === b.scheme &&
    a.host === b.host &&
    (a.path === b.path || withoutQuery(a.path) === withoutQuery(b.path))
  );
}

function isPlain({ row, findings }: FilterSubject): boolean {
  return row.worst === null && findings.length === 0 && row.status !== null && row.auth !== "BASIC";
}

function withoutQuery(path: string): string {
  const at = path.indexOf("?");
  return at === -1 ? path : path.slice(0, at);
}

interface Member {
  readonly number: number;
  readonly subject: FilterSubject;
}

function insert(groups: Groups, at: number, { number, subject }: Member): void {
  groups.starts.splice(at, 0, number);
  groups.lasts.splice(at, 0, number);
  groups.counts.splice(at, 0, 1);
  groups.slowest.splice(at, 0, subject.row.durationMs ?? 0);
  groups.largest.splice(at, 0, subject.row.bytes);
}

function extend(groups: Groups, at: number, number: number, { row }: FilterSubject): void {
  groups.lasts[at] = number;
  groups.counts[at] = (groups.counts[at] ?? 0) + 1;
  groups.slowest[at] = Math.max(groups.slowest[at] ?? 0, row.durationMs ?? 0);
  if (row.bytes !== null) groups.largest[at] = Math.max(groups.largest[at] ?? 0, row.bytes);
}

function remove(groups: Groups, at: number, count: number): void {
  for (const list of [groups.starts, groups.lasts, groups.counts, groups.slowest, groups.largest])
    list.splice(at, count);
}

/** Index of the group that contains the row, or of the last group before it; -1 without one. */
export function groupIndexOf({ starts }: Groups, number: number): number {
  let low = 0;
  let high = starts.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((starts[middle] ?? 0) <= number) low = middle + 1;
    else high = middle;
  }
  return low - 1;
}

/** Numbers of the rows of a group, in order. */
export function groupMembers(state: ViewState, groups: Groups, at: number): readonly number[] {
  const shown = shownRows(state);
  const first = shown.indexOf(groups.starts[at] ?? 0);
  const count = groups.counts[at] ?? 0;
  return Array.from({ length: count }, (_, member) => shown.numberAt(first + member)).filter(
    (one) => one !== undefined,
  );
}

/** Removes rows that the log no longer holds. */
function forget({ log }: ViewState, groups: Groups): void {
  if ((groups.starts[0] ?? log.first) >= log.first) return;
  const kept = groups.lasts.findIndex((last) => last >= log.first);
  // The oldest remaining group may have lost rows: its start and count are computed from those that are held.
  remove(groups, 0, kept === -1 ? groups.starts.length : kept);
  const [start, last] = [groups.starts[0] ?? log.first, groups.lasts[0] ?? 0];
  if (start >= log.first) return;
  const held = groups.source === null ? null : groups.source.filter((number) => number >= log.first && number <= last);
  groups.starts[0] = held === null ? log.first : (held[0] ?? log.first);
  groups.counts[0] = held === null ? last - log.first + 1 : held.length;
}

function evidenceOf(state: ViewState): Set<number> {
  const ids = shownAnalysis(state)?.findings.flatMap(({ evidence }) => evidence) ?? [];
  return new Set(ids.flatMap((id) => state.log.numberOf(id) ?? []));
}

/** Takes rows out of their groups that became evidence after they were grouped. */
function splitByEvidence(state: ViewState, groups: Groups): ViewState {
  const analysis = shownAnalysis(state);
  if (analysis === groups.analysis) return state;
  const fresh = [...evidenceOf(state)].filter((number) => !groups.alone.has(number));
  const opened = new Set(state.opened);
  for (const number of fresh) {
    groups.alone.add(number);
    split(state, { groups, opened }, number);
  }
  return { ...state, groups: { ...groups, analysis }, opened };
}

function split(state: ViewState, { groups, opened }: { groups: Groups; opened: Set<number> }, number: number): void {
  const at = groupIndexOf(groups, number);
  if ((groups.counts[at] ?? 0) < 2 || number > (groups.lasts[at] ?? -1)) return;
  const members = groupMembers(state, groups, at);
  const place = members.indexOf(number);
  if (place === -1) return;
  const isOpen = opened.has(groups.starts[at] ?? -1);
  remove(groups, at, 1);
  const parts = [members.slice(0, place), [number], members.slice(place + 1)].filter((part) => part.length > 0);
  for (const [index, part] of parts.entries()) {
    insertGroup(state, groups, { at: at + index, numbers: part });
    if (isOpen) opened.add(part[0] ?? 0);
  }
}

function insertGroup(
  { log }: ViewState,
  groups: Groups,
  { at, numbers }: { readonly at: number; readonly numbers: readonly number[] },
): void {
  const members = numbers.flatMap((number) => {
    const subject = log.at(number);
    return subject === undefined ? [] : [{ number, subject }];
  });
  const [first, ...others] = members;
  if (first === undefined) return;
  insert(groups, at, first);
  for (const { number, subject } of others) extend(groups, at, number, subject);
}
