// The whole state of the screen. Functions return a changed copy; only the rows, of which there are many, are in a log that
// grows in place.
import type { HttpTransaction } from "../../core/http-transaction.ts";
import type { Analysis } from "../../diagnosis/analysis.ts";
import type { ClaimCopy } from "../lines/pane-line.ts";
import type { ColumnChoice } from "./columns.ts";
import type { Region } from "./layout.ts";
import type { CopyWay, LogDetail, PendingRows, ScreenMode, SetupProgress } from "./messages.ts";
import { RowLog } from "./row-log.ts";
import type { AppliedFilter, FilterJob, Groups, Sort, SortedRows, TabName, TypedCount } from "./view-parts.ts";

/** A line that is being typed, or a question that one key answers. */
export type Input =
  | {
      readonly kind: "filter";
      readonly text: string;
      /** The problem and its column; null while the filter is valid. */
      readonly problem: { readonly text: string; readonly column: number } | null;
      /** The filter that Escape restores. */
      readonly before: string;
      /** Index in the history; -1 for the text that was there before. */
      readonly past: number;
    }
  | { readonly kind: "command"; readonly text: string }
  | { readonly kind: "mark" | "go-to-mark" | "export" | "quit" }
  /** Asks for the column of the row to filter by. */
  | { readonly kind: "cell"; readonly how: "only" | "without" }
  | { readonly kind: "copy-token"; readonly copy: ClaimCopy }
  /** The chooser of sort and columns; `cursor`: its current line. */
  | { readonly kind: "columns"; readonly cursor: number };

/** The transaction or the row of a log in the panes. */
export interface Detail {
  readonly id: string;
  readonly transaction: HttpTransaction | null;
  readonly log?: LogDetail | null;
  /** Until when (epoch ms) it is unmasked; null when it is masked. */
  readonly unmaskedUntil: number | null;
}

export interface ViewState {
  readonly title: string;
  readonly mode: ScreenMode;
  readonly log: RowLog;
  /** `log.end` when this state was made. */
  readonly end: number;
  /** Rows that the capturing process dropped because the screen was too slow. */
  readonly lost: number;
  /** Pending requests; none of them is in the log. */
  readonly pending: PendingRows;
  readonly analysis: Analysis | null;
  /** The values at the pause; null while not paused. The capture continues. */
  readonly paused: Pick<ViewState, "end" | "analysis" | "pending" | "now"> | null;
  readonly notice: string;
  /** The notice at the last tick and its time; a notice is removed after a while. */
  readonly heldNotice: { readonly text: string; readonly since: number };
  readonly hasEnded: boolean;
  /** The read part of a saved capture, 0 to 1; null for a live one. */
  readonly readPart: number | null;
  /** Number of the selected row; null without rows. */
  readonly selected: number | null;
  /** The newest row is selected; any movement up ends this. */
  readonly isFollowing: boolean;
  /** Number of the row at the top of the table while not following. */
  readonly top: number;
  /** Lines above the selected row, which keep their number while a table is sorted. */
  readonly above: number;
  /** `end` when following ended; the rows since then are shown as a count. */
  readonly leftAt: number;
  /** Null for the order of arrival. */
  readonly sort: Sort | null;
  /** The shown order, perhaps still of the previous sort or filter; null until the first is complete. */
  readonly sorted: SortedRows | null;
  /** The order that is being built. */
  readonly sorting: SortedRows | null;
  readonly columns: ColumnChoice;
  /** The setting; `auto` groups equal rows while they arrive too fast. */
  readonly grouping: "auto" | "on" | "off";
  /** Equal rows are grouped now. */
  readonly isGrouped: boolean;
  readonly groups: Groups | null;
  /** Numbers of the first rows of the open groups. */
  readonly opened: ReadonlySet<number>;
  /** `end` at the last frame. */
  readonly drawnTo: number;
  readonly focus: Region;
  readonly tab: TabName;
  /** The tab of the detail part while another part has the focus. */
  readonly lastDetail: TabName;
  readonly isZoomed: boolean;
  readonly preference: "auto" | "stacked" | "compact";
  /** The current line of each pane. */
  readonly cursors: Readonly<Partial<Record<TabName, number>>>;
  /** The folded nodes of the token of that request; the tree of another request starts unfolded. */
  readonly folded: { readonly id: string; readonly nodes: ReadonlySet<string> };
  /** Long lines of messages are not wrapped but scrolled sideways. */
  readonly isUnwrapped: boolean;
  /** Columns hidden at the left of that tab of that request; other requests and tabs start at column 0. */
  readonly shifted: { readonly id: string; readonly tab: TabName; readonly columns: number };
  readonly filter: AppliedFilter;
  readonly job: FilterJob | null;
  readonly history: readonly string[];
  /** The field of the last filter with `+` or `-`. */
  readonly column: string;
  readonly input: Input | null;
  /** Digits typed before a movement. */
  readonly count: TypedCount | null;
  /** Numbers of the rows marked by a letter: of a group all; the first is selected by `'`. */
  readonly marks: ReadonlyMap<string, readonly number[]>;
  readonly help: "here" | "all" | null;
  readonly detail: Detail | null;
  readonly isHex: boolean;
  readonly setup: SetupProgress | null;
  readonly theme: string;
  readonly isAscii: boolean;
  /** Frames a second, where drawing is so slow that they are limited; else null. */
  readonly slowFrames: number | null;
  /** The terminal draws ambiguous characters two columns wide. */
  readonly isWide: boolean;
  readonly copyWay: CopyWay;
  readonly hasBell: boolean;
  readonly hasMouse: boolean;
  /** No clock and no rate, so that nothing changes without traffic. */
  readonly isQuiet: boolean;
  /** Keys by command name; they replace the default keys. */
  readonly keys: Readonly<Record<string, readonly string[]>>;
  /** Epoch milliseconds of the last tick; 0 before the first. */
  readonly now: number;
  /** Rows in each of the last seconds, the newest last. */
  readonly rates: readonly number[];
  /** `end` at the last tick. */
  readonly countedTo: number;
}

