// What the screen knows and where the person is in it. Changed by functions that give another state; the rows alone, of
// which there are many, stand in a log that grows in place.
import type { HttpTransaction } from "../../core/http-transaction.ts";
import type { Analysis } from "../../diagnosis/analysis.ts";
import type { ClaimCopy } from "../lines/pane-line.ts";
import type { ColumnChoice } from "./columns.ts";
import type { Region } from "./layout.ts";
import type { CopyWay, PendingRows, ScreenMode, SetupProgress } from "./messages.ts";
import { RowLog } from "./row-log.ts";
import type { AppliedFilter, FilterJob, Groups, Sort, SortedRows, TabName, TypedCount } from "./view-parts.ts";

/** A line that is being typed, or a question that one key answers. */
export type Input =
  | {
      readonly kind: "filter";
      readonly text: string;
      /** What is wrong with it, and from which column; null while it is right. */
      readonly problem: { readonly text: string; readonly column: number } | null;
      /** Comes back when the person drops the new one. */
      readonly before: string;
      /** Place in the history while going through it; -1 before. */
      readonly past: number;
    }
  | { readonly kind: "command"; readonly text: string }
  | { readonly kind: "mark" | "go-to-mark" | "export" | "quit" }
  /** Which column of the row shall be filtered by. */
  | { readonly kind: "cell"; readonly how: "only" | "without" }
  | { readonly kind: "copy-token"; readonly copy: ClaimCopy }
  /** Sort and columns are chosen; the line that the keys are on. */
  | { readonly kind: "columns"; readonly cursor: number };

export interface Detail {
  readonly id: string;
  readonly transaction: HttpTransaction | null;
  /** Epoch milliseconds when the masks come back; null when they are on. */
  readonly unmaskedUntil: number | null;
}

export interface ViewState {
  readonly title: string;
  readonly mode: ScreenMode;
  readonly log: RowLog;
  /** Rows of the log that this state knows of: `log.end` when it was made. */
  readonly end: number;
  readonly lost: number;
  /** Requests that have no end yet. None of them is in the log. */
  readonly pending: PendingRows;
  readonly analysis: Analysis | null;
  /** What was there when drawing was paused; the capture goes on. */
  readonly paused: Pick<ViewState, "end" | "analysis" | "pending" | "now"> | null;
  readonly notice: string;
  /** The notice of the last tick and when it was first seen: what was said goes after a while. */
  readonly heldNotice: { readonly text: string; readonly since: number };
  readonly hasEnded: boolean;
  /** How much of a saved capture has been read; null for a live one. */
  readonly readPart: number | null;
  /** Number of the selected row; null before the first. */
  readonly selected: number | null;
  /** The newest row is selected as it comes; any upward movement ends it. */
  readonly isFollowing: boolean;
  /** Number of the row at the top of the table while it does not follow. */
  readonly top: number;
  /** Lines of the table above the selected row: what keeps its place while a table is sorted. */
  readonly above: number;
  /** `end` when following ended: what came since is told as a number. */
  readonly leftAt: number;
  /** Null for the order of arrival. */
  readonly sort: Sort | null;
  /** The order that is shown, perhaps still that of the sort or the filter before; null before the first is whole. */
  readonly sorted: SortedRows | null;
  /** The order that is being made. */
  readonly sorting: SortedRows | null;
  readonly columns: ColumnChoice;
  /** The person's wish; `auto` puts equal rows together while they come too fast. */
  readonly grouping: "auto" | "on" | "off";
  /** They are put together now. */
  readonly isGrouped: boolean;
  readonly groups: Groups | null;
  /** Numbers of the first rows of the groups that are opened. */
  readonly opened: ReadonlySet<number>;
  /** `end` at the last frame. */
  readonly drawnTo: number;
  readonly focus: Region;
  readonly tab: TabName;
  /** The tab that the detail part shows while another part is used. */
  readonly lastDetail: TabName;
  readonly isZoomed: boolean;
  readonly preference: "auto" | "stacked" | "compact";
  /** The line that the keys are on, of each pane. */
  readonly cursors: Readonly<Partial<Record<TabName, number>>>;
  /** The nodes that are folded in the token of that request; another request's tree begins open. */
  readonly folded: { readonly id: string; readonly nodes: ReadonlySet<string> };
  /** Long lines of messages are in one piece, of which a part is seen. */
  readonly isUnwrapped: boolean;
  /** Columns that lie to the left of what is seen, for that request and tab; others begin at the beginning. */
  readonly shifted: { readonly id: string; readonly tab: TabName; readonly columns: number };
  readonly filter: AppliedFilter;
  readonly job: FilterJob | null;
  readonly history: readonly string[];
  /** The field that rows were last filtered by with `+` or `-`. */
  readonly column: string;
  readonly input: Input | null;
  /** Digits before a movement. */
  readonly count: TypedCount | null;
  /** Numbers of the rows that a letter marks: of a group all, the first is gone to. */
  readonly marks: ReadonlyMap<string, readonly number[]>;
  readonly help: "here" | "all" | null;
  readonly detail: Detail | null;
  readonly isHex: boolean;
  readonly setup: SetupProgress | null;
  readonly theme: string;
  readonly isAscii: boolean;
  /** Frames a second that messages cause, told where drawing is so slow that there are few. */
  readonly slowFrames: number | null;
  /** The terminal draws ambiguous signs two columns wide. */
  readonly isWide: boolean;
  readonly copyWay: CopyWay;
  readonly hasBell: boolean;
  readonly hasMouse: boolean;
  /** Nothing changes by itself: no clock, no rate. */
  readonly isQuiet: boolean;
  /** Keys by command where they are not those of the table. */
  readonly keys: Readonly<Record<string, readonly string[]>>;
  /** Epoch milliseconds of the last tick; 0 before the first. */
  readonly now: number;
  /** Rows of each of the last seconds, the newest last. */
  readonly rates: readonly number[];
  /** `end` at the last tick. */
  readonly countedTo: number;
}

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

/** The analysis as the panes show it; the verdict lines show the newest, paused or not. */
export function shownAnalysis(state: ViewState): Analysis | null {
  return state.paused === null ? state.analysis : state.paused.analysis;
}

/** Where a tab is drawn when there is room for more than one. */
export function regionOf(tab: TabName): Region {
  return tab === "ladder" || tab === "findings" ? tab : "detail";
}

/** The folded nodes of the request that is shown. */
export function foldedNodes({ folded, detail }: ViewState): ReadonlySet<string> {
  return detail !== null && detail.id === folded.id ? folded.nodes : noNodes;
}

const noNodes: ReadonlySet<string> = new Set();
