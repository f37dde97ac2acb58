// What is read of a row that is not split: its time, and single cells of the first row of a file.
import { isKnownTime } from "../../core/capture-time.ts";
import { hostOf } from "../../server-logs/cell-values.ts";
import { csvCells } from "../../server-logs/csv-cells.ts";

/** The time at the beginning of a row, `2026-11-30T08:00:00.123Z` or `2026-11-30 08:00:00`, as epoch milliseconds; null without one. */
export function timeOfLine(bytes: Buffer, start: number): number | null {
  const text = bytes.toString("latin1", start, start + 40);
  const [, day, time] = /^"?(\d{4}-\d\d-\d\d)[T ](\d\d:\d\d:\d\d(?:\.\d{1,3})?)/.exec(text) ?? [];
  const at = Date.parse(`${day}T${time}Z`);
  return isKnownTime(at) ? at : null;
}

/** A cell by the name of its column in lower case; empty when the header lacks the column. */
export function cellOf(columns: readonly string[], line: string, name: string): string {
  const place = columns.indexOf(name);
  return place === -1 ? "" : ((line.includes(",") ? csvCells(line) : line.split(" "))?.[place] ?? "").slice(0, 255);
}

/** The server that wrote a row, in lower case; empty when the row does not name it. */
export function serverOf(columns: readonly string[], line: string): string {
  return hostOf(cellOf(columns, line, "serverhostname") || cellOf(columns, line, "s-computername"));
}
