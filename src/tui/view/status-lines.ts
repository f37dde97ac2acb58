// The status line, the tabs, the filter line and the hint line.

import { safe } from "../../core/safe-text.ts";
import type { Analysis, HandshakeReport } from "../../diagnosis/analysis.ts";
import { cutToCells, widthOf } from "../lines/cell-text.ts";
import {
  fitLine,
  lineWidth,
  type Meaning,
  plainLine,
  type ScreenLine,
  type Span,
  spread,
} from "../lines/screen-line.ts";
import { countNewSince, shownRows } from "../model/filtering.ts";
import type { Region } from "../model/layout.ts";
import { pendingCount } from "../model/pending-rows.ts";
import { sortingPart, sortWords } from "../model/sorting.ts";
import { type TabName, tabNames } from "../model/view-parts.ts";
import { type Input, regionOf, shownAnalysis, type ViewState } from "../model/view-state.ts";
import { columnKeys } from "../update/cell-filter.ts";
import { chooserHint } from "../update/column-chooser.ts";
import { commands } from "../update/commands.ts";
import { hasLongLines } from "../update/horizontal-scroll.ts";
import { keyLabel, keysOf } from "../update/key-bindings.ts";
import { countsText } from "./panes/findings-pane.ts";

export interface StatusParts {
  /** Place of the selected row, shown if it fits; empty where the table has a title with it. */
  readonly place: string;
  /** Whether the filter has its own line; else it is part of this one. */
  readonly hasFilterLine: boolean;
}

/** The third line of the screen: mode, title, counts, filter, and a notice or the order of the table. */
export function statusLine(state: ViewState, columns: number, { place, hasFilterLine }: StatusParts): ScreenLine {
  const { hasEnded, notice } = state;
  const mode: Span = [modeWord(state), hasEnded ? "plain" : "strong"];
  const filter = hasFilterLine ? [] : filterSpans(state, columns);
  const left: ScreenLine = [mode, [` ${safe(state.title)}  `, "plain"], ...countSpans(state, columns, filter)];
  if (notice !== "") {
    // The notice is shown whole, if necessary without the counts.
    const said: ScreenLine = [[safe(notice), "warning"]];
    const isFitting = lineWidth(left) + lineWidth(said) <= columns;
    return fitLine(isFitting ? [...left, ...said] : [mode, ["  ", "plain"], ...said], columns);
  }
  const follow = orderText(state, columns);
  const clock = state.now === 0 || hasEnded || state.isQuiet || columns < 110 ? "" : `  ${clockText(state.now)} UTC`;
  const all = [...left, ...countsText(shownAnalysis(state))];
  const end = `${follow}${clock}`;
  const placed = [place, end].filter((text) => text !== "").join("  ");
  const isFitting = lineWidth(all) + 1 + placed.length <= columns;
  return spread(all, [[isFitting ? placed : end, "plain"]], columns);
}

/** The order of the table, whether it follows, and how many rows are new. */
function orderText(state: ViewState, columns: number): string {
  const { isFollowing, hasEnded, leftAt, sorted, sort } = state;
  const more = hasEnded || isFollowing ? 0 : countNewSince(state, leftAt);
  const plus = more === 0 ? "" : ` +${groupDigits(more)} new`;
  if (sort !== null) {
    const words = sortWords(sorted?.sort ?? sort);
    return columns < 100 ? `by ${words}, no follow${plus}` : `sorted by ${words}; does not follow${plus}`;
  }
  const together = state.isGrouped ? "grouped, " : "";
  return hasEnded ? together.slice(0, -2) : `${together}follow ${isFollowing ? "ON" : "off"}${plus}`;
}

/** The filter in use, in at most a third of the line. */
function filterSpans({ filter }: ViewState, columns: number): readonly Span[] {
  if (filter.filter === null) return [];
  const text = safe(filter.text);
  const room = Math.floor(columns / 3);
  return [[`/${widthOf(text) <= room ? text : cutToCells(`${text}…`, room)}  `, "strong"]];
}

function countSpans(state: ViewState, columns: number, filter: readonly Span[]): readonly Span[] {
  const { lost, hasEnded, paused, log, job, slowFrames } = state;
  const analysis = shownAnalysis(state);
  const shown = shownRows(state).count;
  const sorting = sortingPart(state);
  const waits = pendingCount(state);
  const count =
    shown === log.end - log.first ? groupDigits(log.end) : `${groupDigits(shown)} of ${groupDigits(log.end)}`;
  return [
    ...(columns >= 100 && !hasEnded && !state.isQuiet && state.readPart === null ? rateSpans(state) : []),
    [`${count} rows  `, "plain"],
    ...filter,
    ...(columns < 100 || waits === 0 ? [] : [[`${groupDigits(waits)} not ended  `, "plain"] as const]),
    ...(job === null ? [] : [[`filtering ${Math.floor(job.part * 100)} %  `, "warning"] as const]),
    ...(sorting === null ? [] : [[`sorting ${Math.floor(sorting * 100)} %  `, "warning"] as const]),
    ...(columns < 170 || analysis === null ? [] : [[`${conversationsText(analysis)}  `, "plain"] as const]),
    ...(paused === null ? [] : [[`PAUSED +${groupDigits(Math.max(0, log.end - paused.end))}  `, "warning"] as const]),
    // Not for a capture that has ended or is being read: there the screen is not late.
    ...(slowFrames === null || hasEnded || state.readPart !== null
      ? []
      : [[`ui ${slowFrames} fps  `, "warning"] as const]),
    ...(lost === 0 ? [] : [[`${groupDigits(lost)} rows not shown (capture complete)  `, "warning"] as const]),
  ];
}

