// A log of lines (Exchange, IIS, HTTPERR) as a source of rows.
import type { LogBytes } from "./log-bytes.ts";
import { isInScope, type LogEvent, type LogScope, type OpenedLog } from "./log-file.ts";
import { LogScanner } from "./log-scanner.ts";

export interface TextLogOptions {
  readonly path: string;
  readonly scope: LogScope;
}

/** Reads rows from the bytes of a log. */
export function readTextLog(bytes: LogBytes, { path, scope }: TextLogOptions): OpenedLog {
  let events: LogEvent[] = [];
  const scanner = new LogScanner({
    file: path,
    onRow(row) {
      const event: LogEvent = { kind: "log-row", row };
      const isWanted = isInScope(event, scope);
      if (isWanted) events.push(event);
      return isWanted;
    },
  });
  return {
    async next() {
      const chunk = await bytes.next();
      if (chunk === null) {
        scanner.end();
        return null;
      }
      scanner.push(chunk);
      const read = events;
      events = [];
      return read;
    },
    report: () => scanner.takeReport(0),
    problems: () => [],
    isCut: () => bytes.isCut(),
    done: () => bytes.done(),
    close: () => bytes.close(),
  };
}