/** The state before the first message. */
export function emptyState(log = new RowLog()): ViewState {
  return {
    title: "",
    mode: "live",
    log,
    end: log.end,
    lost: 0,
    pending: { rows: [], more: 0 },
    analysis: null,
    paused: null,
    notice: "",
    heldNotice: { text: "", since: 0 },
    hasEnded: false,
    readPart: null,
    selected: null,
    isFollowing: true,
    top: 0,
    above: 0,
    leftAt: 0,
    sort: null,
    sorted: null,
    sorting: null,
    columns: new Map(),
    grouping: "auto",
    isGrouped: false,
    groups: null,
    opened: new Set(),
    drawnTo: log.end,
    focus: "table",
    tab: "summary",
    lastDetail: "summary",
    isZoomed: false,
    preference: "auto",
    cursors: {},
    folded: { id: "", nodes: new Set() },
    isUnwrapped: false,
    shifted: { id: "", tab: "raw", columns: 0 },
    filter: { text: "", filter: null, matches: [] },
    job: null,
    history: [],
    column: "host",
    input: null,
    count: null,
    marks: new Map(),
    help: null,
    detail: null,
    isHex: false,
    setup: null,
    theme: "default",
    isAscii: false,
    slowFrames: null,
    isWide: false,
    copyWay: "auto",
    hasBell: false,
    hasMouse: false,
    isQuiet: false,
    keys: {},
    now: 0,
    rates: [],
    countedTo: log.end,
  };
}

/** The analysis of the panes, at the pause if there is one; the verdict lines always show the newest. */
export function shownAnalysis(state: ViewState): Analysis | null {
  return state.paused === null ? state.analysis : state.paused.analysis;
}

/** The part of the screen that shows a tab when there is room for several. */
export function regionOf(tab: TabName): Region {
  return tab === "ladder" || tab === "findings" ? tab : "detail";
}

/** The folded nodes of the shown request. */
export function foldedNodes({ folded, detail }: ViewState): ReadonlySet<string> {
  return detail !== null && detail.id === folded.id ? folded.nodes : noNodes;
}

const noNodes: ReadonlySet<string> = new Set();
