// What the screen knows and where the person is in it: data, changed by one pure function.
import type { HttpTransaction } from "../core/http-transaction.ts";
import type { Analysis, TrafficRow } from "../diagnosis/analysis.ts";
import { parseFilter, type RowFilter } from "./filter.ts";
import type { ToScreen } from "./messages.ts";

export const paneNames = ["findings", "handshake", "token", "headers", "body", "checklist"] as const;
export type PaneName = (typeof paneNames)[number];

export interface ViewState {
  readonly title: string;
  readonly rows: readonly TrafficRow[];
  /** Rows that fit the filter; the same list when there is none. */
  readonly shown: readonly TrafficRow[];
  readonly lost: number;
  readonly analysis: Analysis | null;
  readonly notice: string;
  readonly hasEnded: boolean;
  readonly selectedId: string | null;
  /** The newest row is selected as it comes; any upward movement ends it. */
  readonly isFollowing: boolean;
  readonly pane: PaneName;
  readonly isPaneLarge: boolean;
  /** First line of the pane that is shown. */
  readonly paneTop: number;
  readonly filter: string;
  /** The filter being typed; null when none is. */
  readonly draft: string | null;
  readonly filterProblem: string;
  readonly isHelpShown: boolean;
  readonly detail: { readonly id: string; readonly transaction: HttpTransaction | null } | null;
}

export const emptyState: ViewState = {
  title: "",
  rows: [],
  shown: [],
  lost: 0,
  analysis: null,
  notice: "",
  hasEnded: false,
  selectedId: null,
  isFollowing: true,
  pane: "findings",
  isPaneLarge: false,
  paneTop: 0,
  filter: "",
  draft: null,
  filterProblem: "",
  isHelpShown: false,
  detail: null,
};

/** Rows that the screen keeps; the journal has them all. */
export const rowLimit = 10_000;
const trimStep = 1000;

/** The state after a message of the capturing process. */
export function receive(state: ViewState, message: ToScreen): ViewState {
  switch (message.type) {
    case "hello":
      return { ...state, title: message.title };
    case "rows":
      return addRows({ ...state, lost: state.lost + message.lost }, message.rows);
    case "analysis":
      return { ...state, analysis: message.analysis };
    case "notice":
      return { ...state, notice: message.text };
    case "ended":
      return { ...state, hasEnded: true };
    case "detail":
      return message.id === state.selectedId
        ? { ...state, detail: { id: message.id, transaction: message.transaction } }
        : state;
  }
}

function addRows(state: ViewState, added: readonly TrafficRow[]): ViewState {
  const all = [...state.rows, ...added];
  const rows = all.length > rowLimit + trimStep ? all.slice(-rowLimit) : all;
  return follow({ ...state, rows, shown: filtered(rows, state.filter) });
}

function filtered(rows: readonly TrafficRow[], text: string): readonly TrafficRow[] {
  if (text === "") return rows;
  const filter: RowFilter | string = parseFilter(text);
  return typeof filter === "string" ? rows : rows.filter(filter);
}

function follow(state: ViewState): ViewState {
  const last = state.shown.at(-1);
  return state.isFollowing && last !== undefined ? select(state, last.id) : state;
}

function select(state: ViewState, id: string): ViewState {
  return id === state.selectedId ? state : { ...state, selectedId: id, paneTop: 0, detail: null };
}

/** Index of the selected row among those shown; the last when it is not among them, -1 when there is none. */
export function selectedIndex(state: ViewState): number {
  const index = state.shown.findLastIndex(({ id }) => id === state.selectedId);
  return index === -1 ? state.shown.length - 1 : index;
}

/** Moves the selection by so many rows; reaching the last row by moving down follows again. */
export function moveSelection(state: ViewState, by: number): ViewState {
  const to = Math.max(0, Math.min(state.shown.length - 1, selectedIndex(state) + by));
  const row = state.shown[to];
  if (row === undefined) return state;
  const isFollowing = by > 0 && to === state.shown.length - 1;
  return { ...select(state, row.id), isFollowing };
}

/** Goes to the next row, or the one before, that is evidence of a warning or worse; round the end. */
export function moveToFinding(state: ViewState, direction: 1 | -1): ViewState {
  const count = state.shown.length;
  const from = selectedIndex(state);
  for (let step = 1; step <= count; step++) {
    const row = state.shown[(from + direction * step + count * 2) % count];
    if (row !== undefined && row.worst !== null && row.worst !== "info") {
      return { ...select(state, row.id), isFollowing: false };
    }
  }
  return { ...state, notice: "no row has a warning, an error or an alarm" };
}

export function showPane(state: ViewState, pane: PaneName): ViewState {
  return { ...state, pane, paneTop: 0 };
}

/** Applies the typed filter; one that cannot be read is told and the old one stays. */
export function applyFilter(state: ViewState): ViewState {
  const text = (state.draft ?? "").trim();
  const read = parseFilter(text);
  if (typeof read === "string") return { ...state, filterProblem: read };
  const shown = filtered(state.rows, text);
  return follow({ ...state, filter: text, draft: null, filterProblem: "", shown });
}
