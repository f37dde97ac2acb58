// The filter line while the filter is typed.
import { beginFilter } from "../model/filtering.ts";
import type { Input, ViewState } from "../model/view-state.ts";
import { editText } from "../terminal/line-editing.ts";
import { type KeyPress, type Update, withoutEffect } from "./effects.ts";

export type FilterInput = Extract<Input, { kind: "filter" }>;

/** Handles a key in the filter line. */
export function typeFilter(state: ViewState, input: FilterInput, { key, context }: KeyPress): Update {
  switch (key.name) {
    case "enter":
      return withoutEffect(keepFilter(state, input));
    case "escape":
      return withoutEffect({ ...beginFilter(state, input.before, context.now).state, input: null });
    case "up":
    case "down":
      return withoutEffect(recall(state, input, key.name === "up" ? 1 : -1, context.now));
    case "f1":
      return withoutEffect({ ...state, help: state.help === null ? "here" : null });
    default: {
      const text = editText(input.text, key);
      return withoutEffect(text === null ? state : filterBy(state, { ...input, text }, context.now));
    }
  }
}

/** Filters by the text so far; while it is invalid, the last valid filter stays in use. */
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

/** The text of the newest filter, in use or still matching rows. */
export function filterText({ job, filter }: ViewState): string {
  return job?.text ?? filter.text;
}

/** Opens the filter line with this text already applied; Escape restores the filter before. */
export function openFilter(state: ViewState, text: string, now: number): ViewState {
  const before = filterText(state);
  return filterBy(state, { kind: "filter", text, problem: null, before, past: -1 }, now);
}
