// Input from the terminal: keys, answers and changes of its size.
import { type Key, KeyReader } from "../terminal/parse-keys.ts";
import type { WidthProbe } from "../terminal/width-probe.ts";
import type { Effect } from "../update/effects.ts";
import type { ScreenStore } from "./screen-store.ts";

const escapeWaitMs = 50;
const resizeWaitMs = 60;

/** Calls `redraw` after the last of several changes of the size, as when a window is dragged. */
export function redrawOnResize(redraw: () => void): void {
  let timer: NodeJS.Timeout | null = null;
  process.stdout.on("resize", () => {
    if (timer !== null) clearTimeout(timer);
    timer = setTimeout(redraw, resizeWaitMs);
  });
}

export interface KeyTarget {
  readonly store: ScreenStore;
  readonly probe: WidthProbe;
  readonly act: (effect: Effect) => void;
}

/** Reads keys from standard input: each goes to the store, its effects to `act`. */
export function readKeys({ store, probe, act }: KeyTarget): void {
  const { stdin } = process;
  const reader = new KeyReader();
  const take = (key: Key, at: number): void => {
    if (key.name === "cursor-report") probe.reportColumn(key.column);
    else store.press(key, at).forEach(act);
  };
  let timer: NodeJS.Timeout | null = null;
  if (stdin.isTTY === true) stdin.setRawMode(true);
  stdin.setEncoding("utf8");
  stdin.on("data", (text: string) => {
    if (timer !== null) clearTimeout(timer);
    const at = Date.now();
    for (const key of reader.push(text)) take(key, at);
    // A lone escape character is the Escape key unless the rest of a sequence follows within 50 ms.
    timer = reader.isWaiting
      ? setTimeout(() => {
          for (const key of reader.flush()) take(key, Date.now());
        }, escapeWaitMs)
      : null;
  });
}
