// From a key to the new state: the open input takes it, else the command that it belongs to.
import type { ViewState } from "../model/view-state.ts";
import type { Key } from "../terminal/parse-keys.ts";
import { isOpenCount, takeCount, typeDigit } from "../update/counting.ts";
import { type KeyContext, type Update, withEffect, withoutEffect } from "../update/effects.ts";
import { commandFor } from "../update/key-bindings.ts";
import { movementCommands } from "../update/movement-commands.ts";
import { hideExpired } from "../update/take-message.ts";
import { pressMouse } from "./press-mouse.ts";
import { typeInput } from "./type-input.ts";

/** The effect of a key. An open input or question takes all keys; Ctrl-C closes it first, then leaves the screen. */
export function pressKey(state: ViewState, key: Key, context: KeyContext): Update {
  if (key.name === "interrupt") return interrupt({ ...state, count: null });
  if (key.name === "mouse") return withoutEffect(hideExpired(pressMouse(state, key, context), context.now));
  const fresh = { ...state, notice: "" };
  const outcome =
    state.input === null ? pressCommand(fresh, key, context) : typeInput(fresh, state.input, { key, context });
  const hasLeft = state.isFollowing && !outcome.state.isFollowing;
  const after = hasLeft ? { ...outcome.state, leftAt: state.end } : outcome.state;
  return { ...outcome, state: hideExpired(after, context.now) };
}

function pressCommand(before: ViewState, key: Key, context: KeyContext): Update {
  const counted = typeDigit(before, key, context);
  if (counted !== null) return withoutEffect(counted);
  const command = commandFor(nameOf(key), before.keys);
  if (command !== undefined && movementCommands.includes(command)) {
    const { state, count } = takeCount(before, context.now);
    return command.act(state, count === undefined ? context : { ...context, count });
  }
  const state = { ...before, count: null };
  if (command === undefined || (command.name === "back" && isOpenCount(before))) return withoutEffect(state);
  if (command.where === "table" && state.focus !== "table") {
    return withoutEffect({ ...state, notice: "that key works only in the table; Esc goes there" });
  }
  // Any command but movement, `help`, `back` and `quit` closes the help.
  return command.act(state.help === null || keepsHelp.has(command.name) ? state : { ...state, help: null }, context);
}

const keepsHelp: ReadonlySet<string> = new Set(["help", "back", "quit"]);

function nameOf(key: Key): string {
  if (key.name !== "character") return key.name;
  return key.character === " " ? "space" : key.character;
}

/** Ctrl-C: during a capture the first one asks as `q` does, the second leaves. */
function interrupt(state: ViewState): Update {
  const asks = (state.mode === "live" || state.mode === "attached") && !state.hasEnded && state.input?.kind !== "quit";
  if (state.input !== null && state.input.kind !== "quit") return withoutEffect({ ...state, input: null });
  if (asks) return withoutEffect({ ...state, input: { kind: "quit" } });
  if (state.mode === "attached") return withEffect(state, { type: "leave" });
  return withEffect(state, { type: "send", message: { type: "stop-capture" } }, { type: "leave" });
}