/** `conversations 3 (2 in, 1 out)`. */
function conversationsText({ handshakes }: Analysis): string {
  const count = (wanted: HandshakeReport["direction"]): number =>
    handshakes.filter(({ direction }) => direction === wanted).length;
  const parts = [`${count("inbound")} in`, `${count("outbound")} out`];
  return `conversations ${handshakes.length}${handshakes.length === 0 ? "" : ` (${parts.join(", ")})`}`;
}

function clockText(at: number): string {
  return new Date(at).toISOString().slice(11, 19);
}

function modeWord({ mode, hasEnded, readPart, setup }: ViewState): string {
  if (mode === "setup" || setup !== null) return "SETUP";
  if (readPart !== null && !hasEnded) return `READING ${Math.floor(readPart * 100)} %`;
  if (hasEnded) return mode === "replay" ? "FILE" : "ENDED";
  return mode === "demo" ? "DEMO" : "REC";
}

const blocks = "▁▂▃▄▅▆▇█";

function rateSpans({ rates }: ViewState): readonly Span[] {
  if (rates.length === 0) return [];
  const most = Math.max(1, ...rates);
  const bars = rates.map((rate) => blocks[Math.min(7, Math.ceil((rate / most) * 7))] ?? " ").join("");
  return [[`${groupDigits(rates.at(-1) ?? 0)}/s ${bars}  `, "plain"]];
}

function groupDigits(count: number): string {
  return String(count).replace(/\B(?=(?:\d{3})+$)/g, ",");
}

const tabTitles: Readonly<Record<TabName, string>> = {
  summary: "Summary",
  token: "Token",
  ladder: "Ladder",
  headers: "Headers",
  body: "Body",
  raw: "Raw",
  findings: "Findings",
  checklist: "Checklist",
  stream: "Stream",
  setup: "Setup",
};

export interface PaneView {
  /** Index of the first visible line; number of lines; number of visible lines. */
  readonly top: number;
  readonly lines: number;
  readonly height: number;
}

export interface TabPlace {
  /** Other visible parts, which need no tab. */
  readonly others: readonly Region[];
  /** Width of the part. Where not all tabs fit, the first are dropped in favour of the current one. */
  readonly columns: number;
}

/** The tabs of the detail part. */
export function tabSpans(state: ViewState, current: TabName, { others, columns }: TabPlace): ScreenLine {
  if (state.help !== null) return [["Help", "focus"]];
  const tabs = tabNames
    .filter((tab) => regionOf(tab) === "detail" || !others.includes(regionOf(tab)))
    .filter((tab) => tab === current || (tab !== "stream" && (tab !== "setup" || state.setup !== null)))
    .map((tab): readonly [TabName, ScreenLine] => {
      const isCurrent = tab === current;
      const key = tab === "stream" || tab === "setup" ? "" : `${tabNames.indexOf(tab) + 1} `;
      const label = `${key}${tabTitles[tab]}`;
      const meaning: Meaning = isCurrent ? (state.focus === regionOf(tab) ? "focus" : "strong") : "dim";
      const spans: ScreenLine = [
        [isCurrent ? `[${label}]` : label, meaning],
        [" ", "dim"],
      ];
      return [tab, spans];
    });
  // The rule needs some columns before the tabs, and one for a sign that more follow.
  const room = columns - 4;
  const at = tabs.findIndex(([tab]) => tab === current);
  const upTo = (start: number): ScreenLine => tabs.slice(start, at + 1).flatMap(([, spans]) => spans);
  let start = 0;
  while (start < at && lineWidth(upTo(start)) + (start === 0 ? 0 : 2) > room) start += 1;
  const gap: ScreenLine = start === 0 ? [] : [["… ", "dim"]];
  return [...gap, ...tabs.slice(start).flatMap(([, spans]) => spans)];
}

/** `12-24/80`; empty where all lines are visible. */
export function placeText({ top, lines, height }: PaneView): string {
  return lines > height ? `${top + 1}-${Math.min(lines, top + height)}/${lines}` : "";
}

/** The line with the filter in use, or the filter that is being typed. */
export function filterLine(state: ViewState, columns: number): ScreenLine {
  const { filter, input } = state;
  if (input?.kind === "filter") return typingLine(state, columns);
  if (filter.filter === null) return plainLine(" / no filter", "dim");
  const found = `${groupDigits(shownRows(state).count)} of ${groupDigits(state.log.end - state.log.first)}`;
  return spread([[` /${safe(filter.text)}`, "strong"]], [[safe(`${filter.filter.words} · ${found}`), "dim"]], columns);
}

