// The lines of each tab for the selected row.
import type { HttpTransaction } from "../../core/http-transaction.ts";
import { foldTree } from "../lines/fold-tree.ts";
import { type PaneLine, textLine } from "../lines/pane-line.ts";
import { shownRows } from "../model/filtering.ts";
import type { LogDetail } from "../model/messages.ts";
import { selectedId, selectedIndex } from "../model/selection.ts";
import type { TabName } from "../model/view-parts.ts";
import { foldedNodes, shownAnalysis, type ViewState } from "../model/view-state.ts";
import { showsWholeLines } from "../update/horizontal-scroll.ts";
import { claimContextOf } from "../words/claim-verdicts.ts";
import { helpLines } from "./help.ts";
import { checklistPane } from "./panes/checklist-pane.ts";
import { findingsPane } from "./panes/findings-pane.ts";
import { ladderPane } from "./panes/ladder-pane.ts";
import { logLinesPane, logSummaryPane, logTokenPane } from "./panes/log-pane.ts";
import { bodyPane, headersPane, rawPane } from "./panes/message-panes.ts";
import { setupPane } from "./panes/setup-pane.ts";
import { streamPane } from "./panes/stream-pane.ts";
import { summaryPane } from "./panes/summary-pane.ts";
import { tokenPane } from "./panes/token-pane.ts";

/** The tabs that need the whole transaction from the capturing process. */
export const detailTabs: ReadonlySet<TabName> = new Set(["summary", "token", "headers", "body", "raw"]);

/** The lines of a tab for `columns` columns. The last result of each tab is cached, because most frames need the same. */
export function paneLines(state: ViewState, tab: TabName, columns: number): readonly PaneLine[] {
  if (state.help !== null && tab === state.tab) return helpLines(state, columns);
  const inputs = [state.log, columns, state.isWide, ...dependencies(state, tab)];
  const cached = linesCache.get(tab);
  if (cached?.inputs.every((value, at) => value === inputs[at]) === true) return cached.lines;
  const lines = linesOf(state, tab, columns);
  linesCache.set(tab, { inputs, lines });
  return lines;
}

interface CachedLines {
  readonly inputs: readonly unknown[];
  readonly lines: readonly PaneLine[];
}

const linesCache = new Map<TabName, CachedLines>();

/** All values that the lines of the tab depend on. */
function dependencies(state: ViewState, tab: TabName): readonly unknown[] {
  const analysis = shownAnalysis(state);
  switch (tab) {
    case "findings":
    case "checklist":
      return [analysis];
    case "ladder":
      return [analysis, conversationOf(state)];
    case "setup":
      return [state.setup];
    case "stream":
      return [conversationOf(state), state.end];
    default:
      return [analysis, state.detail, state.folded, state.isHex, state.isUnwrapped, selectedId(state)];
  }
}

function linesOf(state: ViewState, tab: TabName, columns: number): readonly PaneLine[] {
  const analysis = shownAnalysis(state);
  switch (tab) {
    case "findings":
      return findingsPane(analysis, columns);
    case "checklist":
      return checklistPane(analysis);
    case "ladder":
      return ladderPane(analysis, conversationOf(state), columns);
    case "setup":
      return setupPane(state.setup, columns);
    case "stream":
      return streamPane(state, conversationOf(state), columns);
    default:
      return detailLines(state, tab, columns);
  }
}

/** Id of the handshake of the selected row; null without one. */
export function conversationOf(state: ViewState): string | null {
  const number = shownRows(state).numberAt(selectedIndex(state));
  return number === undefined ? null : (state.log.at(number)?.row.handshakeId ?? null);
}

type DetailTab = "summary" | "token" | "headers" | "body" | "raw";

function detailLines(state: ViewState, tab: DetailTab, columns: number): readonly PaneLine[] {
  const { detail } = state;
  if (selectedIndex(state) < 0) return [textLine(nothingShown(state), "dim")];
  if (detail === null) return [textLine("Reading ...", "dim")];
  if (detail.log) return logLines(state, detail.log, { tab, columns });
  if (detail.transaction === null) {
    return [textLine("This request is no longer in memory; it is in the journal.", "dim")];
  }
  const isUnmasked = detail.unmaskedUntil !== null;
  const lines = transactionLines(state, detail.transaction, { tab, columns, isUnmasked });
  return isUnmasked
    ? [textLine("UNMASKED for 30 s; m masks it again. Passwords stay hidden.", "bad"), ...lines]
    : lines;
}

/** A row of a log has no header fields and no bodies: these tabs show the lines of its file. */
function logLines(
  state: ViewState,
  log: LogDetail,
  { tab, columns }: Pick<DetailView, "tab" | "columns">,
): readonly PaneLine[] {
  switch (tab) {
    case "summary": {
      const row = { id: log.row.id, handshakeId: conversationOf(state) };
      return logSummaryPane(log, claimContextOf(shownAnalysis(state), row).findings, columns);
    }
    case "token":
      return logTokenPane(log, columns);
    default:
      return logLinesPane(log, showsWholeLines(state, tab) ? Number.POSITIVE_INFINITY : columns);
  }
}

function nothingShown({ log }: ViewState): string {
  if (log.end === log.first) return "No request was seen yet.";
  return "No row fits the filter. / and Ctrl-U and Enter show all of them again.";
}

interface DetailView {
  readonly tab: DetailTab;
  readonly columns: number;
  readonly isUnmasked: boolean;
}

function transactionLines(
  state: ViewState,
  transaction: HttpTransaction,
  { tab, columns, isUnmasked }: DetailView,
): readonly PaneLine[] {
  const row = { id: transaction.id, handshakeId: conversationOf(state) };
  const context = claimContextOf(shownAnalysis(state), row);
  const room = showsWholeLines(state, tab) ? Number.POSITIVE_INFINITY : columns;
  switch (tab) {
    case "summary":
      return summaryPane({ transaction, context, columns });
    case "token":
      return foldTree(tokenPane({ transaction, context, columns, isUnmasked }), foldedNodes(state), columns);
    case "headers":
      return headersPane(transaction, room);
    case "body":
      return bodyPane(transaction, room);
    case "raw":
      return rawPane(transaction, { columns: room, isHex: state.isHex });
  }
}
