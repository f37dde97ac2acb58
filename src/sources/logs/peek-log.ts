// What the beginning of a log tells before it is read: the time of its first row, which decides when it is opened.
import { readPart } from "../input/capture-kind.ts";
import { logStart } from "../input/log-mark.ts";
import type { LogFile } from "./log-file.ts";
import { timeOfLine } from "./row-start.ts";

/** The header of HttpProxy is 4 KB. */
const peekLength = 16 * 1024;

/** Time of the first row in the first bytes of a log, epoch milliseconds; null when they hold no row. */
export function firstTimeOf({ path, format }: LogFile): number | null {
  const bytes = readPart(path, 0, peekLength);
  return format === "failed-request" ? firstTimeOfTrace(bytes) : firstTimeIn(bytes);
}

function firstTimeOfTrace(bytes: Buffer): number | null {
  const [, time = ""] = /\bSystemTime=["']([^"']{1,19})/.exec(logStart(bytes, peekLength)) ?? [];
  const at = Date.parse(`${time}Z`);
  return Number.isNaN(at) ? null : at;
}

/** The same of bytes. */
export function firstTimeIn(bytes: Buffer): number | null {
  for (const line of logStart(bytes, peekLength).split("\n")) {
    const at = timeOfLine(Buffer.from(line.slice(0, 64), "latin1"), 0);
    if (at !== null) return at;
  }
  return null;
}

/** The hour in the name that Exchange and IIS give to a log, its begin in epoch milliseconds and its length; null without one. */
export function hoursInName(path: string): { readonly from: number; readonly until: number } | null {
  const name = path.slice(Math.max(path.lastIndexOf("/"), path.lastIndexOf("\\")) + 1);
  const [, exchange] = /(?:^|\D)(20\d{8})(?:-\d{1,6})?\D{0,40}$/.exec(name) ?? [];
  if (exchange !== undefined)
    return span(`${exchange.slice(0, 4)}-${exchange.slice(4, 6)}-${exchange.slice(6, 8)}T${exchange.slice(8)}`, hourMs);
  const [, day, hour] = /^u_ex(\d{6})(\d\d)?(?:_x)?\.log$/i.exec(name) ?? [];
  if (day === undefined) return null;
  const date = `20${day.slice(0, 2)}-${day.slice(2, 4)}-${day.slice(4)}`;
  return hour === undefined ? span(`${date}T00`, 24 * hourMs) : span(`${date}T${hour}`, hourMs);
}

export const hourMs = 3_600_000;

function span(hour: string, length: number): { readonly from: number; readonly until: number } | null {
  const from = Date.parse(`${hour}:00:00Z`);
  return Number.isNaN(from) ? null : { from, until: from + length };
}
