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
  /** `row`: what the row says, for `decode`, which shows single rows; absent where the reader drops a row before it reads all of it. */
  | { readonly kind: "dropped"; readonly row?: LogRow }
  | { readonly kind: "unreadable" };

/** Reads the rows below one header. Pure; never throws. */
export interface RowReader {
  readonly log: LogKind;
  /** Columns that judging needs and the header lacks. */
  readonly missingColumns: readonly string[];
  /** True for a line that `read` drops for certain, told by a few cells; absent where reading is as quick. */
  readonly isPlainlyDropped?: (line: string) => boolean;
  /** `line` without its line break. */
  read(line: string, place: RowPlace): RowReading;
}
