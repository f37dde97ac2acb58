// The port of the readers of rows: one a log kind.
import type { LogKind, LogRow } from "../core/log-row.ts";

/** Where a row stands. */
export interface RowPlace {
  readonly id: string;
  readonly file: string;
  readonly line: number;
}

/**
 * One row: a `LogRow`; `dropped` for a readable row that judging does not need (a probe of Exchange itself, a hop between its own
 * servers, a person's sign-in, no sign-in); `unreadable` for a torn line or one of another shape.
 */
export type RowReading =
  | { readonly kind: "row"; readonly row: LogRow }
  | { readonly kind: "dropped" }
  | { readonly kind: "unreadable" };

/** Reads the rows below one header. Pure; never throws. */
export interface RowReader {
  readonly log: LogKind;
  /** Columns that judging needs and the header lacks. */
  readonly missingColumns: readonly string[];
  /** `line` without its line break. */
  read(line: string, place: RowPlace): RowReading;
}

/** What stands above the rows of a log with columns: the `#` lines, or a bare line of column names alone. */
export interface LogHeader {
  /** Values of `#Log-type`, `#Software` and `#Version`; empty where the log has none. */
  readonly logType: string;
  readonly software: string;
  readonly version: string;
  /** Names of the columns in their order, as written: of `#Fields`, else of the bare line. */
  readonly columns: readonly string[];
}

/**
 * Chooses the reader of the rows below a header: by `logType` and `software`, else by the columns; null when no reader knows them.
 * `openRowReader` of this folder is one.
 */
export type OpenRowReader = (header: LogHeader) => RowReader | null;
