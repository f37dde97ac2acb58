// One log file that is followed: how far it is read, and what became of it.
import type { LogFileReport, LogKind, LogRow } from "../../../core/log-row.ts";
import { type GrowingLog, openGrowingLog } from "../growing-log.ts";
import { type LogName, readLogName } from "../log-name.ts";
import { fileStart, type ReadPlace, readGrowth } from "./read-growth.ts";

/** What a read changed: rows, or the fate of the file. */
export interface FileReading {
  readonly rows: readonly LogRow[];
  /** Bytes that were read. */
  readonly bytes: number;
  readonly hasMore: boolean;
  /** `rewritten`: its earlier content is gone, and it is read anew. A code: it cannot be read. */
  readonly trouble: "rewritten" | { readonly code: string } | null;
}

const nothing: FileReading = { rows: [], bytes: 0, hasMore: false, trouble: null };

export interface FilePlace {
  readonly path: string;
  /** Its name in its folder. */
  readonly name: string;
  /** Bytes from the start whose rows are not given. */
  readonly skippedTo: number;
  wants(row: LogRow, where: RowPart): boolean;
}

/** The part of a file that a row is in: before the start, after it, or in a file that was written anew and may hold rows that were read. */
export type RowPart = "skipped" | "new" | "again";

/** A retired file is read again after this time. */
const retiredMs = 60_000;

/** A file from the first time that it is seen. Its place outlives a share that goes away. */
export class FollowedFile {
  readonly path: string;
  readonly name: LogName;
  readonly #options: FilePlace;
  #text: GrowingLog;
  #place: ReadPlace = fileStart;
  #skippedTo: number;
  #isAgain = false;
  /** Reports of the content that the file had before. */
  #owed: readonly LogFileReport[] = [];
  /** The last time at which it had grown. */
  grownAt: number;
  /** A later file of its series has taken its place: it is read once a minute. */
  isRetired = false;
  #readAt = 0;

  constructor(options: FilePlace, now: number) {
    this.path = options.path;
    this.name = readLogName(options.name);
    this.#options = options;
    this.#skippedTo = options.skippedTo;
    this.grownAt = now;
    this.#text = this.#open();
  }

  #open(): GrowingLog {
    const { path, wants } = this.#options;
    // The end of the skipped part may cut a row: a row belongs to the chunk in which it ends.
    return openGrowingLog(path, (row) => {
      if (this.#isSkipping) return wants(row, "skipped");
      return wants(row, this.#isAgain ? "again" : "new");
    });
  }

  get #isSkipping(): boolean {
    return this.#place.offset < this.#skippedTo;
  }

  get kind(): LogKind | "foreign" | null {
    return this.#text.kind();
  }

  /** What the header of a foreign log calls it; empty without one. */
  get foreignName(): string {
    return this.#text.name();
  }

  /** It is given from its beginning. */
  get isNew(): boolean {
    return this.#skippedTo === 0;
  }

  isDue(now: number): boolean {
    return !this.isRetired || now - this.#readAt >= retiredMs;
  }

  /** It is read at the next turn. */
  makeDue(): void {
    this.#readAt = 0;
  }

  /** It is back after it was gone, or grew again. */
  wake(now: number): void {
    this.grownAt = now;
    this.isRetired = false;
  }

  /** What was read since the last reports. */
  takeReports(at: number): readonly LogFileReport[] {
    const last = this.#text.report(at);
    const reports = last === null ? this.#owed : [...this.#owed, last];
    this.#owed = [];
    return reports;
  }

  /** Reads at most one chunk. Never rejects. */
  async read(now: number): Promise<FileReading> {
    this.#readAt = now;
    const isSkipping = this.#isSkipping;
    const growth = await readGrowth(this.path, this.#place, isSkipping ? this.#skippedTo : undefined);
    switch (growth.kind) {
      case "none":
        return nothing;
      case "failed":
        return { ...nothing, trouble: { code: growth.code } };
      case "rewritten":
        this.#owed = this.takeReports(now);
        this.#isAgain = true;
        this.#place = fileStart;
        this.#skippedTo = 0;
        this.#text = this.#open();
        this.wake(now);
        return { ...nothing, hasMore: true, trouble: "rewritten" };
      case "bytes":
        break;
    }
    this.wake(now);
    const rows = this.#text.take(growth.bytes);
    this.#place = growth.place;
    // What was skipped is not part of what was read.
    if (isSkipping) this.#text.report(now);
    const hasMore = this.kind !== "foreign" && (growth.hasMore || isSkipping);
    return { rows, bytes: growth.bytes.length, hasMore, trouble: null };
  }
}
