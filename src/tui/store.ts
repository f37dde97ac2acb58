// Holds the state outside of React, so that a thousand messages cost one frame.

import { pageOf } from "./frame.ts";
import { pressKey } from "./keymap.ts";
import type { Key } from "./keys.ts";
import type { Size } from "./layout.ts";
import type { FromScreen, ToScreen } from "./messages.ts";
import { emptyState, receive, type ViewState } from "./view-state.ts";

export interface StoreOptions {
  readonly send: (message: FromScreen) => void;
  readonly size: () => Size;
}

export class ScreenStore {
  readonly #options: StoreOptions;
  readonly #listeners = new Set<() => void>();
  #state: ViewState = emptyState;
  #wanted: string | null = null;
  #timer: NodeJS.Timeout | null = null;
  /** Milliseconds between frames that messages cause; longer while drawing is slow. */
  #interval = 100;

  constructor(options: StoreOptions) {
    this.#options = options;
  }

  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  readonly state = (): ViewState => this.#state;

  receive(message: ToScreen): void {
    this.#state = receive(this.#state, message);
    this.#askForDetail();
    this.#timer ??= setTimeout(() => this.draw(), this.#interval);
  }

  /** A person waits for what a key does: it is drawn at once. Gives true when the person wants to leave. */
  press(key: Key): boolean {
    const outcome = pressKey(this.#state, key, pageOf(this.#state, this.#options.size()));
    if (outcome === "quit") return true;
    this.#state = outcome;
    this.#askForDetail();
    this.draw();
    return false;
  }

  draw(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
    for (const listener of this.#listeners) listener();
  }

  /** A frame took so long: drawing gets at most a third of the time. */
  tookFrame(milliseconds: number): void {
    this.#interval = Math.max(100, Math.min(1000, milliseconds * 3));
  }

  #askForDetail(): void {
    const { pane, selectedId, detail } = this.#state;
    const isWanted = pane === "token" || pane === "headers" || pane === "body";
    if (!isWanted || selectedId === null || detail?.id === selectedId || this.#wanted === selectedId) return;
    this.#wanted = selectedId;
    this.#options.send({ type: "want-detail", id: selectedId });
  }
}
