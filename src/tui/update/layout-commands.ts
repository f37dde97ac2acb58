// Commands for the parts of the screen, its tabs and its layout.

import { moveFocus, showTab } from "../model/tabs.ts";
import { tabNames } from "../model/view-parts.ts";
import type { ViewState } from "../model/view-state.ts";
import type { Command } from "./command.ts";
import { withoutEffect } from "./effects.ts";
import { closedGroup, openGroup } from "./group-actions.ts";
import { goLeft, goRight, openLine } from "./pane-actions.ts";

/** Commands that open, close and move between parts and tabs, and choose the layout. */
export const layoutCommands: readonly Command[] = [
  {
    name: "open",
    keys: ["enter"],
    help: "open the group of equal rows or the pane; in a pane: go to the row of the line, unfold, or fill the screen",
    hint: "open",
    where: "both",
    act: (state, context) => {
      const group = state.focus === "table" ? closedGroup(state) : null;
      if (group !== null) return withoutEffect(openGroup(state, group, context.height));
      return withoutEffect(state.focus === "table" ? showTab(state, state.tab) : openLine(state, context));
    },
  },
  {
    name: "back",
    keys: ["escape"],
    help: "back; never ends the capture",
    hint: "",
    where: "both",
    act: (state) => withoutEffect(goBack(state)),
  },
  {
    name: "next-part",
    keys: ["tab"],
    help: "next part of the screen",
    hint: "part",
    where: "both",
    act: (state) => withoutEffect(moveFocus(state, 1)),
  },
  {
    name: "previous-part",
    keys: ["back-tab"],
    help: "previous part",
    hint: "",
    where: "both",
    act: (state) => withoutEffect(moveFocus(state, -1)),
  },
  {
    name: "right",
    keys: ["l", "right"],
    help: "unfold the tree, or go in; open the group; long lines: to the right; else: next tab",
    hint: "",
    where: "both",
    act: (state, context) => withoutEffect(goRight(state, context)),
  },
  {
    name: "left",
    keys: ["h", "left"],
    help: "fold the tree, or go to the parent of this line; close the group; long lines: to the left; else: previous tab",
    hint: "",
    where: "both",
    act: (state, context) => withoutEffect(goLeft(state, context)),
  },
  ...tabNames.slice(0, 8).map(
    (tab, index): Command => ({
      name: `tab-${tab}`,
      keys: [String(index + 1)],
      help: `show ${tab}`,
      hint: "",
      where: "both",
      act: (state) => withoutEffect(showTab(state, tab)),
    }),
  ),
  {
    name: "findings",
    keys: ["!"],
    help: "all findings with their remedies",
    hint: "findings",
    where: "both",
    act: (state) => withoutEffect(showTab(state, "findings")),
  },
  {
    name: "stream",
    keys: ["s"],
    help: "the conversation of this row in order",
    hint: "stream",
    where: "both",
    act: (state) => withoutEffect(showTab(state, "stream")),
  },
  {
    name: "setup",
    keys: ["0"],
    help: "the steps of a running setup",
    hint: "",
    where: "both",
    act: (state) => withoutEffect(showTab(state, "setup")),
  },
  {
    name: "zoom",
    keys: ["z"],
    help: "this part fills the screen; again: all parts",
    hint: "",
    where: "both",
    act: (state) => withoutEffect({ ...state, isZoomed: !state.isZoomed }),
  },
  {
    name: "layout",
    keys: ["_"],
    help: "fewer parts at once: all, two, one",
    hint: "",
    where: "both",
    act: (state) => withoutEffect(nextLayout(state)),
  },
];

/** Leaves the help, the zoom or the pane, one at a time. */
export function goBack(state: ViewState): ViewState {
  if (state.help !== null) return { ...state, help: null };
  if (state.isZoomed) return { ...state, isZoomed: false };
  return { ...state, focus: "table" };
}

const preferences: readonly ViewState["preference"][] = ["auto", "stacked", "compact"];

function nextLayout(state: ViewState): ViewState {
  const preference = preferences[(preferences.indexOf(state.preference) + 1) % preferences.length] ?? "auto";
  return { ...state, preference, isZoomed: false };
}

/** Commands for the look of the table. */
export const tableCommands: readonly Command[] = [
  {
    name: "columns",
    keys: ["o"],
    help: "sort and columns of the table",
    hint: "",
    where: "both",
    act: (state) => withoutEffect({ ...state, input: { kind: "columns", cursor: 0 } }),
  },
];
