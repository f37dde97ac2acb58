import type { Command } from "./command.ts";
import { type KeyContext, only } from "./outcome.ts";
import { movePane } from "./pane-actions.ts";
import { moveSelection, moveToConversation, moveToFinding, setFollowing } from "./selection.ts";
import type { ViewState } from "./view-state.ts";

type Act = Command["act"];

const move =
  (steps: (context: KeyContext, state: ViewState) => number): Act =>
  (state, context) =>
    state.focus === "table"
      ? only(moveSelection(state, steps(context, state), context.height))
      : only(movePane(state, context, Math.sign(steps(context, state)) * paneSteps(steps(context, state), context)));

/** A page of the table is not one of the pane. */
function paneSteps(steps: number, { height, paneHeight }: KeyContext): number {
  const size = Math.abs(steps);
  return size >= height - 1 && size < 1e9 ? Math.max(1, paneHeight - 1) : size;
}

const everything = 1e9;

/** Moving in the table and in panes. */
export const movementCommands: readonly Command[] = [
  { name: "down", keys: ["j", "down"], help: "row or line below", hint: "", where: "both", act: move(() => 1) },
  { name: "up", keys: ["k", "up"], help: "row or line above", hint: "", where: "both", act: move(() => -1) },
  {
    name: "page-down",
    keys: ["page-down", "ctrl-d", "space"],
    help: "page down",
    hint: "",
    where: "both",
    act: move(({ height }) => Math.max(1, height - 1)),
  },
  {
    name: "page-up",
    keys: ["page-up", "ctrl-u"],
    help: "page up",
    hint: "",
    where: "both",
    act: move(({ height }) => -Math.max(1, height - 1)),
  },
  {
    name: "first",
    keys: ["g", "home"],
    help: "first row or line",
    hint: "",
    where: "both",
    act: move(() => -everything),
  },
  {
    name: "last",
    keys: ["G", "end"],
    help: "last row, and follow what comes; last line",
    hint: "",
    where: "both",
    act: (state, context) =>
      state.focus === "table"
        ? only(setFollowing(state, true, context.height))
        : only(movePane(state, context, everything)),
  },
  {
    name: "next-finding",
    keys: ["n"],
    help: "next row that is evidence of a warning or worse",
    hint: "finding",
    where: "both",
    act: (state, { height }) => only(moveToFinding(state, 1, height)),
  },
  {
    name: "previous-finding",
    keys: ["N"],
    help: "the one before",
    hint: "",
    where: "both",
    act: (state, { height }) => only(moveToFinding(state, -1, height)),
  },
  {
    name: "next-conversation",
    keys: ["]"],
    help: "next conversation",
    hint: "",
    where: "both",
    act: (state, { height }) => only(moveToConversation(state, 1, height)),
  },
  {
    name: "previous-conversation",
    keys: ["["],
    help: "conversation before",
    hint: "",
    where: "both",
    act: (state, { height }) => only(moveToConversation(state, -1, height)),
  },
];
