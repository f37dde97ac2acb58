// The messages between the capturing process and the screen's process. All values can be cloned (structured clone).
import type { HttpTransaction } from "../../core/http-transaction.ts";
import type { LogRow } from "../../core/log-row.ts";
import type { Analysis } from "../../diagnosis/analysis.ts";
import type { FilterSubject } from "../../filter/subject.ts";
import type { Redacted } from "../../sanitising/sanitise.ts";

export type ScreenMode = "demo" | "live" | "attached" | "replay" | "setup";

/** `auto`: a clipboard program on a local terminal, else the terminal itself (OSC 52). */
export const copyWays = ["auto", "native", "osc52", "off"] as const;
export type CopyWay = (typeof copyWays)[number];

/** Settings of the command line and of realmscope.config.json. */
export interface ScreenSettings {
  readonly theme: string;
  readonly isAscii: boolean;
  /** Keys by command name; they replace the default keys of that command. */
  readonly keys: Readonly<Record<string, readonly string[]>>;
  readonly copy?: CopyWay;
  /** Ring at the first bad verdict of each kind. */
  readonly hasBell?: boolean;
  /** No clock and no rate, so that nothing changes without traffic. */
  readonly isQuiet?: boolean;
}

/** Requests that are pending for a second or more: those without an answer first, then the oldest first. */
export interface PendingRows {
  readonly rows: readonly FilterSubject[];
  /** How many more are pending. */
  readonly more: number;
}

/** A line of a log file, made safe. */
export interface LogLine {
  /** From 1. */
  readonly number: number;
  readonly isHeader: boolean;
  /** Cells by the names of their columns; empty cells are left out. */
  readonly cells: readonly (readonly [column: string, value: string])[];
}

/** A row of a log for the detail part. */
export interface LogDetail {
  /** Sanitised. */
  readonly row: LogRow;
  /** The file as it was given, on this machine. */
  readonly file: string;
  /** The row's line and those around it, read again; null when the file cannot be read again. */
  readonly lines: readonly LogLine[] | null;
}

export type ToScreen =
  | { readonly type: "hello"; readonly title: string; readonly mode: ScreenMode; readonly settings?: ScreenSettings }
  /** Rows in order of arrival; `lost` counts the rows that were dropped because the screen was too slow. */
  | { readonly type: "rows"; readonly rows: readonly FilterSubject[]; readonly lost: number }
  /** The saved capture is not in order of time: the screen drops all rows, and they are sent again. */
  | { readonly type: "restart" }
  /** All pending requests; replaces the list before. */
  | ({ readonly type: "waiting" } & PendingRows)
  | { readonly type: "analysis"; readonly analysis: Analysis }
  | { readonly type: "notice"; readonly text: string }
  /** How much of a saved capture has been read, 0 to 1. */
  | { readonly type: "reading"; readonly part: number }
  /** The capture has ended; the screen stays until the person leaves. */
  | { readonly type: "ended" }
  | { readonly type: "setup"; readonly progress: SetupProgress }
  | {
      readonly type: "detail";
      readonly id: string;
      /** Null when it is no longer available. */
      readonly transaction: Redacted<HttpTransaction> | null;
      /** Of a row of a log, in place of the transaction. */
      readonly log?: LogDetail;
    }
  /** The request as on the wire but without passwords; null when it is not in memory. Never stored. */
  | { readonly type: "unmasked"; readonly id: string; readonly transaction: HttpTransaction | null }
  /** Rows whose header fields or bodies match the filter `text`; more may follow until another search. */
  | {
      readonly type: "found";
      readonly text: string;
      readonly ids: readonly string[];
      /** The searched part of what has been captured, 0 to 1. */
      readonly part: number;
    };

export type ExportFormat = "har" | "ndjson" | "saz" | "html" | "markdown" | "ticket" | "curl";

export type FromScreen =
  | { readonly type: "ready" }
  | { readonly type: "want-detail"; readonly id: string }
  | { readonly type: "want-unmasked"; readonly id: string }
  /** Search header fields and bodies for this filter; an empty text ends the search. */
  | { readonly type: "search"; readonly text: string }
  /** Write a safe copy of these rows to `path`, or into the data folder when it is empty; the answer is a notice. */
  | { readonly type: "export"; readonly as: ExportFormat; readonly ids: readonly string[]; readonly path: string }
  /** End the capture, not only this screen. */
  | { readonly type: "stop-capture" };

/** One step of a setup as drawn by the screen. */
export interface SetupStep {
  readonly id: string;
  readonly title: string;
  readonly state: "waiting" | "running" | "done" | "skipped" | "failed" | "undone";
  /** What the step waits for, has found or failed at; may be empty. */
  readonly note: string;
  readonly seconds: number | null;
}

export interface SetupProgress {
  readonly title: string;
  readonly steps: readonly SetupStep[];
}
