// Commands that move in the table and in panes, with an optional count.
import {
  moveSelection,
  moveToConversation,
  moveToFinding,
  selectId,
  selectPlace,
  setFollowing,
} from "../model/selection.ts";
import type { ViewState } from "../model/view-state.ts";
import type { Command } from "./command.ts";
import { type KeyContext, withoutEffect } from "./effects.ts";
import { cursorOf, movePane, moveToMatch } from "./pane-actions.ts";

type Act = Command["act"];

/** Moves by the step of the table or of the pane, times the count. A page of the table has another height than one of a pane. */
const move =
  (inTable: (context: KeyContext) => number, inPane = inTable): Act =>
  (state, context) => {
    const { count = 1, height } = context;
    return state.focus === "table"
      ? withoutEffect(moveSelection(state, inTable(context) * count, height))
      : withoutEffect(movePane(state, context, inPane(context) * count));
  };

const page = (direction: 1 | -1): Act =>
  move(
    ({ height }) => direction * Math.max(1, height - 1),
    ({ paneHeight }) => direction * Math.max(1, paneHeight - 1),
  );

const everything = 1e9;

/** `12G`: the row `t12`, else the twelfth shown row; in a pane the twelfth line. */
function goToNumber(state: ViewState, context: KeyContext, number: number): ViewState {
  if (state.focus !== "table") return movePane(state, context, number - 1 - cursorOf(state, context.pane.length));
  return state.log.numberOf(`t${number}`) === undefined
    ? selectPlace(state, number - 1, context.height)
    : selectId(state, `t${number}`, context.height);
}

/** The next finding; in a text the next line that matches the filter. */
const toFinding =
  (direction: 1 | -1): Act =>
  (state, context) => {
    const by = direction * (context.count ?? 1);
    return withoutEffect(moveToMatch(state, context, by) ?? moveToFinding(state, by, context.height));
  };

const first: Act = (state, context) => {
  if (context.count !== undefined) return withoutEffect(goToNumber(state, context, context.count));
  return state.focus === "table"
    ? withoutEffect(moveSelection(state, -everything, context.height))
    : withoutEffect(movePane(state, context, -everything));
};

const last: Act = (state, context) => {
  if (context.count !== undefined) return withoutEffect(goToNumber(state, context, context.count));
  return state.focus === "table"
    ? withoutEffect(toEnd(state, context.height))
    : withoutEffect(movePane(state, context, everything));
};

/** The end of a table in order of arrival is followed; a sorted one only has a last row. */
function toEnd(state: ViewState, height: number): ViewState {
  return state.sort === null ? setFollowing(state, true, height) : moveSelection(state, everything, height);
}

/** Movements in the table and in panes. */
export const movementCommands: readonly Command[] = [
  { name: "down", keys: ["j", "down"], help: "row or line below", hint: "", where: "both", act: move(() => 1) },
  { name: "up", keys: ["k", "up"], help: "row or line above", hint: "", where: "both", act: move(() => -1) },
  {
    name: "page-down",
    keys: ["page-down", "ctrl-d", "space"],
    help: "page down",
    hint: "",
    where: "both",
    act: page(1),
  },
  {
    name: "page-up",
    keys: ["page-up", "ctrl-u"],
    help: "page up",
    hint: "",
    where: "both",
    act: page(-1),
  },
  {
    name: "first",
    keys: ["g", "home"],
    help: "first row or line; with a count that row or line",
    hint: "",
    where: "both",
    act: first,
  },
  {
    name: "last",
    keys: ["G", "end"],
    help: "last row, then follow new rows; last line; with a count that row or line",
    hint: "",
    where: "both",
    act: last,
  },
  {
    name: "next-finding",
    keys: ["n"],
    help: "next row that is evidence of a warning or worse; in a text the next match of the filter",
    hint: "finding",
    where: "both",
    act: toFinding(1),
  },
  {
    name: "previous-finding",
    keys: ["N"],
    help: "previous finding or match",
    hint: "",
    where: "both",
    act: toFinding(-1),
  },
  {
    name: "next-conversation",
    keys: ["]"],
    help: "next conversation",
    hint: "",
    where: "both",
    act: (state, { height, count = 1 }) => withoutEffect(moveToConversation(state, count, height)),
  },
  {
    name: "previous-conversation",
    keys: ["["],
    help: "previous conversation",
    hint: "",
    where: "both",
    act: (state, { height, count = 1 }) => withoutEffect(moveToConversation(state, -count, height)),
  },
];
