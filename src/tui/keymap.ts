// One table of keys: the hints, the help and what they do cannot disagree.
import type { Key } from "./keys.ts";
import {
  applyFilter,
  moveSelection,
  moveToFinding,
  type PaneName,
  paneNames,
  showPane,
  type ViewState,
} from "./view-state.ts";

/** The state after a key, or the wish to leave. */
export type KeyOutcome = ViewState | "quit";

interface Binding {
  readonly keys: readonly string[];
  readonly help: string;
  /** Short words for the hint line; empty keeps it to the help. */
  readonly hint: string;
  readonly act: (state: ViewState, page: number) => KeyOutcome;
}

const paneOf =
  (step: number) =>
  (state: ViewState): ViewState => {
    const index = (paneNames.indexOf(state.pane) + step + paneNames.length) % paneNames.length;
    return showPane(state, paneNames[index] ?? "findings");
  };
const scrolled =
  (by: number) =>
  (state: ViewState): ViewState => ({
    ...state,
    paneTop: Math.max(0, state.paneTop + by),
  });

export const bindings: readonly Binding[] = [
  { keys: ["q", "interrupt"], help: "quit", hint: "quit", act: () => "quit" },
  {
    keys: ["?"],
    help: "this help",
    hint: "help",
    act: (state) => ({ ...state, isHelpShown: !state.isHelpShown, paneTop: 0 }),
  },
  { keys: ["up", "k"], help: "row above", hint: "", act: (state) => moveSelection(state, -1) },
  { keys: ["down", "j"], help: "row below", hint: "", act: (state) => moveSelection(state, 1) },
  { keys: ["page-up"], help: "page up", hint: "", act: (state, page) => moveSelection(state, -page) },
  { keys: ["page-down"], help: "page down", hint: "", act: (state, page) => moveSelection(state, page) },
  { keys: ["home", "g"], help: "first row", hint: "", act: (state) => moveSelection(state, -state.shown.length) },
  {
    keys: ["end", "G"],
    help: "last row, and follow",
    hint: "",
    act: (state) => moveSelection(state, state.shown.length),
  },
  {
    keys: ["f"],
    help: "follow new rows, or stop",
    hint: "follow",
    act: (state) => (state.isFollowing ? { ...state, isFollowing: false } : moveSelection(state, state.shown.length)),
  },
  {
    keys: ["n"],
    help: "next row with a warning or worse",
    hint: "next finding",
    act: (state) => moveToFinding(state, 1),
  },
  { keys: ["N"], help: "the one before", hint: "", act: (state) => moveToFinding(state, -1) },
  { keys: ["tab", "right"], help: "next pane", hint: "pane", act: paneOf(1) },
  { keys: ["back-tab", "left"], help: "pane before", hint: "", act: paneOf(-1) },
  ...paneNames.map(
    (pane: PaneName, index): Binding => ({
      keys: [String(index + 1)],
      help: `pane: ${pane}`,
      hint: "",
      act: (state) => showPane(state, pane),
    }),
  ),
  { keys: ["J"], help: "scroll the pane down", hint: "", act: scrolled(1) },
  { keys: ["K"], help: "scroll the pane up", hint: "", act: scrolled(-1) },
  {
    keys: ["enter", "z"],
    help: "enlarge the pane, or make it small",
    hint: "enlarge",
    act: (state) => ({ ...state, isPaneLarge: !state.isPaneLarge }),
  },
  {
    keys: ["/"],
    help: "filter the rows",
    hint: "filter",
    act: (state) => ({ ...state, draft: state.filter, filterProblem: "" }),
  },
  { keys: ["escape"], help: "close the help, clear the filter", hint: "", act: escaped },
];

function escaped(state: ViewState): ViewState {
  if (state.isHelpShown) return { ...state, isHelpShown: false };
  return state.filter === "" ? state : applyFilter({ ...state, draft: "" });
}

/** What a key does, with the number of rows in a page. While a filter is typed, keys are text. */
export function pressKey(state: ViewState, key: Key, page: number): KeyOutcome {
  if (state.draft !== null && key.name !== "interrupt") return typeFilter(state, state.draft, key);
  const name = key.name === "character" ? key.character : key.name;
  const binding = bindings.find(({ keys }) => keys.includes(name));
  return binding === undefined ? state : binding.act({ ...state, notice: "" }, Math.max(1, page - 1));
}

const filterLimit = 200;

function typeFilter(state: ViewState, draft: string, key: Key): ViewState {
  switch (key.name) {
    case "character":
      return typed(state, draft + key.character);
    case "paste":
      return typed(state, draft + key.text.replace(/\s+/g, " "));
    case "backspace":
      return typed(state, draft.slice(0, -1));
    case "enter":
      return applyFilter(state);
    case "escape":
      return { ...state, draft: null, filterProblem: "" };
    default:
      return state;
  }
}

function typed(state: ViewState, draft: string): ViewState {
  return { ...state, draft: draft.slice(0, filterLimit), filterProblem: "" };
}
