// A log as text, fed line by line: a header gives a reader of rows, and a later header, perhaps with other columns, another one.
import { startExchangeReader } from "./http-proxy-row.ts";
import { isHeaderLine, type LogHeader, noHeader, readHeaderLine } from "./log-header.ts";
import { startOutboundReader } from "./outbound-row.ts";
import type { RowPlace, RowReader, RowReading } from "./row-reader.ts";
import { startW3cReader } from "./w3c-row.ts";

/** Characters of the longest line that is read. */
export const longestLine = 1024 * 1024;

export interface LogText {
  /** The header so far. */
  readonly header: LogHeader;
  /** The reader of rows below the header so far; null before a header and for a log that is not read. */
  readonly reader: RowReader | null;
  /**
   * Reads one line without its line break. `header` for a line of a header and for an empty line: neither is a row. A row without a
   * header above it, or of a log that is not read, is `unreadable`.
   */
  read(line: string, place: RowPlace): RowReading | { readonly kind: "header" };
}

/** Starts reading a log from its first line. Every line may be left out but those of headers (`isHeaderLine`). */
export function startLogText(): LogText {
  let header = noHeader;
  let reader: RowReader | null = null;
  return {
    get header() {
      return header;
    },
    get reader() {
      reader ??= readerOf(header);
      return reader;
    },
    read(given, place) {
      const line = withoutMark(given);
      if (line.trim() === "") return { kind: "header" };
      if (line.length > longestLine) return { kind: "unreadable" };
      if (isHeaderLine(line)) {
        header = readHeaderLine(header, line);
        reader = null;
        return { kind: "header" };
      }
      reader ??= readerOf(header);
      return reader?.read(line, place) ?? { kind: "unreadable" };
    },
  };
}

/** The header in the first lines of a log; `log` is null when they are not those of a log that is read. */
export function headerOfLogStart(text: string): LogHeader {
  let header = noHeader;
  for (const line of withoutMark(text).split("\n", 32)) {
    const whole = line.replace(/\r$/, "");
    if (isHeaderLine(whole)) header = readHeaderLine(header, whole);
  }
  return header;
}

function withoutMark(text: string): string {
  return text.startsWith("\uFEFF") ? text.slice(1) : text;
}

function readerOf(header: LogHeader): RowReader | null {
  if (header.columns.length === 0) return null;
  switch (header.log) {
    case "http-proxy":
    case "ews":
    case "autodiscover":
      return startExchangeReader(header, header.log);
    case "oauth-outbound":
      return startOutboundReader(header);
    case "iis":
    case "http-err":
      return startW3cReader(header, header.log);
    default:
      return null;
  }
}
