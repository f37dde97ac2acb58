// A log that is read while it is written.
import type { LogFileReport, LogKind, LogRow } from "../../core/log-row.ts";
import { LogScanner } from "./log-scanner.ts";

/** Reads the text of one log as it grows. */
export interface GrowingLog {
  /** Takes the bytes that follow those of the call before, and gives the wanted rows of whole lines; they may be overwritten afterwards. */
  take(bytes: Buffer): readonly LogRow[];
  /** Which log it is; `foreign` for another text; null when too little was read to know. */
  kind(): LogKind | "foreign" | null;
  /** What the header of a foreign log calls it; empty without one. */
  name(): string;
  /** What was read since the last report; null for nothing, and for a foreign text. */
  report(at: number): LogFileReport | null;
}

/** Opens a log at its beginning. A row that is not wanted counts as dropped. */
export function openGrowingLog(path: string, wants: (row: LogRow) => boolean): GrowingLog {
  let rows: LogRow[] = [];
  const scanner = new LogScanner({
    file: path,
    onRow(row) {
      const isWanted = wants(row);
      if (isWanted) rows.push(row);
      return isWanted;
    },
  });
  return {
    take(bytes) {
      scanner.push(bytes);
      const read = rows;
      rows = [];
      return read;
    },
    kind: () => scanner.log,
    name: () => scanner.name,
    report(at) {
      if (scanner.log === "foreign") return null;
      const report = scanner.takeReport(at);
      return report.kept + report.dropped + report.unreadable === 0 ? null : report;
    },
  };
}
