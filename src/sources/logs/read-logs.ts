// The face of this room: all log files of a run as one source, merged by time.
import type { CaptureEvent, SourceSummary } from "../../core/capture-event.ts";
import type { Progress } from "../input/byte-input.ts";
import { type ChosenLog, chooseLogs } from "./choose-logs.ts";
import { type LogBytes, openLogBytes } from "./log-bytes.ts";
import { everyRow, type GivenLog, type LogEvent, type LogFile, type LogScope, type OpenedLog } from "./log-file.ts";
import { startLogSources } from "./log-sources.ts";
import { mergeLogs, type WaitingLog } from "./merge-logs.ts";
import { readTextLog } from "./text-log.ts";

export interface LogsReading {
  /** Events in the order of time, with the ids `l1`… and `t1`…; a `log-file` event follows the last row of each file. Throws ToolError. */
  readonly batches: AsyncIterable<readonly CaptureEvent[]>;
  /** One for each folder and format, complete after the reading. */
  summaries(): readonly SourceSummary[];
  progress(): Progress;
}

/**
 * Starts to read logs. `scope` is null for all rows. A file that cannot be read is reported in its summary; the others are read.
 */
export function readLogs(
  files: readonly GivenLog[],
  scope: LogScope | null,
  openBytes: (file: LogFile) => Promise<LogBytes> = openLogBytes,
): LogsReading {
  const reading = new Reading(scope ?? everyRow, openBytes);
  return {
    batches: reading.read(files),
    summaries: () => reading.sources.summaries(),
    progress: () => reading.progress(),
  };
}

const batchSize = 256;

class Reading {
  readonly sources = startLogSources();
  readonly #scope: LogScope;
  readonly #openBytes: (file: LogFile) => Promise<LogBytes>;
  /** Reports of files that ended, to be given out behind their last rows. */
  #ended: CaptureEvent[] = [];
  readonly #open = new Set<OpenedLog>();
  #done = 0;
  #rows = 0;
  #transactions = 0;

  constructor(scope: LogScope, openBytes: (file: LogFile) => Promise<LogBytes>) {
    this.#scope = scope;
    this.#openBytes = openBytes;
  }

  async *read(files: readonly GivenLog[]): AsyncGenerator<readonly CaptureEvent[]> {
    const { logs, notes } = await chooseLogs(files, this.#scope);
    const waiting = logs.map((log) => this.#waiting(log));
    this.sources.note(notes);
    let batch: CaptureEvent[] = [];
    for await (const event of mergeLogs(waiting)) {
      batch.push(...this.#ended.splice(0), this.#named(event));
      if (batch.length < batchSize) continue;
      yield batch;
      batch = [];
    }
    yield [...batch, ...this.#ended.splice(0)];
  }

  progress(): Progress {
    let done = this.#done;
    for (const log of this.#open) done += log.done();
    return { done, total: this.sources.size() };
  }

  #named(event: LogEvent): CaptureEvent {
    if (event.kind === "transaction") {
      this.#transactions += 1;
      return { kind: "transaction", transaction: { ...event.transaction, id: `t${this.#transactions}` } };
    }
    this.#rows += 1;
    return { kind: "log-row", row: { ...event.row, id: `l${this.#rows}` } };
  }

  #waiting({ file, firstAt }: ChosenLog): WaitingLog {
    const source = this.sources.add(file);
    return {
      path: file.path,
      firstAt,
      open: async () => {
        try {
          const log = await openLog(file, await this.#openBytes(file), this.#scope);
          this.#open.add(log);
          return log;
        } catch (error) {
          source.fail(error);
          return null;
        }
      },
      onFailure: (error) => source.fail(error),
      onEnd: (log, late) => {
        const report = log.report();
        source.end(log, { late, report });
        if (report !== null) this.#ended.push({ kind: "log-file", report });
        this.#done += log.done();
        this.#open.delete(log);
      },
    };
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
