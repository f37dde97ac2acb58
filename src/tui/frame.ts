// The whole screen as lines, from the state and the size alone.
import { filterFields } from "./filter.ts";
import { bindings } from "./keymap.ts";
import { type Layout, layoutOf, type Size } from "./layout.ts";
import { checklistPane } from "./panes/checklist-pane.ts";
import { findingsPane } from "./panes/findings-pane.ts";
import { handshakePane } from "./panes/handshake-pane.ts";
import { bodyPane, headersPane } from "./panes/message-panes.ts";
import { tokenPane } from "./panes/token-pane.ts";
import { safe } from "./safe-text.ts";
import { plainLine, type ScreenLine } from "./screen-line.ts";
import { tableHead, tableRow } from "./table.ts";
import { verdictLines } from "./verdict-lines.ts";
import { paneNames, selectedIndex, type ViewState } from "./view-state.ts";

/** Exactly one line less than the terminal has. */
export function frame(state: ViewState, size: Size): readonly ScreenLine[] {
  const verdicts = verdictLines(state.analysis);
  const layout = layoutOf(size, { verdicts: verdicts.length, isPaneLarge: state.isPaneLarge || state.isHelpShown });
  if (layout.isTooSmall) return tooSmall(verdicts, size);
  const pane = paneLines(state, size.columns);
  const top = Math.min(state.paneTop, Math.max(0, pane.length - layout.pane));
  return [
    ...verdicts.slice(0, layout.verdicts),
    statusLine(state),
    tableHead(size.columns),
    ...filled(tableLines(state, layout, size.columns), layout.table),
    tabLine(state, { top, lines: pane.length, height: layout.pane }),
    ...filled(pane.slice(top, top + layout.pane), layout.pane),
    hintLine(state),
  ];
}

/** Rows in a page of the table, for the keys. */
export function pageOf(state: ViewState, size: Size): number {
  return layoutOf(size, { verdicts: verdictLines(state.analysis).length, isPaneLarge: state.isPaneLarge }).table;
}

function tooSmall(verdicts: readonly ScreenLine[], { rows }: Size): readonly ScreenLine[] {
  const lines = [
    ...verdicts,
    plainLine("This window is too small; 60 x 16 shows all.", "dim"),
    plainLine("q quit", "dim"),
  ];
  return filled(lines.slice(0, Math.max(1, rows - 1)), Math.max(1, rows - 1));
}

function filled(lines: readonly ScreenLine[], count: number): readonly ScreenLine[] {
  return [...lines, ...Array.from({ length: Math.max(0, count - lines.length) }, () => plainLine(""))];
}

function statusLine(state: ViewState): ScreenLine {
  if (state.draft !== null) {
    const problem = state.filterProblem === "" ? "" : `   ${state.filterProblem}`;
    return [
      ["filter: ", "strong"],
      [safe(state.draft), "plain"],
      ["_", "strong"],
      [safe(problem), "warning"],
    ];
  }
  const { shown, rows, lost, filter, isFollowing, hasEnded } = state;
  const count = shown.length === rows.length ? `${rows.length} requests` : `${shown.length} of ${rows.length} requests`;
  const parts = [
    safe(state.title),
    hasEnded ? "ended" : "capturing",
    count,
    ...(lost === 0 ? [] : [`${lost} not shown`]),
    `follow ${isFollowing ? "on" : "off"}`,
    ...(filter === "" ? [] : [safe(`filter ${filter}`)]),
  ];
  return [
    [parts.join("  "), hasEnded ? "strong" : "plain"],
    [state.notice === "" ? "" : safe(`  ${state.notice}`), "warning"],
  ];
}

function tableLines(state: ViewState, layout: Layout, columns: number): readonly ScreenLine[] {
  const selected = selectedIndex(state);
  const last = Math.max(layout.table, Math.min(state.shown.length, selected + 1 + Math.floor(layout.table / 3)));
  const from = Math.max(0, last - layout.table);
  return state.shown
    .slice(from, from + layout.table)
    .map((row, index) => tableRow(row, columns, from + index === selected));
}

interface PaneView {
  readonly top: number;
  readonly lines: number;
  readonly height: number;
}

function tabLine(state: ViewState, { top, lines, height }: PaneView): ScreenLine {
  if (state.isHelpShown) return [["--- help ", "strong"]];
  const tabs = paneNames.map((name, index): readonly [string, "strong" | "dim"] => {
    const label = `${index + 1} ${name}`;
    return name === state.pane ? [`[${label}]`, "strong"] : [` ${label} `, "dim"];
  });
  const more = lines > height ? ` ${top + 1}-${Math.min(lines, top + height)}/${lines}` : "";
  return [...tabs, [more, "dim"]];
}

function hintLine(state: ViewState): ScreenLine {
  if (state.draft !== null) return [[`Enter applies  Esc leaves  fields: ${filterFields.join(" ")}`, "dim"]];
  const hints = bindings.filter(({ hint }) => hint !== "").map(({ keys, hint }) => `${keyName(keys[0] ?? "")} ${hint}`);
  return [[hints.join("  "), "dim"]];
}

function keyName(key: string): string {
  const [first = "", ...rest] = key;
  return key.length === 1 ? key : first.toUpperCase() + rest.join("");
}

function paneLines(state: ViewState, columns: number): readonly ScreenLine[] {
  if (state.isHelpShown) return helpLines();
  switch (state.pane) {
    case "findings":
      return findingsPane(state.analysis, columns);
    case "handshake":
      return handshakePane(state.analysis, state.shown[selectedIndex(state)]?.handshakeId ?? null, columns);
    case "checklist":
      return checklistPane(state.analysis);
    default:
      return detailLines(state, state.pane, columns);
  }
}

function detailLines(state: ViewState, pane: "token" | "headers" | "body", columns: number): readonly ScreenLine[] {
  if (state.selectedId === null) return [plainLine("No request is selected.", "dim")];
  if (state.detail === null) return [plainLine("Reading ...", "dim")];
  const { transaction } = state.detail;
  if (transaction === null) return [plainLine("This request is no longer in memory; it is in the journal.", "dim")];
  if (pane === "token") return tokenPane(transaction, columns);
  return pane === "headers" ? headersPane(transaction, columns) : bodyPane(transaction, columns);
}

function helpLines(): readonly ScreenLine[] {
  const rows = bindings.map(({ keys, help }) => plainLine(`  ${keys.map(keyName).join(" ").padEnd(14)} ${help}`));
  return [
    ...rows,
    plainLine(`  filter: words that must all fit; field:text for one of ${filterFields.join(" ")}; ! in front for not`),
    plainLine("  a pane longer than its place shows which of its lines are seen; J and K scroll it"),
    plainLine("  marks: ! alarm  x error  w warning  > selected"),
  ];
}
