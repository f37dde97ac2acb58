// Rows of many logs in the order of time. The files of one folder follow each other, so few are open at once: a file is opened
// when the merge reaches the time of its first row.
import type { LogEvent, OpenedLog } from "./log-file.ts";
import { endOf } from "./log-file.ts";
import { RowQueue } from "./row-queue.ts";

/** A log that waits for its turn. */
export interface WaitingLog {
  readonly path: string;
  /** Time of its first row, epoch milliseconds; -Infinity when it is not known. */
  readonly firstAt: number;
  /** Null for a log that cannot be read; the opener has said why. */
  open(): Promise<OpenedLog | null>;
  /** Called when the log cannot be read on; what was read of it counts, and `onEnd` follows. */
  onFailure(error: unknown): void;
  /** Called at the end of the log, before it is closed. `late`: rows that came too late to be put into the order of time. */
  onEnd(log: OpenedLog, late: number): void;
}

interface Reading {
  readonly waiting: WaitingLog;
  readonly log: OpenedLog;
  readonly rows: RowQueue;
}

/** The events of all logs by time; equal times by path, then by the order of the file. */
export async function* mergeLogs(logs: readonly WaitingLog[]): AsyncGenerator<LogEvent> {
  const waiting = [...logs].sort((one, other) => one.firstAt - other.firstAt || compareTexts(one.path, other.path));
  const open: Reading[] = [];
  let next = 0;
  try {
    for (;;) {
      const least = leastOf(open);
      const candidate = waiting[next];
      if (candidate !== undefined && (least === null || candidate.firstAt - slackMs <= (headOf(least) ?? 0))) {
        next += 1;
        await begin(candidate, open);
      } else if (least === null) return;
      else {
        const event = least.rows.take();
        if (event !== null) yield event;
        await fill(least, open);
      }
    }
  } finally {
    for (const { log } of open) log.close();
  }
}

/** Rows of a file may be out of order by this much. */
const slackMs = 10_000;

async function begin(waiting: WaitingLog, open: Reading[]): Promise<void> {
  const log = await waiting.open();
  if (log === null) return;
  const reading = { waiting, log, rows: new RowQueue(slackMs) };
  open.push(reading);
  await fill(reading, open);
}

/** Reads on until the next row is certain; at its end the log is closed. */
async function fill(reading: Reading, open: Reading[]): Promise<void> {
  const { log, rows, waiting } = reading;
  while (!rows.isReady()) {
    if (rows.isEnded) {
      waiting.onEnd(log, rows.late);
      log.close();
      open.splice(open.indexOf(reading), 1);
      return;
    }
    const read = await log.next().catch((error: unknown) => {
      waiting.onFailure(error);
      return null;
    });
    if (read === null) rows.end();
    else rows.add(read);
  }
}

function headOf({ rows }: Reading): number | null {
  const head = rows.head();
  return head === null ? null : endOf(head);
}

function leastOf(open: readonly Reading[]): Reading | null {
  let least: Reading | null = null;
  for (const reading of open) if (least === null || isBefore(reading, least)) least = reading;
  return least;
}

function isBefore(one: Reading, other: Reading): boolean {
  const [first, second] = [headOf(one) ?? 0, headOf(other) ?? 0];
  return first === second ? compareTexts(one.waiting.path, other.waiting.path) < 0 : first < second;
}

function compareTexts(one: string, other: string): number {
  return one < other ? -1 : Number(one > other);
}
