// What the capturing process and the screen's process tell each other. Everything can be copied.
import type { HttpTransaction } from "../../core/http-transaction.ts";
import type { Analysis } from "../../diagnosis/analysis.ts";
import type { FilterSubject } from "../../filter/subject.ts";
import type { Redacted } from "../../sanitising/sanitise.ts";

export type ScreenMode = "demo" | "live" | "attached" | "replay" | "setup";

/** `auto`: by a program of this machine where the person sits at it, else through the terminal (OSC 52). */
export const copyWays = ["auto", "native", "osc52", "off"] as const;
export type CopyWay = (typeof copyWays)[number];

/** What a person has chosen for every screen: of the command line and realmscope.config.json. */
export interface ScreenSettings {
  readonly theme: string;
  readonly isAscii: boolean;
  /** Keys by the name of the command, instead of those of the table. */
  readonly keys: Readonly<Record<string, readonly string[]>>;
  readonly copy?: CopyWay;
  /** Ring when a verdict turns bad. */
  readonly hasBell?: boolean;
  /** Nothing that changes by itself: no clock, no rate. */
  readonly isQuiet?: boolean;
}

/** Requests that have had no end for a second or more: those without an answer first, of each kind the oldest. */
export interface PendingRows {
  readonly rows: readonly FilterSubject[];
  /** How many more there are. */
  readonly more: number;
}

export type ToScreen =
  | { readonly type: "hello"; readonly title: string; readonly mode: ScreenMode; readonly settings?: ScreenSettings }
  /** Rows in the order they came; `lost` counts those that never reach the screen because it was too slow. */
  | { readonly type: "rows"; readonly rows: readonly FilterSubject[]; readonly lost: number }
  /** A saved capture is not in the order of time: all rows are forgotten and come again. */
  | { readonly type: "restart" }
  /** All that wait now, instead of those told before. */
  | ({ readonly type: "waiting" } & PendingRows)
  | { readonly type: "analysis"; readonly analysis: Analysis }
  | { readonly type: "notice"; readonly text: string }
  /** How much of a saved capture has been read, 0 to 1. */
  | { readonly type: "reading"; readonly part: number }
  /** The capture is over; the screen stays until the person leaves. */
  | { readonly type: "ended" }
  | { readonly type: "setup"; readonly progress: SetupProgress }
  | {
      readonly type: "detail";
      readonly id: string;
      /** Null when it is no longer at hand. */
      readonly transaction: Redacted<HttpTransaction> | null;
    }
  /** As it was on the wire, from memory, passwords left out; null when it is not in memory. Never kept, never written. */
  | { readonly type: "unmasked"; readonly id: string; readonly transaction: HttpTransaction | null }
  /** Rows whose header fields or bodies fit the filter that was asked for; more may come until another one is asked for. */
  | {
      readonly type: "found";
      readonly text: string;
      readonly ids: readonly string[];
      /** Of what is there now, 0 to 1. */
      readonly part: number;
    };

export type ExportFormat = "har" | "ndjson" | "saz" | "html" | "markdown" | "ticket" | "curl";

export type FromScreen =
  | { readonly type: "ready" }
  | { readonly type: "want-detail"; readonly id: string }
  | { readonly type: "want-unmasked"; readonly id: string }
  /** Look through header fields and bodies; an empty text ends it. */
  | { readonly type: "search"; readonly text: string }
  /** Write these rows, made safe, into a file of the data folder (or the one named); the answer is a notice. */
  | { readonly type: "export"; readonly as: ExportFormat; readonly ids: readonly string[]; readonly path: string }
  /** The capture itself shall end, not only this screen. */
  | { readonly type: "stop-capture" };

/** One step of a setup as the screen draws it: plain data, whatever runs the steps. Texts are ours or safe to escape. */
export interface SetupStep {
  readonly id: string;
  readonly title: string;
  readonly state: "waiting" | "running" | "done" | "skipped" | "failed" | "undone";
  /** What it waits for, found or failed at; empty when there is nothing to say. */
  readonly note: string;
  readonly seconds: number | null;
}

export interface SetupProgress {
  readonly title: string;
  readonly steps: readonly SetupStep[];
}
