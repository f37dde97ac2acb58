// Which times and columns the read logs cover: what is missing proves nothing. Bounded by the number of folders and hours.
import type { LogFileReport } from "../../core/log-row.ts";
import type { Finding } from "../catalogue/finding.ts";
import { type AnyLog, logNames } from "./log-names.ts";

export interface LogCoverage {
  add(report: LogFileReport): void;
  findings(): readonly Finding[];
}

/** One log of one server in one folder. Mutable on purpose. */
interface Folder {
  readonly server: string;
  readonly log: AnyLog;
  /** Hours with rows, counted from the epoch. */
  readonly hours: Set<number>;
  readonly columns: Set<string>;
  unreadable: number;
  newest: number | null;
}

const folderLimit = 256;
/** Two months of hours: older files are deleted by age. */
const hourLimit = 1_500;
const columnLimit = 32;
const hourMs = 3_600_000;

/** Logs of Exchange that its own probes keep filling, an hour a file. */
const filledEveryHour: ReadonlySet<AnyLog> = new Set<AnyLog>(["http-proxy", "ews", "autodiscover"]);

/** Starts without files. */
export function startLogCoverage(): LogCoverage {
  const folders = new Map<string, Folder>();
  const folderOf = ({ server, log, file }: LogFileReport): Folder | null => {
    const key = `${log}\n${server}\n${file.replace(/[^/\\]*$/, "")}`;
    const known = folders.get(key);
    if (known !== undefined || folders.size >= folderLimit) return known ?? null;
    const folder: Folder = { server, log, hours: new Set(), columns: new Set(), unreadable: 0, newest: null };
    folders.set(key, folder);
    return folder;
  };
  return {
    add(report) {
      const folder = folderOf(report);
      if (folder === null) return;
      folder.unreadable += report.unreadable;
      for (const column of report.missingColumns) if (folder.columns.size < columnLimit) folder.columns.add(column);
      const { firstAt, lastAt } = report;
      if (firstAt === null || lastAt === null) return;
      folder.newest = Math.max(folder.newest ?? lastAt, lastAt);
      const last = Math.floor(lastAt / hourMs);
      for (let hour = Math.floor(firstAt / hourMs); hour <= last && folder.hours.size < hourLimit; hour += 1)
        folder.hours.add(hour);
    },
    findings() {
      const all = [...folders.values()];
      return [...all.flatMap(gapsOf), ...staleOf(all)];
    },
  };
}

function gapsOf({ server: host, log, hours, columns, unreadable }: Folder): readonly Finding[] {
  const none = { code: "LOG_GAP", host, log: logNames[log], hours: 0, from: 0, columns: "", lines: 0 } as const;
  const findings: Finding[] = [];
  const missing = filledEveryHour.has(log) ? missingHours(hours) : [];
  const [first] = missing;
  if (first !== undefined) findings.push({ ...none, how: "hours", hours: missing.length, from: first * hourMs });
  if (columns.size > 0) findings.push({ ...none, how: "columns", columns: [...columns].sort().join(", ") });
  if (unreadable > 0) findings.push({ ...none, how: "lines", lines: unreadable });
  return findings;
}

function missingHours(hours: ReadonlySet<number>): readonly number[] {
  const sorted = [...hours].sort((one, other) => one - other);
  const missing: number[] = [];
  for (const [index, hour] of sorted.entries()) {
    const next = sorted[index + 1] ?? hour;
    for (let between = hour + 1; between < next && missing.length < hourLimit; between += 1) missing.push(between);
  }
  return missing;
}

/** A log of Exchange that ends before the IIS log of the same server; IIS names its server only where that column is on. */
function staleOf(all: readonly Folder[]): readonly Finding[] {
  const servers = new Set(all.map(({ server }) => server).filter((server) => server !== ""));
  return all.flatMap((folder): readonly Finding[] => {
    const { server: host, log, newest } = folder;
    if (!filledEveryHour.has(log) || newest === null) return [];
    const isNewest = all.every((other) => other.log !== log || other.server !== host || (other.newest ?? 0) <= newest);
    const ofServer = all.filter(
      (other) =>
        other.log === "iis" && (isSameServer(other.server, host) || (other.server === "" && servers.size <= 1)),
    );
    const until = Math.max(...ofServer.map((other) => other.newest ?? 0), 0);
    if (!isNewest || until - newest <= hourMs) return [];
    return [{ code: "LOG_STALE", host, log: logNames[log], newest, until }];
  });
}

/** A name with its domain and one without are of the same server. */
function isSameServer(one: string, other: string): boolean {
  const [short = "", shortOther = ""] = [one.split(".")[0]?.toLowerCase(), other.split(".")[0]?.toLowerCase()];
  return short !== "" && short === shortOther;
}
