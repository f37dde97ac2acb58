// What keys mean while something is typed or asked.
import { completeCommand, runCommandLine } from "./command-line.ts";
import { exportKeys, exportRows } from "./export-wishes.ts";
import { beginFilter, shownRows } from "./filtering.ts";
import type { Key } from "./keys.ts";
import { type KeyContext, type Outcome, only, withEffect } from "./outcome.ts";
import { selectedIndex, selectNumber } from "./selection.ts";
import type { Input, ViewState } from "./view-state.ts";

export interface Pressed {
  readonly key: Key;
  readonly context: KeyContext;
}

const textLimit = 500;

export function typeInput(state: ViewState, input: Input, pressed: Pressed): Outcome {
  switch (input.kind) {
    case "filter":
      return typeFilter(state, input, pressed);
    case "command":
      return typeCommand(state, input, pressed);
    default:
      return answer({ ...state, input: null }, input, pressed);
  }
}

type FilterInput = Extract<Input, { kind: "filter" }>;

function typeFilter(state: ViewState, input: FilterInput, { key, context }: Pressed): Outcome {
  switch (key.name) {
    case "enter":
      return only(keepFilter(state, input));
    case "escape":
      return only({ ...beginFilter(state, input.before, context.now).state, input: null });
    case "up":
    case "down":
      return only(recall(state, input, key.name === "up" ? 1 : -1, context.now));
    case "f1":
      return only({ ...state, help: state.help === null ? "here" : null });
    default: {
      const text = edited(input.text, key);
      return only(text === null ? state : filterBy(state, { ...input, text }, context.now));
    }
  }
}

/** The line with the key typed into it; null when it is none that types. */
function edited(text: string, key: Key): string | null {
  switch (key.name) {
    case "character":
      return (text + key.character).slice(0, textLimit);
    case "paste":
      return (text + key.text.replace(/\s+/g, " ")).slice(0, textLimit);
    case "backspace":
      return [...text].slice(0, -1).join("");
    case "ctrl-u":
      return "";
    case "ctrl-w":
      return text.replace(/\S+\s*$/, "");
    default:
      return null;
  }
}

/** Filters at once by what is typed so far; while it cannot be read, the last one that could stays. */
function filterBy(state: ViewState, input: FilterInput, now: number): ViewState {
  const begun = beginFilter(state, input.text, now);
  return { ...begun.state, input: { ...input, problem: begun.problem } };
}

function keepFilter(state: ViewState, input: FilterInput): ViewState {
  if (input.problem !== null) return { ...state, input };
  const text = input.text.trim();
  const history = text === "" ? state.history : [text, ...state.history.filter((other) => other !== text)].slice(0, 50);
  return { ...state, input: null, history };
}

function recall(state: ViewState, input: FilterInput, by: 1 | -1, now: number): ViewState {
  const past = Math.max(-1, Math.min(state.history.length - 1, input.past + by));
  const text = past === -1 ? input.before : (state.history[past] ?? input.text);
  return filterBy(state, { ...input, text, past }, now);
}

function typeCommand(state: ViewState, input: Extract<Input, { kind: "command" }>, { key, context }: Pressed): Outcome {
  switch (key.name) {
    case "enter":
      return runCommandLine({ ...state, input: null }, input.text, context);
    case "escape":
      return only({ ...state, input: null });
    case "tab":
      return only({ ...state, input: { ...input, text: completeCommand(input.text) } });
    default: {
      const text = edited(input.text, key);
      return only(text === null ? state : { ...state, input: { ...input, text } });
    }
  }
}

/** One key answers; any other leaves everything as it is. */
function answer(
  state: ViewState,
  input: Exclude<Input, FilterInput | { kind: "command" }>,
  { key, context }: Pressed,
): Outcome {
  const letter = key.name === "character" ? key.character : "";
  switch (input.kind) {
    case "mark":
      return only(mark(state, letter));
    case "go-to-mark":
      return only(goToMark(state, letter, context));
    case "export": {
      const as = exportKeys[letter];
      return as === undefined ? only(state) : exportRows(state, as, "");
    }
    case "copy-token":
      return letter === "y" ? withEffect(state, { type: "copy", copy: input.copy }) : only(state);
    case "quit":
      return leave(state, letter);
  }
}

function mark(state: ViewState, letter: string): ViewState {
  if (!/^[a-z]$/.test(letter)) return state;
  const number = shownRows(state).numberAt(selectedIndex(state));
  if (number === undefined) return { ...state, notice: "there is no row to mark" };
  const marks = new Map(state.marks);
  const isTaken = marks.get(letter) === number;
  if (isTaken) marks.delete(letter);
  else marks.set(letter, number);
  return { ...state, marks, notice: isTaken ? `mark ${letter} is gone` : `marked ${letter}; '${letter} comes back` };
}

function goToMark(state: ViewState, letter: string, { height }: KeyContext): ViewState {
  const number = state.marks.get(letter);
  if (number === undefined) return { ...state, notice: letter === "" ? "" : `there is no mark ${letter}` };
  return { ...selectNumber(state, number, height), focus: "table" };
}

function leave(state: ViewState, letter: string): Outcome {
  if (letter === "c" || letter === "q") return withEffect(state, { type: "leave" });
  if (letter !== "s") return only(state);
  return withEffect(state, { type: "send", message: { type: "stop-capture" } }, { type: "leave" });
}