/** The typed filter, and beside it how it is understood or its problem. */
function typingLine(state: ViewState, columns: number): ScreenLine {
  const { input, filter, job } = state;
  if (input?.kind !== "filter") return [];
  const left: ScreenLine = [
    [" /", "strong"],
    [safe(input.text), "plain"],
    ["_", "strong"],
  ];
  const room = columns - lineWidth(left) - 1;
  if (input.problem !== null) {
    return spread(
      left,
      [[cutToCells(safe(`column ${input.problem.column}: ${input.problem.text}`), room), "warning"]],
      columns,
    );
  }
  const words = (job?.filter ?? filter.filter)?.words ?? "everything fits";
  const found = `${groupDigits(shownRows(state).count)} of ${groupDigits(state.log.end - state.log.first)}`;
  return spread(left, [[cutToCells(safe(`${found} · ${words} · Enter keeps, Esc drops`), room), "good"]], columns);
}

/** The last line: the keys for this place, or the open question. */
export function hintLine(state: ViewState, columns: number, hasFilterLine: boolean): ScreenLine {
  const { input } = state;
  if (input !== null) {
    if (input.kind === "filter") return hasFilterLine ? plainLine(filterHint, "dim") : typingLine(state, columns);
    return input.kind === "cell" ? columnQuestion(state, input.how, columns) : questionLine(input, columns);
  }
  if (state.help !== null) return helpHint(state, columns);
  const hints = commands
    .filter(({ hint, where }) => hint !== "" && (where === "both" || state.focus === "table"))
    .map((command) => `${keyLabel(keysOf(command, state.keys)[0] ?? "")} ${command.hint}`);
  hints.unshift(...longLineHints(state));
  const typed: ScreenLine = state.count === null ? [] : [[`${state.count.digits}_  `, "strong"]];
  const end: ScreenLine = [...typed, [hints.slice(-2).join("  "), "dim"]];
  return spread(plainLine(` ${hints.slice(0, -2).join("  ")}`, "dim"), end, columns);
}

/** The hints of the help: its key shows all keys, then closes it. */
function helpHint({ help, keys }: ViewState, columns: number): ScreenLine {
  const left = ` ${labelOf("down", keys)} ${labelOf("up", keys)} move  ${labelOf("back", keys)} back`;
  const right = `${labelOf("help", keys)} ${help === "here" ? "all keys" : "back"}`;
  return spread(plainLine(left, "dim"), plainLine(right, "dim"), columns);
}

/** The hints for wrapping and scrolling, while a message has the focus. */
function longLineHints({ focus, tab, isUnwrapped, keys }: ViewState): readonly string[] {
  if (focus !== "detail" || !hasLongLines(tab)) return [];
  const wrap = labelOf("wrap", keys);
  return isUnwrapped
    ? [`${labelOf("left", keys)} ${labelOf("right", keys)} sideways`, `${wrap} break lines`]
    : [`${wrap} whole lines`];
}

/** The first key of a command. */
function labelOf(name: string, keys: ViewState["keys"]): string {
  const command = commands.find((candidate) => candidate.name === name);
  return command === undefined ? "" : keyLabel(keysOf(command, keys)[0] ?? "");
}

const filterHint = " Enter keeps it  Esc drops it  up/down earlier ones  Ctrl-U empties it  F1 the language";

function columnQuestion({ column }: ViewState, how: "only" | "without", columns: number): ScreenLine {
  const named = Object.entries(columnKeys).map(([key, field]) => `${key} ${field}`);
  const what = how === "only" ? "only rows with this:" : "no rows with this:";
  const end = `Enter ${column}  (Esc: do not)`;
  return spread(plainLine(` ${what} ${named.join("  ")}`, "strong"), plainLine(end, "strong"), columns);
}

function questionLine(input: Exclude<Input, { kind: "cell" }>, columns: number): ScreenLine {
  switch (input.kind) {
    case "command":
      return [
        [" :", "strong"],
        [cutToCells(safe(input.text), columns - 4), "plain"],
        ["_", "strong"],
      ];
    case "mark":
      return plainLine(" mark this row with a letter a-z  (Esc: do not)", "strong");
    case "go-to-mark":
      return plainLine(" go to the row marked with letter ...", "strong");
    case "export":
      return plainLine(" export: h HAR  n journal  s SAZ  r HTML  m Markdown  t ticket  c curl  Esc no", "strong");
    case "copy-token":
      return plainLine(" This token opens doors. Copy it whole?  y yes  any other key no", "bad");
    case "quit":
      return plainLine(" c close the screen, the capture goes on   s stop the capture   Esc stay", "strong");
    case "columns":
      return plainLine(chooserHint, "strong");
    case "filter":
      return [];
  }
}
