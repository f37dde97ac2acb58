// Reads a text as a log of records, in pieces of a given length.
import type { LogRow } from "../../../src/core/log-row.ts";
import { openRecordLog } from "../../../src/server-logs/records/record-log.ts";

export interface Read {
  readonly log: string;
  readonly rows: readonly LogRow[];
  readonly dropped: number;
  readonly unreadable: number;
  readonly missingColumns: readonly string[];
  readonly localTimes: number;
}

/** Null for a text that is no such log. */
export function readRecords(text: string, piece = 1000): Read | null {
  const opened = openRecordLog(text);
  if (opened === null) return null;
  const rows: LogRow[] = [];
  const counts = { dropped: 0, unreadable: 0 };
  const take = (record: { readonly text: string | null; readonly line: number }): void => {
    for (const reading of opened.read(record, { id: "", file: "events", line: record.line })) {
      if (reading.kind === "row") rows.push(reading.row);
      else counts[reading.kind] += 1;
    }
  };
  for (let at = 0; at < text.length; at += piece)
    for (const record of opened.cutter.push(text.slice(at, at + piece))) take(record);
  for (const record of opened.cutter.end()) take(record);
  return { log: opened.log, rows, ...counts, missingColumns: opened.missingColumns, localTimes: opened.localTimes };
}
