// Long lines that are not wrapped: the pane shows a window of them that scrolls sideways.
import { charactersIn, isPrintable } from "../lines/cell-text.ts";
import type { PaneLine } from "../lines/pane-line.ts";
import type { ScreenLine, Span } from "../lines/screen-line.ts";
import { countWrappedLines } from "../lines/wrap-spans.ts";
import type { TabName } from "../model/view-parts.ts";
import type { ViewState } from "../model/view-state.ts";

/** The tabs whose lines can be of any length and can be wrapped or not. */
const longTabs: ReadonlySet<TabName> = new Set(["headers", "body", "raw"]);

/** Whether the lines of that tab can be wrapped or not. */
export function hasLongLines(tab: TabName): boolean {
  return longTabs.has(tab);
}

/** Whether that tab shows its lines unwrapped now. */
export function showsWholeLines({ isUnwrapped, help }: ViewState, tab: TabName): boolean {
  return isUnwrapped && help === null && longTabs.has(tab);
}

const widths = new WeakMap<readonly PaneLine[], number>();

/** Columns of the longest line. */
function widestOf(lines: readonly PaneLine[]): number {
  const known = widths.get(lines);
  if (known !== undefined) return known;
  const widest = lines.reduce((most, { line }) => Math.max(most, columnsOf(line)), 0);
  widths.set(lines, widest);
  return widest;
}

/** The lines of a pane and its width. */
export interface ScrolledPane {
  readonly lines: readonly PaneLine[];
  readonly columns: number;
}

/** Columns hidden at the left; 0 for another request or tab than the scrolled one. */
export function shiftOf({ shifted, detail }: ViewState, tab: TabName, { lines, columns }: ScrolledPane): number {
  if (detail === null || shifted.id !== detail.id || shifted.tab !== tab) return 0;
  return Math.max(0, Math.min(shifted.columns, widestOf(lines) - columns));
}

/** Scrolls by half a pane, up to the end of the longest line. */
export function scrollSideways(state: ViewState, by: 1 | -1, seen: ScrolledPane): ViewState {
  const { tab, detail } = state;
  const before = shiftOf(state, tab, seen);
  const most = Math.max(0, widestOf(seen.lines) - seen.columns);
  const columns = Math.max(0, Math.min(most, before + by * Math.max(1, Math.floor(seen.columns / 2))));
  if (columns !== before) return { ...state, shifted: { id: detail?.id ?? "", tab, columns } };
  return { ...state, notice: by > 0 ? "nothing lies further to the right" : "the lines begin here" };
}

/** Scrolls only when that column is hidden, and then centres it. */
export function scrollToColumn(state: ViewState, column: number, seen: ScrolledPane): ViewState {
  const { tab, detail } = state;
  const shift = shiftOf(state, tab, seen);
  // The first and the last visible column may hold the arrows.
  if (column > shift && column < shift + seen.columns - 1) return state;
  const columns = Math.max(0, column - Math.floor(seen.columns / 2));
  return { ...state, shifted: { id: detail?.id ?? "", tab, columns } };
}

/** Switches between wrapped and whole lines; the cursor stays on the same line of the message. */
export function toggleWrap(state: ViewState, cursor: number, { lines, columns }: ScrolledPane): ViewState {
  const { tab, isHex } = state;
  const isUnwrapped = !state.isUnwrapped;
  const notice = isUnwrapped ? "Headers, Body and Raw: long lines in one piece" : "long lines are broken";
  const changed = { ...state, isUnwrapped, notice };
  if (!hasLongLines(tab) || (tab === "raw" && isHex)) return changed;
  const before = lines.slice(0, isUnwrapped ? cursor + 1 : cursor);
  const to = isUnwrapped
    ? before.filter(({ copy }, at) => copy === undefined || copy !== before[at - 1]?.copy).length - 1
    : before.reduce((sum, line) => sum + countWrappedLines(line, columns, tab === "raw"), 0);
  return { ...changed, cursors: { ...state.cursors, [tab]: Math.max(0, to) } };
}

/** `columns 81-160/5012`; empty where all lines fit. */
export function columnsText(shift: number, { lines, columns }: ScrolledPane): string {
  const widest = widestOf(lines);
  return widest > columns ? `columns ${shift + 1}-${Math.min(widest, shift + columns)}/${widest}` : "";
}

/**
 * The columns of the line from `from` on, with `←` and `→` where more is hidden. A wide or escaped character at an edge is
 * replaced by spaces instead of being cut.
 */
export function partOfLine(line: ScreenLine, from: number, columns: number): ScreenLine {
  const width = columnsOf(line);
  const hasLeft = from > 0 && width > 0;
  const hasRight = width > from + columns;
  const window = { from: from + (hasLeft ? 1 : 0), to: from + columns - (hasRight ? 1 : 0) };
  if (!hasLeft && !hasRight) return line;
  return [...(hasLeft ? [leftSign] : []), ...spansIn(line, window), ...(hasRight ? [rightSign] : [])];
}

const leftSign: Span = ["←", "focus"];
const rightSign: Span = ["→", "focus"];

interface Window {
  readonly from: number;
  readonly to: number;
}

function spansIn(line: ScreenLine, { from, to }: Window): readonly Span[] {
  const spans: Span[] = [];
  let at = 0;
  for (const span of line) {
    if (at >= to) break;
    const end = at + spanWidth(span);
    if (end > from) spans.push(partOfSpan(span, { from: Math.max(0, from - at), to: to - at }));
    at = end;
  }
  return spans;
}

function partOfSpan(span: Span, { from, to }: Window): Span {
  const [text, meaning] = span;
  const width = spanWidth(span);
  if (from === 0 && width <= to) return span;
  if (meaning === "escape") return [" ".repeat(Math.min(width, to) - from), "plain"];
  if (isPrintable(text)) return [text.slice(from, to), meaning];
  const { texts, starts } = charactersOf(span);
  let index = firstFrom(starts, from);
  // The first columns may be the second half of a wide character.
  let seen = " ".repeat(Math.min(starts[index] ?? to, to) - from);
  for (; index < texts.length; index += 1) {
    const [start = 0, end = 0] = [starts[index], starts[index + 1]];
    if (start >= to) break;
    seen += end <= to ? texts[index] : " ".repeat(to - start);
  }
  return [seen, meaning];
}

interface Characters {
  readonly texts: readonly string[];
  /** The first column of each, and the end of the last one. */
  readonly starts: readonly number[];
}

/** Cached by span, because consecutive frames need the same. */
const characterCache = new WeakMap<Span, Characters>();

function charactersOf(span: Span): Characters {
  const found = characterCache.get(span);
  if (found !== undefined) return found;
  const texts: string[] = [];
  const starts = [0];
  let at = 0;
  for (const { text, width } of charactersIn(span[0])) {
    texts.push(text);
    at += width;
    starts.push(at);
  }
  const made = { texts, starts };
  characterCache.set(span, made);
  return made;
}

function columnsOf(line: ScreenLine): number {
  return line.reduce((sum, span) => sum + spanWidth(span), 0);
}

function spanWidth(span: Span): number {
  const [text] = span;
  return isPrintable(text) ? text.length : (charactersOf(span).starts.at(-1) ?? 0);
}

/** Index of the first start that is not below `column`. */
function firstFrom(starts: readonly number[], column: number): number {
  let low = 0;
  let high = starts.length - 1;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((starts[middle] ?? 0) < column) low = middle + 1;
    else high = middle;
  }
  return low;
}
