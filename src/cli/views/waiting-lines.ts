import type { TrafficRow } from "../../diagnosis/analysis.ts";
import type { WaitingRows } from "../../tui/model/messages.ts";
import { renderWaitingLine } from "../../tui/words/plain-text.ts";

/** Milliseconds without an answer until a request is told. */
const afterMs = 10_000;

export interface WaitingLines {
  take(waiting: WaitingRows): void;
  /** That request has ended. */
  ended(id: string): void;
  stop(): void;
}

/** Tells each request that has had no answer for ten seconds, once. What streams its answer is as it should be, and not told. */
export function startWaitingLines(tell: (line: string) => void): WaitingLines {
  let unanswered: readonly TrafficRow[] = [];
  let told: ReadonlySet<string> = new Set();
  let timer: NodeJS.Timeout | undefined;
  const look = (): void => {
    const untold = unanswered.filter(({ id }) => !told.has(id));
    const due = untold.filter(({ at }) => Date.now() - at >= afterMs);
    for (const row of due) tell(renderWaitingLine(row, afterMs / 1000));
    told = new Set([...told, ...due.map(({ id }) => id)]);
    const [next] = untold.filter((row) => !due.includes(row));
    clearTimeout(timer);
    if (next === undefined) return;
    timer = setTimeout(look, Math.max(1, Math.min(afterMs, next.at + afterMs - Date.now())));
    timer.unref();
  };
  return {
    take({ rows }) {
      unanswered = rows.map(({ row }) => row).filter(({ status }) => status === null);
      told = new Set(unanswered.map(({ id }) => id).filter((id) => told.has(id)));
      look();
    },
    ended(id) {
      unanswered = unanswered.filter((row) => row.id !== id);
    },
    stop() {
      unanswered = [];
      clearTimeout(timer);
    },
  };
}
