// Which logs some folders hold: of each series of files the newest one is opened, its beginning and its end.
import { open, readdir } from "node:fs/promises";
import { join } from "node:path";
import type { LogKind } from "../../../core/log-row.ts";
import { headerOfLogStart, startLogText } from "../../../server-logs/log-text.ts";
import { logFormat, logStart } from "../../input/log-mark.ts";
import { compareLogNames, type LogName, readLogName } from "../log-name.ts";
import { timeOfLine } from "../row-start.ts";
import { codeOf } from "../tail/read-growth.ts";

/** The files of one log in one folder. */
export interface SurveyedLog {
  readonly log: LogKind;
  readonly folder: string;
  readonly files: number;
  /** Time of the newest row, epoch milliseconds; null without a row. */
  readonly newestAt: number | null;
  /** Hours or days of which the names of files tell; null where names have no time. */
  readonly span: LogSpan | null;
  /** Names of the columns in lower case. */
  readonly columns: readonly string[];
  /** Columns that judging needs and the newest file lacks. */
  readonly missingColumns: readonly string[];
}

export interface LogSpan {
  /** Begin of the first hour or day and end of the last one, epoch milliseconds. */
  readonly from: number;
  readonly until: number;
  /** Length of a file: an hour or a day, milliseconds. */
  readonly unitMs: number;
  /** Begins of the hours or days without a file between them. */
  readonly missing: readonly number[];
}

export interface LogSurvey {
  readonly logs: readonly SurveyedLog[];
  /** Folders with traces of failed requests, and how many. */
  readonly traces: readonly { readonly folder: string; readonly files: number }[];
  /** `#Log-type` or `#Software` of logs that are not read. */
  readonly foreign: readonly string[];
  /** Files and folders that cannot be read, with the code of the error. */
  readonly unreadable: readonly { readonly path: string; readonly code: string }[];
  /** There were too many folders for one survey. */
  readonly isCut: boolean;
}

const folderLimit = 2000;
const depthLimit = 8;
const headLength = 16 * 1024;
const endLength = 256 * 1024;
/** Files of a series that are opened until one shows what it is. */
const triedFiles = 3;
/** A year: what is older is of another time. */
const mostMissing = 24 * 366;

interface Findings {
  readonly logs: SurveyedLog[];
  readonly traces: { folder: string; files: number }[];
  readonly foreign: Set<string>;
  readonly unreadable: { path: string; code: string }[];
}

/** Surveys the folders and those below them. Never rejects for what it finds there. */
export async function surveyLogs(folders: readonly string[]): Promise<LogSurvey> {
  const findings: Findings = { logs: [], traces: [], foreign: new Set(), unreadable: [] };
  const waiting = folders.map((path) => ({ path, depth: 0 }));
  let done = 0;
  for (let next = waiting.shift(); next !== undefined && done < folderLimit; next = waiting.shift()) {
    done += 1;
    const { path, depth } = next;
    const below = await surveyFolder(path, findings);
    if (depth < depthLimit) waiting.push(...below.map((name) => ({ path: join(path, name), depth: depth + 1 })));
  }
  return { ...findings, foreign: [...findings.foreign], isCut: waiting.length > 0 };
}

/** Surveys one folder; gives the names of its subfolders. */
async function surveyFolder(folder: string, findings: Findings): Promise<readonly string[]> {
  try {
    const entries = await readdir(folder, { withFileTypes: true });
    const series = new Map<string, NamedFile[]>();
    for (const entry of entries) {
      if (!entry.isFile()) continue;
      const file = { name: entry.name, logName: readLogName(entry.name) };
      const known = series.get(file.logName.series);
      if (known === undefined) series.set(file.logName.series, [file]);
      else known.push(file);
    }
    const found: SurveyedSeries[] = [];
    for (const files of series.values()) {
      const surveyed = await surveySeries(folder, files, findings);
      if (surveyed !== null) found.push(surveyed);
    }
    findings.logs.push(...joinedByLog(folder, found));
    return entries.filter((entry) => entry.isDirectory()).map(({ name }) => name);
  } catch (error) {
    findings.unreadable.push({ path: folder, code: codeOf(error) });
    return [];
  }
}

interface NamedFile {
  readonly name: string;
  readonly logName: LogName;
}

interface SurveyedSeries extends Omit<SurveyedLog, "folder" | "span" | "files"> {
  readonly names: readonly LogName[];
}

