// The result of a key: the new state and what is to be done outside of it.
import type { ClaimCopy, PaneLine } from "../lines/pane-line.ts";
import type { Size } from "../model/layout.ts";
import type { FromScreen } from "../model/messages.ts";
import type { ViewState } from "../model/view-state.ts";
import type { Key } from "../terminal/parse-keys.ts";

/** An action outside of the state that a key causes. */
export type Effect =
  | { readonly type: "send"; readonly message: FromScreen }
  /** `isSecret`: the text comes from an unmasked request. */
  | { readonly type: "copy"; readonly copy: ClaimCopy; readonly isSecret: boolean }
  | { readonly type: "mouse"; readonly isOn: boolean }
  | { readonly type: "leave" }
  | { readonly type: "redraw" }
  | { readonly type: "suspend" };

/** The result of a key: the new state and its effects. */
export interface Update {
  readonly state: ViewState;
  readonly effects: readonly Effect[];
}

/** What a command can read beside the state. */
export interface KeyContext {
  /** Rows in the table. */
  readonly height: number;
  /** All lines of the current tab, and how many are visible at once. */
  readonly pane: readonly PaneLine[];
  readonly paneHeight: number;
  readonly paneColumns: number;
  /** Epoch milliseconds. */
  readonly now: number;
  /** Size of the whole screen. */
  readonly size?: Size;
  /** The number typed before a movement. */
  readonly count?: number;
}

export interface KeyPress {
  readonly key: Key;
  readonly context: KeyContext;
}

export function withoutEffect(state: ViewState): Update {
  return { state, effects: [] };
}

export function withEffect(state: ViewState, ...effects: readonly Effect[]): Update {
  return { state, effects };
}

/** Copies a text; it counts as secret while the request is unmasked. */
export function copyWith(state: ViewState, copy: ClaimCopy): Update {
  const isSecret = state.detail !== null && state.detail.unmaskedUntil !== null;
  return withEffect(state, { type: "copy", copy, isSecret });
}
