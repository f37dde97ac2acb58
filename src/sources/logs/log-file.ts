import type { CaptureEvent, LogFormat } from "../../core/capture-event.ts";
import type { LogFileReport } from "../../core/log-row.ts";
import type { ZipMember } from "../saz/zip-archive.ts";

/** A log file of a run, or a ZIP file that may hold logs. */
export interface GivenLog {
  /** Path as it was given. */
  readonly path: string;
  readonly format: LogFormat | "log-package";
}

/** One log. */
export interface LogFile {
  /** Path as it was given; of a log in a ZIP file followed by its name there. */
  readonly path: string;
  readonly format: LogFormat;
  /** Of a log in a ZIP file. */
  readonly packed?: PackedLog;
}

/** Where a log lies in a ZIP file. */
export interface PackedLog {
  readonly archive: string;
  /** The ZIP file within the archive that holds the member; null when the archive itself does. */
  readonly inner: ZipMember | null;
  readonly member: ZipMember;
}

/** Which rows of the logs are wanted. */
export interface LogScope {
  /** Epoch milliseconds, both included; null without a bound. */
  readonly since: number | null;
  readonly until: number | null;
  /** Name of a server, in any letter case; null for all. */
  readonly server: string | null;
}

export const everyRow: LogScope = { since: null, until: null, server: null };

/** A row of a log, or the transaction of a failed-request trace. */
export type LogEvent = Extract<CaptureEvent, { kind: "log-row" | "transaction" }>;

/** The port of a log's reader. */
export interface OpenedLog {
  /** The next events in the order of the file, perhaps none; null at the end. Rejects with the file system's error or ToolError. */
  next(): Promise<readonly LogEvent[] | null>;
  /** What was read, complete at the end; null for a file without rows of its own (a failed-request trace). */
  report(): LogFileReport | null;
  /** Problems with the file, one clear line each, complete at the end. */
  problems(): readonly string[];
  /** The file was not read to the end that it had. */
  isCut(): boolean;
  /** Bytes read so far, as they are on the disk. */
  done(): number;
  close(): void;
}

/** The time at which a log's event ended, epoch milliseconds. */
export function endOf(event: LogEvent): number {
  if (event.kind === "log-row") return event.row.endedAt;
  const { startedAt, durationMs } = event.transaction;
  return Math.floor(startedAt + (durationMs ?? 0));
}

/** Whether an event lies within the scope. */
export function isInScope(event: LogEvent, { since, until, server }: LogScope): boolean {
  const end = endOf(event);
  if ((since !== null && end < since) || (until !== null && end > until)) return false;
  return server === null || event.kind !== "log-row" || isServer(event.row.server, server);
}

/** A server by its short or its whole name. A row that names no server belongs to any. */
export function isServer(name: string, wanted: string): boolean {
  const [one, other] = [name.toLowerCase(), wanted.toLowerCase()];
  return one === "" || one === other || one.startsWith(`${other}.`) || other.startsWith(`${one}.`);
}