/** A log; `trace` for a trace of a failed request; the name that a log that is not read has for itself; null for no log. */
type Kind = Pick<SurveyedLog, "log" | "columns" | "missingColumns"> | string | null;

/** What the newest files of a series are; null for no log. */
async function surveySeries(
  folder: string,
  files: readonly NamedFile[],
  findings: Findings,
): Promise<SurveyedSeries | null> {
  const newest = files.toSorted((one, other) => compareLogNames(other.logName, one.logName)).slice(0, triedFiles);
  let found: SurveyedSeries | null = null;
  for (const { name } of newest) {
    const path = join(folder, name);
    try {
      const { head, end } = await readEnds(path);
      const what: Kind = found ?? kindOf(head);
      if (what === "trace") {
        findings.traces.push({ folder, files: files.length });
        return null;
      }
      if (typeof what === "string") findings.foreign.add(what);
      else if (what !== null) found = { ...what, names: files.map(({ logName }) => logName), newestAt: newestIn(end) };
      if (found === null || found.newestAt !== null) break;
    } catch (error) {
      findings.unreadable.push({ path, code: codeOf(error) });
    }
  }
  return found;
}

async function readEnds(path: string): Promise<{ readonly head: Buffer; readonly end: Buffer }> {
  const file = await open(path, "r");
  try {
    const { size } = await file.stat();
    const read = async (from: number, length: number): Promise<Buffer> => {
      const target = Buffer.alloc(Math.min(length, size - from));
      if (target.length === 0) return target;
      const { bytesRead } = await file.read(target, 0, target.length, from);
      return target.subarray(0, bytesRead);
    };
    const head = await read(0, headLength);
    return { head, end: await read(Math.max(0, size - endLength), endLength) };
  } finally {
    await file.close();
  }
}

/** What a file is by its beginning. */
function kindOf(head: Buffer): Kind {
  if (logFormat(head) === "failed-request") return "trace";
  const start = logStart(head, headLength);
  const header = headerOfLogStart(start.slice(0, start.lastIndexOf("\n") + 1));
  if (header.log === null) return header.name === "" ? null : header.name;
  const text = startLogText();
  for (const line of start.split(/\r?\n/, 16)) text.read(line, { id: "", file: "", line: 1 });
  return { log: header.log, columns: header.columns, missingColumns: text.reader?.missingColumns ?? [] };
}

/** Time of the last whole row. */
function newestIn(end: Buffer): number | null {
  let lineEnd = end.lastIndexOf(10);
  while (lineEnd > 0) {
    const start = end.lastIndexOf(10, lineEnd - 1) + 1;
    const at = timeOfLine(end, start);
    if (at !== null) return at;
    lineEnd = start - 1;
  }
  return null;
}

/** The series of one log in a folder as one: OAuthOutbound has one for each process. */
function joinedByLog(folder: string, found: readonly SurveyedSeries[]): readonly SurveyedLog[] {
  const byLog = new Map<LogKind, SurveyedSeries[]>();
  for (const one of found) byLog.set(one.log, [...(byLog.get(one.log) ?? []), one]);
  return [...byLog].map(([log, series]) => {
    const names = series.flatMap((one) => one.names);
    const times = series.flatMap(({ newestAt }) => (newestAt === null ? [] : [newestAt]));
    return {
      log,
      folder,
      files: names.length,
      newestAt: times.length === 0 ? null : Math.max(...times),
      span: spanOf(names),
      columns: series[0]?.columns ?? [],
      missingColumns: [...new Set(series.flatMap((one) => one.missingColumns))],
    };
  });
}

function spanOf(names: readonly LogName[]): LogSpan | null {
  const begins = new Set(names.flatMap(({ startsAt }) => (startsAt === null ? [] : [startsAt])));
  const [first] = names.filter(({ startsAt }) => startsAt !== null);
  if (first?.startsAt == null || first.endsAt === null) return null;
  const unitMs = first.endsAt - first.startsAt;
  const sorted = [...begins].sort((one, other) => one - other);
  const [from = 0, last = 0] = [sorted[0], sorted.at(-1)];
  const missing: number[] = [];
  for (let at = from + unitMs; at < last && missing.length < mostMissing; at += unitMs)
    if (!begins.has(at)) missing.push(at);
  return { from, until: last + unitMs, unitMs, missing };
}
