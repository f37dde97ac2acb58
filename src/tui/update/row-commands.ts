// Commands for rows and for the screen as a whole.

import { nextTheme } from "../lines/theme.ts";
import { beginFilter, shownRows } from "../model/filtering.ts";
import { selectedId, selectedIndex, setFollowing } from "../model/selection.ts";
import { showTab } from "../model/tabs.ts";
import type { ViewState } from "../model/view-state.ts";
import { filterByCell } from "./cell-filter.ts";
import type { Command } from "./command.ts";
import { type KeyContext, type Update, withEffect, withoutEffect } from "./effects.ts";
import { filterText } from "./filter-input.ts";
import { toggleWrap } from "./horizontal-scroll.ts";
import { goBack } from "./layout-commands.ts";
import { copyClaims, copyLine, copyToken, cursorOf } from "./pane-actions.ts";

/** Filter, follow, copy, mark, export, help, quit. */
export const rowCommands: readonly Command[] = [
  {
    name: "filter",
    keys: ["/"],
    help: "filter the rows; F1 then explains the language",
    hint: "filter",
    where: "both",
    act: (state) => {
      const text = filterText(state);
      return withoutEffect({ ...state, input: { kind: "filter", text, problem: null, before: text, past: -1 } });
    },
  },
  {
    name: "filter-value",
    keys: ["+"],
    help: "only rows with the value of this line, or of a column of this row",
    hint: "",
    where: "both",
    act: (state, context) => withoutEffect(filterByCell(state, "only", context)),
  },
  {
    name: "filter-without-value",
    keys: ["-"],
    help: "no rows with that value; Esc undoes it",
    hint: "",
    where: "both",
    act: (state, context) => withoutEffect(filterByCell(state, "without", context)),
  },
  {
    name: "filter-conversation",
    keys: ["*"],
    help: "only the conversation of this row",
    hint: "",
    where: "both",
    act: filterConversation,
  },
  {
    name: "follow",
    keys: ["F"],
    help: "follow new rows, or stay here",
    hint: "follow",
    where: "table",
    act: (state, { height }) => withoutEffect(setFollowing(state, !state.isFollowing, height)),
  },
  {
    name: "pause",
    keys: ["p"],
    help: "stop drawing new rows; the capture continues",
    hint: "pause",
    where: "both",
    act: (state) => withoutEffect(pause(state)),
  },
  { name: "copy", keys: ["y"], help: "copy this row or line", hint: "copy", where: "both", act: copyLine },
  { name: "copy-token", keys: ["Y"], help: "copy the token as shown", hint: "", where: "both", act: copyToken },
  { name: "copy-claims", keys: ["c"], help: "copy the claims as JSON", hint: "", where: "both", act: copyClaims },
  {
    name: "unmask",
    keys: ["m"],
    help: "unmask for 30 s what is still in memory; never a password",
    hint: "",
    where: "both",
    act: unmask,
  },
  {
    name: "hex",
    keys: ["x"],
    help: "raw message as hex, or as text",
    hint: "",
    where: "both",
    act: (state) => withoutEffect({ ...showTab(state, "raw"), isHex: !state.isHex }),
  },
  {
    name: "wrap",
    keys: ["w"],
    help: "long lines of Headers, Body and Raw whole, scrolled with h and l; or wrapped",
    hint: "",
    where: "both",
    act: (state, { pane, paneColumns }) =>
      withoutEffect(toggleWrap(state, cursorOf(state, pane.length), { lines: pane, columns: paneColumns })),
  },
  {
    name: "mark",
    keys: ["a"],
    help: "mark this row with a letter",
    hint: "",
    where: "both",
    act: (state) => withoutEffect({ ...state, input: { kind: "mark" } }),
  },
  {
    name: "go-to-mark",
    keys: ["'"],
    help: "go to a marked row",
    hint: "",
    where: "both",
    act: (state) => withoutEffect({ ...state, input: { kind: "go-to-mark" } }),
  },
  {
    name: "export",
    keys: ["e"],
    help: "export the marked rows, else this one",
    hint: "export",
    where: "both",
    act: (state) => withoutEffect({ ...state, input: { kind: "export" } }),
  },
  {
    name: "command",
    keys: [":"],
    help: "command line; Tab completes",
    hint: "",
    where: "both",
    act: (state) => withoutEffect({ ...state, input: { kind: "command", text: "" } }),
  },
  {
    name: "theme",
    keys: ["T"],
    help: "next theme",
    hint: "",
    where: "both",
    act: (state) =>
      withoutEffect({ ...state, theme: nextTheme(state.theme), notice: `theme ${nextTheme(state.theme)}` }),
  },
  {
    name: "redraw",
    keys: ["redraw"],
    help: "redraw the screen",
    hint: "",
    where: "both",
    act: (state) => withEffect(state, { type: "redraw" }),
  },
  {
    name: "suspend",
    keys: ["suspend"],
    help: "suspend to the shell; fg returns",
    hint: "",
    where: "both",
    act: suspend,
  },
  {
    name: "help",
    keys: ["?", "f1"],
    help: "help for this place; again: all keys",
    hint: "help",
    where: "both",
    act: (state) => withoutEffect(nextHelp(state)),
  },
  { name: "quit", keys: ["q"], help: "back; in the table: leave", hint: "quit", where: "both", act: quit },
];

function nextHelp(state: ViewState): ViewState {
  const help = state.help === null ? "here" : state.help === "here" ? "all" : null;
  return { ...state, help };
}

function pause(state: ViewState): ViewState {
  return state.paused === null
    ? { ...state, paused: { end: state.end, analysis: state.analysis, pending: state.pending, now: state.now } }
    : { ...state, paused: null };
}

function filterConversation(state: ViewState, { now }: KeyContext): Update {
  const number = shownRows(state).numberAt(selectedIndex(state));
  const conversation = number === undefined ? null : state.log.at(number)?.row.handshakeId;
  if (conversation === null || conversation === undefined) {
    return withoutEffect({ ...state, notice: "this row belongs to no conversation of a service" });
  }
  return withoutEffect(beginFilter(state, `conv=${conversation}`, now).state);
}

function unmask(state: ViewState): Update {
  if (state.detail !== null && state.detail.unmaskedUntil !== null) return withoutEffect({ ...state, detail: null });
  const id = selectedId(state);
  return id === null
    ? withoutEffect(state)
    : withEffect(state, { type: "send", message: { type: "want-unmasked", id } });
}

/** Suspends the screen of a saved capture or an attached one; suspending the process group would stop a live capture. */
function suspend(state: ViewState): Update {
  if (state.mode === "replay" || state.mode === "attached") return withEffect(state, { type: "suspend" });
  return withoutEffect({ ...state, notice: "Ctrl-Z would stop the capture, too; q can close the screen alone" });
}

function quit(state: ViewState): Update {
  if (state.help !== null || state.isZoomed || state.focus !== "table") return withoutEffect(goBack(state));
  const asks = (state.mode === "live" || state.mode === "attached") && !state.hasEnded;
  if (asks) return withoutEffect({ ...state, input: { kind: "quit" } });
  return withEffect(state, { type: "send", message: { type: "stop-capture" } }, { type: "leave" });
}
