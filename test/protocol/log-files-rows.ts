// Facts of log files as files: what they are known by, how they end, and how they are handed over.
import { section } from "./protocol-row.ts";

const mark = "sources/input/log-mark";
const reading = "sources/logs/read-logs";
const merging = "sources/logs/merge-logs";

export const logFilesRows = section("Log files", [
  [
    "P",
    "A W3C log of IIS begins with #Software: Microsoft Internet Information Services",
    mark,
    "IIS",
    [mark, "(?:Internet Information Services|HTTP API)", "(?:Internet Services|HTTP API)"],
  ],
  [
    "P",
    "A log of HTTP.sys begins with #Software: Microsoft HTTP API 2.0",
    mark,
    "HTTPERR",
    [mark, "(?:Internet Information Services|HTTP API)", "(?:Internet Information Services|HTTP Server)"],
  ],
  [
    "PW",
    "The root of a failed-request trace is failedRequest, below a style sheet",
    mark,
    "a failed-request trace with its style sheet",
    ["server-logs/records/record-mark", "<\\?[^>]{0,400}\\?>|", "<\\?[^>]{0,20}\\?>|"],
  ],
  [
    "W",
    "The bare line of column names may be the whole header",
    mark,
    "a line of column names alone",
    [mark, '"?(?:DateTime|date-time)"?,', '"?(?:date-time)"?,'],
  ],
  [
    "D",
    "Only a line that ends was written whole",
    reading,
    "a last line without a line end is torn, whatever it holds",
    ["sources/logs/log-scanner", "if (this.#carryLength > 0) this.#counts.unreadable += 1;", ""],
  ],
  [
    "D",
    "A log is named after its UTC hour, and a second file of the hour has -2",
    merging,
    "a window of time and a server choose files by their names and rows by their times",
    ["sources/logs/log-name", "Number(hour ?? 0));", "0);"],
  ],
  [
    "P",
    "A package of Microsoft's support holds the logs of one kind in a ZIP file of their own",
    "sources/logs/zip-package",
    "a ZIP file in a ZIP file is opened",
    ["sources/logs/zip-package", "isZip(start) && place.inner === null", "isZip(start) && place.inner !== null"],
  ],
]);
