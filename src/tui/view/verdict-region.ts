// The input of the two verdict lines, from the state.

import type { ViewState } from "../model/view-state.ts";
import { type VerdictView, verdictEvidence } from "../words/verdict-lines.ts";

/** The newest analysis and time, also while drawing is paused. */
export function verdictView(state: ViewState, columns: number): VerdictView {
  const { analysis, log, mode, isQuiet, hasEnded } = state;
  const now = mode === "live" || mode === "attached" ? state.now : 0;
  const expiryOf = (rowId: string): number | null => log.at(log.numberOf(rowId) ?? -1)?.token?.expiresAt ?? null;
  return { analysis, columns, now, isQuiet, hasEnded, expiryOf };
}

/** Numbers of the rows that the verdict lines name; cached for each analysis. */
export function evidenceRows(state: ViewState): ReadonlySet<number> {
  const { analysis, log } = state;
  if (analysis === null) return none;
  const found = evidenceCache.get(analysis);
  if (found !== undefined && found.end === state.end) return found.rows;
  const ids = verdictEvidence(verdictView(state, 80));
  const rows = new Set([...ids].flatMap((id) => log.numberOf(id) ?? []));
  evidenceCache.set(analysis, { rows, end: state.end });
  return rows;
}

const none: ReadonlySet<number> = new Set();
const evidenceCache = new WeakMap<object, { readonly rows: ReadonlySet<number>; readonly end: number }>();
