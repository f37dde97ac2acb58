// `+` and `-`: the value under the cursor, or of a column of the row, becomes a condition of the filter. The filter line
// opens with the condition already applied: Enter keeps it, Esc undoes it, and it can be edited.
import type { FilterSubject } from "../../filter/subject.ts";
import { rowValue, withTerm } from "../../filter/term.ts";
import type { FilterCell, PaneLine } from "../lines/pane-line.ts";
import { shownRows } from "../model/filtering.ts";
import { selectedIndex } from "../model/selection.ts";
import type { ViewState } from "../model/view-state.ts";
import type { KeyContext, KeyPress } from "./effects.ts";
import { filterText, openFilter } from "./filter-input.ts";
import { lineAt } from "./pane-actions.ts";

type How = "only" | "without";

/** The keys of the question for a column, the most used first. */
export const columnKeys: Readonly<Record<string, string>> = {
  h: "host",
  p: "path",
  s: "status",
  a: "auth",
  d: "dir",
  m: "method",
  w: "what",
  f: "finding",
  c: "client",
  t: "route",
  n: "service",
  r: "realm",
  i: "iss",
  u: "aud",
  o: "app",
  l: "alg",
  v: "sev",
};

/** Filters by the value on the current line of a pane, else asks for a column of the row. */
export function filterByCell(state: ViewState, how: How, context: KeyContext): ViewState {
  const subject = selectedSubject(state);
  const line = state.focus === "table" ? undefined : lineAt(state, context);
  const cell = line === undefined ? null : cellOf(line, subject);
  if (cell !== null) return addTerm(state, how, cell, context.now);
  if (subject === undefined) return { ...state, notice: "no row is selected, so there is no value to filter by" };
  return { ...state, input: { kind: "cell", how } };
}

/** Answers the question: a letter of `columnKeys`; Enter, `+` or `-` repeat the last column. */
export function answerColumn(state: ViewState, how: How, { key, context }: KeyPress): ViewState {
  const isAgain = key.name === "enter" || (key.name === "character" && /^[+-]$/.test(key.character));
  const letter = key.name === "character" ? key.character : "";
  const field = isAgain ? state.column : Object.hasOwn(columnKeys, letter) ? columnKeys[letter] : undefined;
  const subject = selectedSubject(state);
  if (field === undefined || subject === undefined) return state;
  const value = rowValue(subject, field);
  if (value === null) return { ...state, column: field, notice: `this row has no ${field}` };
  return addTerm({ ...state, column: field }, how, { field, value }, context.now);
}

function addTerm(state: ViewState, how: How, { field, value }: FilterCell, now: number): ViewState {
  const isUnmasked = field.startsWith("header.") && state.detail !== null && state.detail.unmaskedUntil !== null;
  if (isUnmasked) return { ...state, notice: "an unmasked value cannot be used in a filter; m masks it again" };
  const before = filterText(state);
  const text = withTerm(before, how, field, value);
  if (text === null)
    return { ...state, notice: `the filter would be too long with this ${field}; type a part of it after /` };
  return text === before ? { ...state, notice: "the filter already has this condition" } : openFilter(state, text, now);
}

/** Claims whose value is also in the row, by the field of the filter language. */
const claimFields: Readonly<Record<string, string>> = { iss: "iss", aud: "aud", tid: "realm" };

/** The value on the line as a condition; null where the filter language has no field for it. */
function cellOf(line: PaneLine, subject: FilterSubject | undefined): FilterCell | null {
  if (line.cell !== undefined) return line.cell;
  const name = line.copy?.name ?? "";
  const field = Object.hasOwn(claimFields, name) ? claimFields[name] : undefined;
  if (field === undefined || subject === undefined) return null;
  const value = rowValue(subject, field);
  return value === null || value !== line.copy?.text ? null : { field, value };
}

function selectedSubject(state: ViewState): FilterSubject | undefined {
  const number = shownRows(state).numberAt(selectedIndex(state));
  return number === undefined ? undefined : state.log.at(number);
}
