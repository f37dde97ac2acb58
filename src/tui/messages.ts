// What the capturing process and the screen's process tell each other. Everything can be copied; nothing holds a secret.
import type { HttpTransaction } from "../core/http-transaction.ts";
import type { Analysis, TrafficRow } from "../diagnosis/analysis.ts";
import type { Redacted } from "../sanitising/sanitise.ts";

export type ToScreen =
  | { readonly type: "hello"; readonly title: string; readonly mode: "demo" | "live" | "replay" }
  /** Rows in the order they came; `lost` counts those that never reach the screen because it was too slow. */
  | { readonly type: "rows"; readonly rows: readonly TrafficRow[]; readonly lost: number }
  | { readonly type: "analysis"; readonly analysis: Analysis }
  | { readonly type: "notice"; readonly text: string }
  /** The capture is over; the screen stays until the person leaves. */
  | { readonly type: "ended" }
  | { readonly type: "detail"; readonly id: string; readonly transaction: Redacted<HttpTransaction> | null };

export type FromScreen =
  | { readonly type: "ready" }
  | { readonly type: "want-detail"; readonly id: string }
  | { readonly type: "quit" };
