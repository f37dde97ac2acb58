// Reads a whole text of a log, as a source feeds it.
import type { LogRow } from "../../src/core/log-row.ts";
import { startLogText } from "../../src/server-logs/log-text.ts";
import type { RowReading } from "../../src/server-logs/row-reader.ts";

/** Readings of every line that is not a header's, in order. */
export function readLog(text: string): readonly RowReading[] {
  const log = startLogText();
  return text.split("\n").flatMap((line, index) => {
    const reading = log.read(line.replace(/\r$/, ""), { id: `l${index + 1}`, file: "a.LOG", line: index + 1 });
    return reading.kind === "header" ? [] : [reading];
  });
}

/** The first row that became one; fails without one. */
export function firstRow(text: string): LogRow {
  const reading = readLog(text).find(({ kind }) => kind === "row");
  if (reading?.kind !== "row") throw new Error(`no row in ${JSON.stringify(readLog(text)[0])}`);
  return reading.row;
}
