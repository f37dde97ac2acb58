// The progress of a long read, on one line of standard error that is erased at the end; only on a terminal.

import { safe } from "../../core/safe-text.ts";
import type { Progress } from "../../sources/input/byte-input.ts";

/** What the progress line shows; `elapsedMs` since the file was begun, `columns` of the terminal. */
export interface ReadingState extends Progress {
  readonly name: string;
  readonly elapsedMs: number;
  readonly columns: number;
}

const barWidth = 20;

/** `reading a.har [#####---------------]  25 %  118 MB/s  0:05 left`, at most as wide as the terminal. */
export function renderProgress({ name, done, total, elapsedMs, columns }: ReadingState): string {
  const rate = elapsedMs === 0 ? 0 : done / elapsedMs;
  const speed = `${(rate / 1000).toFixed(rate < 10_000 ? 1 : 0)} MB/s`;
  const facts =
    total === null || total === 0 ? [`${(done / 1e6).toFixed(0)} MB`, speed] : [...share(done, total), speed];
  if (total !== null && rate > 0 && done <= total) facts.push(`${clock((total - done) / rate)} left`);
  const tail = facts.join("  ");
  const room = Math.max(8, columns - tail.length - 12);
  const shown = safe(name);
  return `reading ${shown.length > room ? `...${shown.slice(3 - room)}` : shown}  ${tail}`.slice(0, columns - 1);
}

function share(done: number, total: number): readonly string[] {
  const part = Math.min(1, done / total);
  const filled = Math.round(part * barWidth);
  return [`[${"#".repeat(filled)}${"-".repeat(barWidth - filled)}] ${String(Math.floor(part * 100)).padStart(3)} %`];
}

function clock(ms: number): string {
  const seconds = Math.round(ms / 1000);
  const [hours, minutes] = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60];
  const tail = String(seconds % 60).padStart(2, "0");
  return hours === 0 ? `${minutes}:${tail}` : `${hours}:${String(minutes).padStart(2, "0")}:${tail}`;
}

export interface ProgressLine {
  /** Shows the progress of the next file. */
  follow(name: string, progress: () => Progress): void;
  /** Erases the line. */
  end(): void;
}

const firstMs = 700;
const everyMs = 200;

/** Starts the progress line; it does nothing when `isWanted` is false or standard error is not a terminal. */
export function startProgress(isWanted: boolean, stream: NodeJS.WriteStream = process.stderr): ProgressLine {
  if (!isWanted || stream.isTTY !== true) return { follow: () => undefined, end: () => undefined };
  let current: { readonly name: string; readonly startedAt: number; readonly progress: () => Progress } | null = null;
  let isShown = false;
  const draw = (): void => {
    if (current === null) return;
    const elapsedMs = Date.now() - current.startedAt;
    if (elapsedMs < firstMs) return;
    const line = renderProgress({
      name: current.name,
      elapsedMs,
      columns: stream.columns || 80,
      ...current.progress(),
    });
    stream.write(`\r${line}\u001b[K`);
    isShown = true;
  };
  const timer = setInterval(draw, everyMs);
  timer.unref();
  return {
    follow(name, progress) {
      current = { name, startedAt: Date.now(), progress };
    },
    end() {
      clearInterval(timer);
      current = null;
      if (isShown) stream.write("\r\u001b[K");
    },
  };
}
