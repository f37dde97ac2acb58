// The summaries of the logs of a run: one for each folder and format, because a server has hundreds of files.
import { statSync } from "node:fs";
import { dirname } from "node:path";
import type { LogFormat, SourceSummary } from "../../core/capture-event.ts";
import type { LogFileReport } from "../../core/log-row.ts";
import { ToolError } from "../../core/tool-error.ts";
import { collectProblems, type Problems } from "../input/problems.ts";
import type { LogFile, OpenedLog } from "./log-file.ts";

/** Takes what became of one file. */
export interface FileRecord {
  /** The file cannot be opened or read on. Throws an error that is not the file system's. */
  fail(error: unknown): void;
  /** The file ended. `late`: rows out of the order of time. */
  end(log: OpenedLog, read: { readonly late: number; readonly report: LogFileReport | null }): void;
}

export interface LogSources {
  add(file: LogFile): FileRecord;
  /** Lines about all files. */
  note(lines: readonly string[]): void;
  /** Bytes of all files on the disk; null when unknown. */
  size(): number | null;
  summaries(): readonly SourceSummary[];
}

interface Source {
  /** Of its first file; `folder` where it has several. */
  readonly path: string;
  readonly folder: string;
  readonly format: LogFormat;
  readonly problems: Problems;
  files: number;
  transactions: number;
  unreadable: { lines: number; files: number; first: string };
  isCut: boolean;
}

export function startLogSources(): LogSources {
  const sources = new Map<string, Source>();
  let notes: readonly string[] = [];
  let size: number | null = 0;
  return {
    add(file) {
      const source = sourceOf(sources, file);
      source.files += 1;
      const bytes = file.packed?.member.packedSize ?? sizeOf(file.path);
      size = size === null || bytes === undefined ? null : size + bytes;
      return recordOf(source, file);
    },
    note(lines) {
      notes = lines;
    },
    size: () => size,
    summaries: () =>
      [...sources.values()].map((source, index) => ({
        path: source.files === 1 ? source.path : source.folder,
        files: source.files,
        format: source.format,
        transactions: source.transactions,
        truncated: source.isCut,
        problems: [...(index === 0 ? notes : []), ...source.problems.lines(), ...unreadableLine(source)],
      })),
  };
}

function sizeOf(path: string): number | undefined {
  try {
    return statSync(path).size;
  } catch {
    // Its opening says why.
    return undefined;
  }
}

function sourceOf(sources: Map<string, Source>, { path, format, packed }: LogFile): Source {
  const folder = packed?.archive ?? dirname(path);
  const key = `${format} ${folder}`;
  const source = sources.get(key) ?? {
    ...{ path, folder, format, files: 0, transactions: 0, isCut: false },
    unreadable: { lines: 0, files: 0, first: "" },
    problems: collectProblems(),
  };
  sources.set(key, source);
  return source;
}

function recordOf(source: Source, { path }: LogFile): FileRecord {
  const name = JSON.stringify(path);
  return {
    fail(error) {
      source.isCut = true;
      source.problems.add(`${name} ${whyUnreadable(error)}`);
    },
    end(log, { late, report }) {
      const isCut = log.isCut();
      source.isCut ||= isCut;
      const lines = [
        ...log.problems(),
        ...lateLine(late),
        ...(isCut ? ["became shorter while it was read, or is damaged"] : []),
      ];
      for (const line of lines) source.problems.add(`${name} ${line}`);
      if (report !== null) addReport(source, path, report);
    },
  };
}

function lateLine(rows: number): readonly string[] {
  if (rows === 0) return [];
  return [`holds ${rows === 1 ? "1 row that is" : `${rows} rows that are`} not in the order of time`];
}

function addReport(source: Source, path: string, { log, kept, unreadable: lines }: LogFileReport): void {
  if (log === "failed-request") source.transactions += kept;
  if (lines === 0) return;
  const { unreadable } = source;
  unreadable.lines += lines;
  unreadable.files += 1;
  if (unreadable.first === "" || path < unreadable.first) unreadable.first = path;
}

function unreadableLine({ unreadable: { lines, files, first } }: Source): readonly string[] {
  if (lines === 0) return [];
  const count = lines === 1 ? "1 line" : `${lines} lines`;
  const place = files === 1 ? JSON.stringify(first) : `${files} files, such as ${JSON.stringify(first)},`;
  return [`${count} of ${place} could not be read: cut, longer than 1 MB or not a row`];
}

function whyUnreadable(error: unknown): string {
  if (error instanceof ToolError) return error.message;
  const code: unknown = error instanceof Error && "code" in error ? error.code : undefined;
  if (typeof code !== "string") throw error;
  return code === "ENOENT" ? "does not exist any more" : `cannot be read (${code})`;
}
