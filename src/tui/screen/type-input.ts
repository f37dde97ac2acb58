// Keys while a line is typed or a question is open.

import { selectNumber } from "../model/selection.ts";
import type { Input, ViewState } from "../model/view-state.ts";
import { editText } from "../terminal/line-editing.ts";
import { answerColumn } from "../update/cell-filter.ts";
import { typeColumns } from "../update/column-chooser.ts";
import { completeCommand, runCommandLine } from "../update/command-line.ts";
import { copyWith, type KeyContext, type KeyPress, type Update, withEffect, withoutEffect } from "../update/effects.ts";
import { type FilterInput, typeFilter } from "../update/filter-input.ts";
import { exportKeys, exportRows, selectedRows } from "../update/group-actions.ts";

/** The effect of a key on the open input. */
export function typeInput(state: ViewState, input: Input, pressed: KeyPress): Update {
  switch (input.kind) {
    case "filter":
      return typeFilter(state, input, pressed);
    case "command":
      return typeCommand(state, input, pressed);
    case "columns":
      return withoutEffect(typeColumns(state, input, { key: pressed.key, height: pressed.context.height }));
    default:
      return answerQuestion({ ...state, input: null }, input, pressed);
  }
}

function typeCommand(state: ViewState, input: Extract<Input, { kind: "command" }>, { key, context }: KeyPress): Update {
  switch (key.name) {
    case "enter":
      return runCommandLine({ ...state, input: null }, input.text, context);
    case "escape":
      return withoutEffect({ ...state, input: null });
    case "tab":
      return withoutEffect({ ...state, input: { ...input, text: completeCommand(input.text) } });
    default: {
      const text = editText(input.text, key);
      return withoutEffect(text === null ? state : { ...state, input: { ...input, text } });
    }
  }
}

/** Answers a question with one key; any other key closes it without an effect. */
function answerQuestion(
  state: ViewState,
  input: Exclude<Input, FilterInput | { kind: "command" | "columns" }>,
  { key, context }: KeyPress,
): Update {
  const letter = key.name === "character" ? key.character : "";
  switch (input.kind) {
    case "mark":
      return withoutEffect(mark(state, letter));
    case "go-to-mark":
      return withoutEffect(goToMark(state, letter, context));
    case "export": {
      const as = exportKeys[letter];
      return as === undefined ? withoutEffect(state) : exportRows(state, as, "");
    }
    case "cell":
      return withoutEffect(answerColumn(state, input.how, { key, context }));
    case "copy-token":
      return letter === "y" ? copyWith(state, input.copy) : withoutEffect(state);
    case "quit":
      return answerQuit(state, letter);
  }
}

function mark(state: ViewState, letter: string): ViewState {
  if (!/^[a-z]$/.test(letter)) return state;
  const numbers = selectedRows(state);
  if (numbers.length === 0) return { ...state, notice: "there is no row to mark" };
  const marks = new Map(state.marks);
  const isTaken = marks.get(letter)?.[0] === numbers[0];
  if (isTaken) marks.delete(letter);
  else marks.set(letter, numbers);
  const rows = numbers.length === 1 ? "" : `, ${numbers.length} rows`;
  return {
    ...state,
    marks,
    notice: isTaken ? `mark ${letter} removed` : `marked ${letter}${rows}; '${letter} returns to it`,
  };
}

function goToMark(state: ViewState, letter: string, { height }: KeyContext): ViewState {
  const [number] = state.marks.get(letter) ?? [];
  if (number === undefined) return { ...state, notice: letter === "" ? "" : `there is no mark ${letter}` };
  return { ...selectNumber(state, number, height), focus: "table" };
}

function answerQuit(state: ViewState, letter: string): Update {
  if (letter === "c" || letter === "q") return withEffect(state, { type: "leave" });
  if (letter !== "s") return withoutEffect(state);
  return withEffect(state, { type: "send", message: { type: "stop-capture" } }, { type: "leave" });
}
