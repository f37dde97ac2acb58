// Says in one line a kind which logs of a folder are read or left out: a server has hundreds of files of one kind.
import { basename, dirname } from "node:path";
import type { LogFormat } from "../../core/capture-event.ts";
import { readPart } from "../../sources/input/capture-kind.ts";
import { logStart, logType, readLogTypes } from "../../sources/input/log-mark.ts";
import { readLogName } from "../../sources/logs/log-name.ts";
import { peekLength, peekLog } from "../../sources/logs/peek-log.ts";

/** A log in a named folder; `format` is null for a log of Exchange that is not read. */
export interface FolderLog {
  readonly path: string;
  readonly format: LogFormat | "log-package" | null;
}

/** One line for each kind of log. */
export function logLines(logs: readonly FolderLog[]): readonly string[] {
  const kinds = new Map<string, FolderLog[]>();
  for (const log of logs) {
    const name = kindName(log);
    const known = kinds.get(name);
    if (known === undefined) kinds.set(name, [log]);
    else known.push(log);
  }
  return [...kinds].map(([name, some]) => lineOf(name, some));
}

function lineOf(name: string, logs: readonly FolderLog[]): string {
  const files = logs.length === 1 ? "1 file" : `${logs.length} files`;
  if (logs[0]?.format === null) return `${name}: ${files} left out: realmscope reads ${readLogTypes}.`;
  const missing = missingHours(logs);
  return `${name}: ${files}${missing === 0 ? "" : `, ${missing} ${missing === 1 ? "hour" : "hours"} missing`}`;
}

function kindName({ path, format }: FolderLog): string {
  switch (format) {
    case "failed-request":
      return "Failed-request traces";
    case "windows-event":
      return "Windows events";
    case "sign-in-log":
      return "Entra sign-ins";
    case "log-package":
      return "ZIP files with logs";
    case "iis-log":
      return /^#Software: Microsoft HTTP API/im.test(startOf(path)) ? "HTTPERR" : "IIS";
    case "exchange-log":
      return (logType(startOf(path)) ?? "Exchange log without a type").replace(/ Logs$/i, "");
    case null:
      return logType(startOf(path)) ?? "";
  }
}

function startOf(path: string): string {
  return logStart(readPart(path, 0, 4096));
}

const hourMs = 3_600_000;
/** A year: what is older is of another time. */
const mostHours = 24 * 366;

/** Hours without a file between the first and the last file of a folder, of all folders together. */
function missingHours(logs: readonly FolderLog[]): number {
  const folders = new Map<string, Set<number>>();
  for (const log of logs) {
    if (log.format !== "exchange-log" && log.format !== "iis-log") continue;
    const { key, from, until } = hoursOf(log);
    if (from === null) continue;
    const hours = folders.get(key) ?? new Set<number>();
    for (let at = from; at < (until ?? from + 1); at += hourMs) hours.add(Math.floor(at / hourMs));
    folders.set(key, hours);
  }
  let missing = 0;
  for (const hours of folders.values()) {
    const [first, last] = [Math.min(...hours), Math.max(...hours)];
    if (last - first < mostHours) missing += last - first + 1 - hours.size;
  }
  return missing;
}

/** The hours of a log by its name, else the one of its first row; `key` is that of its folder and series. */
function hoursOf({ path }: FolderLog): {
  readonly key: string;
  readonly from: number | null;
  readonly until: number | null;
} {
  const { startsAt, endsAt, series } = readLogName(basename(path));
  if (startsAt !== null) return { key: `${dirname(path)} ${series}`, from: startsAt, until: endsAt };
  return { key: dirname(path), from: peekLog(readPart(path, 0, peekLength)).firstAt, until: null };
}
