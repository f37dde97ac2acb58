// Counts before a movement: 5j, 12G. The digits are the keys of the tabs, too, and a tab shall open without waiting: the
// first digit opens it, and takes that back when what follows at once shows that it began a count.

import type { TypedCount } from "../model/view-parts.ts";
import type { ViewState } from "../model/view-state.ts";
import type { Key } from "../terminal/parse-keys.ts";
import type { KeyContext } from "./effects.ts";
import { commandFor } from "./key-bindings.ts";

/** How soon the next key has to follow a digit that has opened a tab. */
const sameWordMs = 400;
const digitLimit = 6;

/** The count that a key pressed now belongs to; null when there is none. */
function countAt({ count }: ViewState, now: number): TypedCount | null {
  return count === null || (count.opened !== null && now > count.opened.until) ? null : count;
}

/** Takes a digit of a count; null when the key is none, or a command of its own that begins no count. */
export function typeDigit(state: ViewState, key: Key, context: KeyContext): ViewState | null {
  if (key.name !== "character" || !/^[0-9]$/.test(key.character)) return null;
  const digit = key.character;
  const begun = countAt(state, context.now);
  if (begun !== null) {
    return { ...takenBack(state, begun), count: { digits: (begun.digits + digit).slice(0, digitLimit), opened: null } };
  }
  const command = commandFor(digit, state.keys);
  if (command === undefined) return digit === "0" ? null : { ...state, count: { digits: digit, opened: null } };
  // In a pane tabs are gone through quickly; and what is no tab cannot be taken back.
  if (!/^tab-/.test(command.name) || state.focus !== "table" || state.help !== null) return null;
  const { focus, tab, lastDetail, isZoomed } = state;
  const opened = { from: { focus, tab, lastDetail, isZoomed }, until: context.now + sameWordMs };
  return { ...command.act(state, context).state, count: { digits: digit, opened } };
}

/** The state that a movement begins in, and its count; a tab that a digit of it has opened is taken back. */
export function takeCount(
  state: ViewState,
  now: number,
): { readonly state: ViewState; readonly count: number | undefined } {
  const begun = countAt(state, now);
  const settled = { ...(begun === null ? state : takenBack(state, begun)), count: null };
  return { state: settled, count: begun === null ? undefined : Math.max(1, Number(begun.digits)) };
}

function takenBack(state: ViewState, { opened }: TypedCount): ViewState {
  return opened === null ? state : { ...state, ...opened.from };
}

/** A count that is there for as long as it takes: Escape drops it and does nothing else. */
export function isOpenCount({ count }: ViewState): boolean {
  return count !== null && count.opened === null;
}
