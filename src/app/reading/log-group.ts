// The group of all log files of a run. It has an order of its own: its rows are merged while they are read.
import type { CaptureEvent, SourceSummary } from "../../core/capture-event.ts";
import type { Progress } from "../../sources/input/byte-input.ts";
import type { GivenLog, LogScope } from "../../sources/logs/log-file.ts";
import { readLogs } from "../../sources/logs/read-logs.ts";
import type { TimedEvent } from "../../sources/time/time-reading.ts";

/** Log files that are judged as one. */
export interface LogGroup {
  readonly files: readonly GivenLog[];
  /** Null for all rows. */
  readonly scope: LogScope | null;
}

/** What `readGroup` gives. The events of logs never begin again. */
export interface LogGroupReading<Extra> {
  readonly batches: AsyncIterable<readonly TimedEvent<Extra>[]>;
  summaries(): readonly SourceSummary[];
  progress(): Progress;
}

/** Starts to read the logs; ids get the prefix. */
export function readLogGroup<Extra>(
  { files, scope }: LogGroup,
  prefix: string,
  take: (event: CaptureEvent) => Extra,
): LogGroupReading<Extra> {
  const reading = readLogs(files, scope);
  async function* read(): AsyncGenerator<readonly TimedEvent<Extra>[]> {
    let transactions = 0;
    for await (const batch of reading.batches) {
      yield batch.map((given) => {
        const event = withPrefix(given, prefix);
        const ordinal = event.kind === "transaction" ? transactions++ : null;
        return { event, extra: take(event), ordinal };
      });
    }
  }
  return { batches: read(), summaries: reading.summaries, progress: reading.progress };
}

function withPrefix(event: CaptureEvent, prefix: string): CaptureEvent {
  if (prefix === "") return event;
  if (event.kind === "log-row") return { kind: "log-row", row: { ...event.row, id: prefix + event.row.id } };
  if (event.kind !== "transaction") return event;
  const { transaction } = event;
  const { id, connection } = transaction;
  return { kind: "transaction", transaction: { ...transaction, id: prefix + id, connection: prefix + connection } };
}
