// What a message of the capturing process, or a second that has passed, changes in the state.
import { matchNewRows, takeSearchMatches } from "../model/filtering.ts";
import { groupWhenFast, ungroupWhenSlow } from "../model/grouping.ts";
import type { ToScreen } from "../model/messages.ts";
import { noPendingRows, withoutFinished } from "../model/pending-rows.ts";
import { selectedId } from "../model/selection.ts";
import type { Detail, ViewState } from "../model/view-state.ts";

/** How long a request stays unmasked. */
const unmaskedMs = 30_000;

/** The state after a message of the capturing process that arrived at `now` (epoch ms). */
export function takeMessage(state: ViewState, message: ToScreen, now: number): ViewState {
  switch (message.type) {
    case "hello":
      return takeHello(state, message);
    case "rows":
      return addRows({ ...state, lost: state.lost + message.lost }, message.rows);
    case "restart":
      return dropRows(state);
    case "waiting":
      return { ...state, pending: withoutFinished({ rows: message.rows, more: message.more }, state.log) };
    case "analysis":
      return { ...state, analysis: message.analysis };
    case "notice":
      return { ...state, notice: message.text };
    case "reading":
      return { ...state, readPart: message.part };
    case "ended":
      return ungroupWhenSlow({ ...state, hasEnded: true, notice: "", pending: noPendingRows });
    case "setup":
      return { ...state, setup: message.progress, tab: state.setup === null ? "setup" : state.tab };
    case "detail":
      return withDetail(state, {
        id: message.id,
        transaction: message.transaction,
        log: message.log ?? null,
        unmaskedUntil: null,
      });
    case "unmasked":
      if (message.transaction === null) {
        return { ...state, notice: "this request is no longer in memory; nothing can be unmasked" };
      }
      return withDetail(state, {
        id: message.id,
        transaction: message.transaction,
        log: null,
        unmaskedUntil: now + unmaskedMs,
      });
    case "found":
      return takeSearchMatches(state, message);
  }
}

function takeHello(state: ViewState, { title, mode, settings }: Extract<ToScreen, { type: "hello" }>): ViewState {
  const readPart = mode === "replay" ? (state.readPart ?? 0) : null;
  if (settings === undefined) return { ...state, title, mode, readPart };
  const { theme, isAscii, keys, copy: copyWay = "auto", hasBell = false, isQuiet = false } = settings;
  return { ...state, title, mode, readPart, theme, isAscii, keys, copyWay, hasBell, isQuiet };
}

function addRows(state: ViewState, added: Extract<ToScreen, { type: "rows" }>["rows"]): ViewState {
  const from = state.log.end;
  state.log.add(added);
  matchNewRows(state, from);
  return groupWhenFast({ ...state, end: state.log.end, pending: withoutFinished(state.pending, state.log) });
}

/** Keeps what the person has chosen and drops what refers to the rows. */
function dropRows(state: ViewState): ViewState {
  const { log, filter } = state;
  log.forgetAll();
  const { end } = log;
  return {
    ...state,
    ...{ end, drawnTo: end, leftAt: end, top: end, countedTo: end, above: 0 },
    ...{ analysis: null, detail: null, groups: null, isGrouped: false, paused: null, sorted: null, sorting: null },
    ...{ selected: null, isFollowing: true, opened: new Set<number>(), marks: new Map(), lost: 0 },
    filter: { ...filter, matches: [] },
    job: null,
    notice: "the capture is not in order of time: it is being read again in that order",
  };
}

function withDetail(state: ViewState, detail: Detail): ViewState {
  return detail.id === selectedId(state) ? { ...state, detail } : state;
}

const rateSeconds = 12;

/** The state one second later: clock, rate, the end of notices and of unmasking. */
export function takeSecond(state: ViewState, now: number): ViewState {
  const rates = [...state.rates, state.log.end - state.countedTo].slice(-rateSeconds);
  const ticked = ungroupWhenSlow({ ...state, now, rates, countedTo: state.log.end });
  return hideExpired(withoutOldNotice(ticked, now), now);
}

const noticeMs = 8000;

function withoutOldNotice(state: ViewState, now: number): ViewState {
  const { notice, heldNotice } = state;
  if (notice !== heldNotice.text) return { ...state, heldNotice: { text: notice, since: now } };
  return notice !== "" && now - heldNotice.since >= noticeMs ? { ...state, notice: "" } : state;
}

/** Drops the shown request when its unmasking has expired or another row is selected. */
export function hideExpired(state: ViewState, now: number): ViewState {
  const { detail } = state;
  if (detail === null) return state;
  const isOver = detail.unmaskedUntil !== null && now >= detail.unmaskedUntil;
  return isOver || detail.id !== selectedId(state) ? { ...state, detail: null } : state;
}
