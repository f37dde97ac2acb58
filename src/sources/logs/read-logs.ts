// The face of this room: all log files of a run as one source, merged by time.
import { dirname } from "node:path";
import type { CaptureEvent, LogFormat, SourceSummary } from "../../core/capture-event.ts";
import { ToolError } from "../../core/tool-error.ts";
import type { Progress } from "../input/byte-input.ts";
import { collectProblems, type Problems } from "../input/problems.ts";
import { type LogBytes, openLogFile } from "./log-bytes.ts";
import type { LogEvent, LogFile, LogScope, OpenedLog } from "./log-file.ts";
import { mergeLogs, type WaitingLog } from "./merge-logs.ts";
import { firstTimeOf } from "./peek-log.ts";
import { readTextLog } from "./text-log.ts";

export interface LogsReading {
  /** Events in the order of time, with the ids `l1`… and `t1`…; a `log-file` event follows the last row of each file. */
  readonly batches: AsyncIterable<readonly CaptureEvent[]>;
  /** One for each folder and format, complete after the reading. */
  summaries(): readonly SourceSummary[];
  progress(): Progress;
}

/** Starts to read logs. A file that cannot be read is reported in its summary; the others are read. */
export function readLogs(
  files: readonly LogFile[],
  scope: LogScope,
  openBytes: (path: string) => Promise<LogBytes> = openLogFile,
): LogsReading {
  const reading = new Reading(scope, openBytes);
  return {
    batches: reading.read(files),
    summaries: () => reading.summaries(),
    progress: () => reading.progress(),
  };
}

interface Source {
  /** Of its first file; `folder` where it has several. */
  readonly path: string;
  readonly folder: string;
  readonly format: LogFormat;
  readonly problems: Problems;
  files: number;
  transactions: number;
  isCut: boolean;
}

const batchSize = 256;

class Reading {
  readonly #scope: LogScope;
  readonly #openBytes: (path: string) => Promise<LogBytes>;
  readonly #sources = new Map<string, Source>();
  /** Reports of files that ended, to be given out behind their last rows. */
  #ended: CaptureEvent[] = [];
  readonly #open = new Set<OpenedLog>();
  #done = 0;
  #rows = 0;
  #transactions = 0;

  constructor(scope: LogScope, openBytes: (path: string) => Promise<LogBytes>) {
    this.#scope = scope;
    this.#openBytes = openBytes;
  }

  async *read(files: readonly LogFile[]): AsyncGenerator<readonly CaptureEvent[]> {
    let batch: CaptureEvent[] = [];
    for await (const event of mergeLogs(files.map((file) => this.#waiting(file)))) {
      batch.push(...this.#ended.splice(0), this.#named(event));
      if (batch.length < batchSize) continue;
      yield batch;
      batch = [];
    }
    yield [...batch, ...this.#ended.splice(0)];
  }

  summaries(): readonly SourceSummary[] {
    return [...this.#sources.values()].map(({ path, folder, format, files, transactions, isCut, problems }) => ({
      path: files === 1 ? path : folder,
      format,
      files,
      transactions,
      truncated: isCut,
      problems: problems.lines(),
    }));
  }

  progress(): Progress {
    let done = this.#done;
    for (const log of this.#open) done += log.done();
    return { done, total: null };
  }

  #named(event: LogEvent): CaptureEvent {
    if (event.kind === "transaction") {
      this.#transactions += 1;
      return { kind: "transaction", transaction: { ...event.transaction, id: `t${this.#transactions}` } };
    }
    this.#rows += 1;
    return { kind: "log-row", row: { ...event.row, id: `l${this.#rows}` } };
  }

  #waiting(file: LogFile): WaitingLog {
    const source = this.#sourceOf(file);
    source.files += 1;
    return {
      path: file.path,
      firstAt: firstTimeOf(file) ?? Number.NEGATIVE_INFINITY,
      open: async () => {
        try {
          const log = await openLog(file, await this.#openBytes(file.path), this.#scope);
          this.#open.add(log);
          return log;
        } catch (error) {
          source.problems.add(`${JSON.stringify(file.path)} ${whyUnreadable(error)}`);
          source.isCut = true;
          return null;
        }
      },
      onEnd: (log, late) => this.#end(file, log, late),
    };
  }

  #end(file: LogFile, log: OpenedLog, late: number): void {
    const source = this.#sourceOf(file);
    const name = JSON.stringify(file.path);
    for (const problem of log.problems()) source.problems.add(`${name} ${problem}`);
    if (late > 0) source.problems.add(`${name} holds ${late} rows that are not in the order of time`);
    if (log.isCut()) {
      source.isCut = true;
      source.problems.add(`${name} became shorter while it was read`);
    }
    const report = log.report();
    if (report !== null) this.#ended.push({ kind: "log-file", report });
    if (report?.log === "failed-request") source.transactions += report.kept;
    this.#done += log.done();
    this.#open.delete(log);
  }

  #sourceOf({ path, format }: LogFile): Source {
    const folder = dirname(path);
    const key = `${format} ${folder}`;
    const known = this.#sources.get(key);
    if (known !== undefined) return known;
    const source: Source = {
      path,
      folder,
      format,
      files: 0,
      transactions: 0,
      isCut: false,
      problems: collectProblems(),
    };
    this.#sources.set(key, source);
    return source;
  }
}

/** The reader of a format; those of logs that are not lines are loaded when one is given. */
async function openLog({ path, format }: LogFile, bytes: LogBytes, scope: LogScope): Promise<OpenedLog> {
  switch (format) {
    case "failed-request":
      return (await import("./failed-request-file.ts")).readFailedRequest(bytes, { path, scope });
    case "windows-event":
    case "sign-in-log":
      return (await import("./record-log.ts")).readRecordLog(bytes, { path, scope });
    default:
      return readTextLog(bytes, { path, scope });
  }
}

function whyUnreadable(error: unknown): string {
  if (error instanceof ToolError) return error.message;
  const code: unknown = error instanceof Error && "code" in error ? error.code : undefined;
  if (typeof code !== "string") throw error;
  return code === "ENOENT" ? "does not exist any more" : `cannot be read (${code})`;
}
