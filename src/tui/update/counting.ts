// Counts before a movement: 5j, 12G. The digits are also the keys of the tabs, which open without delay: the first digit
// opens its tab, and this is undone when a second digit or a movement follows at once.

import type { TypedCount } from "../model/view-parts.ts";
import type { ViewState } from "../model/view-state.ts";
import type { Key } from "../terminal/parse-keys.ts";
import type { KeyContext } from "./effects.ts";
import { commandFor } from "./key-bindings.ts";

/** How soon the next key must follow a digit that has opened a tab, to count as one number. */
const sameWordMs = 400;
const digitLimit = 6;

/** The count that a key at `now` continues; null without one. */
function countAt({ count }: ViewState, now: number): TypedCount | null {
  return count === null || (count.opened !== null && now > count.opened.until) ? null : count;
}

/** Takes a digit of a count; null when the key is not a digit, or belongs to a command that does not start a count. */
export function typeDigit(state: ViewState, key: Key, context: KeyContext): ViewState | null {
  if (key.name !== "character" || !/^[0-9]$/.test(key.character)) return null;
  const digit = key.character;
  const begun = countAt(state, context.now);
  if (begun !== null) {
    return {
      ...withoutOpenedTab(state, begun),
      count: { digits: (begun.digits + digit).slice(0, digitLimit), opened: null },
    };
  }
  const command = commandFor(digit, state.keys);
  if (command === undefined) return digit === "0" ? null : { ...state, count: { digits: digit, opened: null } };
  // In a pane digits are tabs only; and only opening a tab can be undone.
  if (!/^tab-/.test(command.name) || state.focus !== "table" || state.help !== null) return null;
  const { focus, tab, lastDetail, isZoomed } = state;
  const opened = { from: { focus, tab, lastDetail, isZoomed }, until: context.now + sameWordMs };
  return { ...command.act(state, context).state, count: { digits: digit, opened } };
}

/** The state before a movement, and its count; a tab that a digit of the count has opened is closed again. */
export function takeCount(
  state: ViewState,
  now: number,
): { readonly state: ViewState; readonly count: number | undefined } {
  const begun = countAt(state, now);
  const start = { ...(begun === null ? state : withoutOpenedTab(state, begun)), count: null };
  return { state: start, count: begun === null ? undefined : Math.max(1, Number(begun.digits)) };
}

function withoutOpenedTab(state: ViewState, { opened }: TypedCount): ViewState {
  return opened === null ? state : { ...state, ...opened.from };
}

/** Whether a count without a time limit is open; Escape then only drops the count. */
export function isOpenCount({ count }: ViewState): boolean {
  return count !== null && count.opened === null;
}
