// What the beginning of a log tells before it is read: the time of its first row, which decides when it is opened, and its server.
import { isHeaderLine, noHeader, readHeaderLine } from "../../server-logs/log-header.ts";
import { logStart } from "../input/log-mark.ts";
import { serverOf, timeOfLine } from "./row-start.ts";

/** The header of HttpProxy is 4 KB. */
export const peekLength = 16 * 1024;

/** What the first bytes of a log tell. */
export interface LogPeek {
  /** Time of the first row, epoch milliseconds; null when no row is in these bytes. */
  readonly firstAt: number | null;
  /** The server that wrote the first row; empty when it is not shown. */
  readonly server: string;
}

/** Reads the first bytes of a log of lines. */
export function peekLog(bytes: Buffer): LogPeek {
  let header = noHeader;
  for (const line of logStart(bytes, peekLength).split("\n")) {
    if (isHeaderLine(line)) {
      header = readHeaderLine(header, line.trimEnd());
      continue;
    }
    const firstAt = timeOfLine(Buffer.from(line.slice(0, 64), "latin1"), 0);
    if (firstAt !== null) return { firstAt, server: serverOf(header.columns, line.trimEnd()) };
  }
  return { firstAt: null, server: "" };
}
