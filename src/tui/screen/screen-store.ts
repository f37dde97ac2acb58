// Holds the state outside of React, so that many messages cause one frame.

import { setAmbiguousWide } from "../lines/cell-text.ts";
import { hasRowWork, stepRowWork } from "../model/background-work.ts";
import { ladderColumns, regionsOf, type Size } from "../model/layout.ts";
import type { FromScreen, ToScreen } from "../model/messages.ts";
import { RowLog } from "../model/row-log.ts";
import { selectedId, withHeldTop } from "../model/selection.ts";
import { detailTab, layoutFor } from "../model/tabs.ts";
import { emptyState, type ViewState } from "../model/view-state.ts";
import { type Bell, startBell } from "../terminal/bell.ts";
import type { Key } from "../terminal/parse-keys.ts";
import type { Effect, KeyContext } from "../update/effects.ts";
import { hideExpired, takeMessage, takeSecond } from "../update/take-message.ts";
import { frame } from "../view/frame.ts";
import { detailTabs, paneLines } from "../view/pane-lines.ts";
import { pressKey } from "./press-key.ts";

export interface StoreOptions {
  readonly send: (message: FromScreen) => void;
  readonly size: () => Size;
  readonly rowLimit?: number;
  /** Rings the terminal bell; called only with `hasBell`. */
  readonly ring?: () => void;
}

const quickest = 100;
const slowest = 1000;
const usual = 200;
/** Rows in one slice of filtering, sorting and grouping. */
const slice = 2000;

/** The state of the screen: takes messages, keys and seconds, and notifies its listeners when a frame is to be drawn. */
export class ScreenStore {
  readonly #options: StoreOptions;
  readonly #bell: Bell;
  readonly #listeners = new Set<() => void>();
  #state: ViewState;
  #wanted: string | null = null;
  #searched = "";
  #timer: NodeJS.Timeout | null = null;
  #slicing: NodeJS.Immediate | null = null;
  #counting: NodeJS.Timeout | null = null;
  /** Milliseconds between frames caused by messages; longer while drawing is slow. */
  #interval = usual;

  constructor(options: StoreOptions) {
    this.#options = options;
    this.#bell = startBell(() => options.ring?.());
    this.#state = emptyState(new RowLog(options.rowLimit));
  }

  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  readonly state = (): ViewState => this.#state;

  /** Takes a message of the capturing process; it is drawn with the next frame. */
  receive(message: ToScreen): void {
    const slowFrames = this.#interval < 2 * usual ? null : Math.max(1, Math.round(1000 / this.#interval));
    this.#state = takeMessage({ ...this.#state, slowFrames }, message, Date.now());
    if (message.type === "analysis" && this.#state.hasBell) this.#bell.hear(message.analysis.handshakes, Date.now());
    if (message.type === "detail" || message.type === "unmasked") this.#wanted = null;
    this.#afterChange();
    this.#drawSoon();
  }

  /** One second has passed. Nothing is drawn for a capture that has ended. */
  tick(now: number): void {
    const before = this.#state;
    const isLive = !before.hasEnded && before.readPart === null;
    const isMasking = before.detail !== null && before.detail.unmaskedUntil !== null;
    if (!isLive && !isMasking) return;
    this.#state = isLive ? takeSecond(before, now) : { ...takeSecond(before, now), now: before.now };
    this.#afterChange();
    if (!before.isQuiet || !this.#looksLike(before)) this.#drawSoon();
  }

  /**
   * Handles a key and draws at once, because a person waits for it. Returns its effects. `now` is when the key was read:
   * drawing the previous one may have taken long.
   */
  press(key: Key, now = Date.now()): readonly Effect[] {
    const { state, effects } = pressKey(this.#state, key, this.#context(now));
    this.#state = state;
    this.#afterChange();
    this.#dropCountInTime();
    this.draw();
    return effects;
  }

  /** From now on ambiguous characters count as two columns, and the screen's own signs are ASCII. */
  adoptWideCells(): void {
    setAmbiguousWide(true);
    const notice = "this terminal draws lines and dots two columns wide: the screen's own signs are ASCII";
    this.#state = { ...this.#state, isWide: true, notice: this.#state.isAscii ? this.#state.notice : notice };
    this.draw();
  }

  /** Shows a notice of the screen's own process. */
  showNotice(notice: string): void {
    this.#state = { ...this.#state, notice };
    this.draw();
  }

  /** Whether a frame is scheduled. */
  isFrameDue(): boolean {
    return this.#timer !== null;
  }

  /** Draws now. */
  draw(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
    if (this.#state.drawnTo !== this.#state.end) this.#state = { ...this.#state, drawnTo: this.#state.end };
    for (const listener of this.#listeners) listener();
  }

  /** Takes the drawing time of a frame; the interval becomes five times as long (200 ms to 1 s). */
  recordFrameTime(milliseconds: number): void {
    this.#interval = Math.max(usual, Math.min(slowest, milliseconds * 5));
  }

  /** Whether the frame is unchanged: drawing it again would be read by a screen reader and mark a tmux window as active. */
  #looksLike(before: ViewState): boolean {
    const size = this.#options.size();
    return JSON.stringify(frame(before, size)) === JSON.stringify(frame(this.#state, size));
  }

  #drawSoon(): void {
    this.#timer ??= setTimeout(() => this.draw(), Math.max(quickest, this.#interval));
  }

  /** Ends a count whose digit has opened a tab, when its time is over. */
  #dropCountInTime(): void {
    if (this.#counting !== null) clearTimeout(this.#counting);
    const { count } = this.#state;
    const left = count?.opened == null ? null : count.opened.until - Date.now();
    this.#counting = left === null ? null : setTimeout(() => this.#dropCount(), left + 1);
  }

  #dropCount(): void {
    this.#state = { ...this.#state, count: null };
    this.draw();
  }

  #context(now: number): KeyContext {
    const size = this.#options.size();
    const layout = layoutFor(this.#state, size);
    const { tab } = this.#state;
    const columns = paneColumns(layout.kind, layout.leftWidth, { tab, columns: size.columns });
    return {
      height: Math.max(1, layout.table),
      pane: paneLines(this.#state, tab, columns),
      paneHeight: Math.max(layout.detail, layout.ladder, layout.findings),
      paneColumns: columns,
      now,
      size,
    };
  }

  #afterChange(): void {
    // The first slice runs at once; for few rows it is the only one.
    if (this.#slicing === null) {
      const { sort } = this.#state.sorted ?? {};
      this.#state = stepRowWork(this.#state, slice);
      // After a change of the order the selected row stays on its new line.
      if (this.#state.sorted?.sort !== sort) this.#state = withHeldTop(this.#state, this.#context(Date.now()).height);
      // The filter may have hidden the row that the panes show.
      this.#state = hideExpired(this.#state, Date.now());
      if (hasRowWork(this.#state)) this.#slicing = setImmediate(() => this.#stepAgain());
    }
    this.#requestDetail();
    this.#requestSearch();
  }

  #stepAgain(): void {
    this.#slicing = null;
    this.#afterChange();
    this.#drawSoon();
  }

  /** Requests the transaction of the selected row when a visible tab needs it. */
  #requestDetail(): void {
    const state = this.#state;
    const layout = layoutFor(state, this.#options.size());
    const isAlone = layout.kind === "compact" || layout.kind === "zoomed";
    const shown = regionsOf(layout.kind).length > 2 ? detailTab(state) : state.tab;
    const isSeen = detailTabs.has(shown) && (!isAlone || state.focus === "detail");
    const id = selectedId(state);
    if (!isSeen || id === null || state.detail?.id === id || this.#wanted === id) return;
    this.#wanted = id;
    this.#options.send({ type: "want-detail", id });
  }

  /** Starts or stops the search of header fields and bodies in the capturing process, as the filter needs it. */
  #requestSearch(): void {
    const { job, filter } = this.#state;
    const wanted =
      job !== null ? (job.next === null ? job.text : "") : filter.filter?.needsContent === true ? filter.text : "";
    if (wanted === this.#searched) return;
    this.#searched = wanted;
    this.#options.send({ type: "search", text: wanted });
  }
}

/** Columns of the part that shows the current tab. */
function paneColumns(
  kind: ReturnType<typeof layoutFor>["kind"],
  leftWidth: number,
  { tab, columns }: { readonly tab: string; readonly columns: number },
): number {
  if (kind === "wide") return tab === "ladder" ? leftWidth : tab === "findings" ? columns : columns - leftWidth - 2;
  if (kind !== "huge") return columns;
  const ladder = ladderColumns(columns);
  return tab === "ladder" ? ladder : tab === "findings" ? columns - ladder - 2 : columns - leftWidth - 2;
}
