// Follows the logs below some folders: each turn lists them and reads what was appended. Who calls `turn`, and when, decides the
// clock, so that a test needs none.
import { createHash } from "node:crypto";
import type { CaptureEvent } from "../../../core/capture-event.ts";
import type { LogKind, LogRow } from "../../../core/log-row.ts";
import { type RecentMap, recentMap } from "../../../core/recent-map.ts";
import { compareLogNames } from "../log-name.ts";
import type { FollowedFile, RowPart } from "./followed-file.ts";
import { FollowedFolder, type FollowRules } from "./followed-folder.ts";
import { foundLine, nothingFoundLine } from "./log-words.ts";
import { OrderedRows } from "./order-rows.ts";
import { TraceFiles } from "./trace-files.ts";

export interface FollowOptions extends Omit<FollowRules, "wants" | "takeOther"> {
  readonly folders: readonly string[];
  /** Traces of failed requests are read, too. Their transactions have the ids of captured ones, so that no proxy may run beside. */
  readonly readsTraces: boolean;
}

/** The events of one turn. */
export interface Turn {
  readonly events: readonly CaptureEvent[];
  /** A file holds more than was read: the next turn should not wait. */
  readonly hasMore: boolean;
}

/** Chunks of a file that are read before the next file has its turn, and bytes of all files in one turn. */
const chunksOfFile = 4;
const bytesOfTurn = 16 * 1024 * 1024;
/** While so many rows wait for their order, nothing more is read. */
const waitingRows = 20_000;
/** A file reports its counts after this time. */
const reportMs = 10_000;
/** Rows that are known again when their file was written anew. */
const knownRows = 10_000;
/** Codes of a file that went away between its listing and its reading: the next listing tells. */
const goneCodes = new Set(["ENOENT", "ESTALE"]);

export class LogFollower {
  readonly #folders: readonly FollowedFolder[];
  readonly #options: FollowOptions;
  readonly #rows = new OrderedRows();
  readonly #traces: TraceFiles;
  readonly #known: RecentMap<string, true> = recentMap(knownRows);
  /** Failed readings of a file in a row. */
  readonly #failures = new WeakMap<FollowedFile, number>();
  readonly #toldKinds = new Set<LogKind>();
  #isTold = false;
  #reportedAt = 0;
  #lastId = 0;

  constructor(options: FollowOptions) {
    this.#options = options;
    const rules: FollowRules = {
      ...options,
      wants: (row, part) => this.#wants(row, part),
      takeOther: (path, now) => {
        if (options.readsTraces) this.#traces.add(path, now);
      },
    };
    this.#traces = new TraceFiles(options.readsBack ? options.since : null, options.notice);
    this.#folders = options.folders.map((path) => new FollowedFolder(path, rules));
  }

  /** The next turn lists every folder, also one that is listed seldom: what it holds now is not lost with the end of the run. */
  makeAllDue(): void {
    for (const folder of this.#folders) folder.makeDue();
  }

  /** Lists and reads once. `now`: epoch milliseconds. Never rejects. */
  async turn(now: number): Promise<Turn> {
    for (const folder of this.#folders) await folder.list(now);
    const hasMore = await this.#read(now);
    for (const folder of this.#folders) folder.leaveForeign(now);
    this.#tellKinds(hasMore);
    const traces = await this.#traces.read(now);
    return { events: [...traces, ...this.#numbered(this.#rows.takeDue(now)), ...this.#reports(now)], hasMore };
  }

  /** Everything that waits, and the counts of all files. */
  takeAll(now: number): readonly CaptureEvent[] {
    this.#reportedAt = 0;
    return [...this.#numbered(this.#rows.takeAll()), ...this.#reports(now)];
  }

  /** Names each log when its first file is found, with the time that its rows may be late; says once when there is none. */
  #tellKinds(hasMore: boolean): void {
    const counts = new Map<LogKind, number>();
    for (const { kind } of this.#files()) {
      if (kind !== null && kind !== "foreign") counts.set(kind, (counts.get(kind) ?? 0) + 1);
    }
    const isFirst = !this.#isTold && !hasMore;
    const news = [...counts].filter(([kind]) => !this.#toldKinds.has(kind));
    for (const [kind] of news) this.#toldKinds.add(kind);
    if (news.length > 0) this.#options.notice(foundLine(news));
    else if (isFirst && this.#toldKinds.size === 0) {
      this.#options.notice(nothingFoundLine(this.#folders.flatMap((folder) => [...folder.foreignNames()])));
    }
    if (isFirst) this.#isTold = true;
  }

  *#files(): Generator<FollowedFile> {
    for (const folder of this.#folders) yield* folder.followed();
  }

  /** Reads all due files in turns, a few chunks each. True when the bound of one turn ended it. */
  async #read(now: number): Promise<boolean> {
    const due = [...this.#files()].filter((file) => file.isDue(now));
    let waiting: readonly FollowedFile[] = due.sort((one, other) => compareLogNames(one.name, other.name));
    let bytes = 0;
    while (waiting.length > 0) {
      const unfinished: FollowedFile[] = [];
      for (const file of waiting) {
        if (bytes >= bytesOfTurn || this.#rows.length >= waitingRows) return true;
        const { done, hasMore } = await this.#readSome(file, now);
        bytes += done;
        if (hasMore) unfinished.push(file);
      }
      waiting = unfinished;
    }
    return false;
  }

  async #readSome(file: FollowedFile, now: number): Promise<{ readonly done: number; readonly hasMore: boolean }> {
    let done = 0;
    for (let chunk = 0; chunk < chunksOfFile; chunk++) {
      const reading = await file.read(now);
      this.#tell(file, reading.trouble);
      this.#rows.add(reading.rows, now);
      done += reading.bytes;
      if (!reading.hasMore) return { done, hasMore: false };
    }
    return { done, hasMore: true };
  }

  #wants(row: LogRow, part: RowPart): boolean {
    const key = keyOf(row);
    if (part === "again" && this.#known.get(key) !== undefined) return false;
    this.#known.set(key, true);
    const { readsBack, since } = this.#options;
    return part !== "skipped" && (!readsBack || row.endedAt >= since);
  }

  #tell(file: FollowedFile, trouble: "rewritten" | { readonly code: string } | null): void {
    const name = JSON.stringify(file.path);
    const failures = this.#failures.get(file) ?? 0;
    if (trouble === "rewritten") {
      this.#options.notice(
        `${name} became shorter or was written anew; it is read from its beginning, and rows that were read are not taken again.`,
      );
    } else if (trouble === null) {
      if (failures > 1) this.#options.notice(`${name} can be read again; its rows are read from where it was left.`);
      this.#failures.delete(file);
    } else if (!goneCodes.has(trouble.code)) {
      this.#failures.set(file, failures + 1);
      // Once may be a moment: its writer held it, or its share is about to go.
      if (failures === 1)
        this.#options.notice(`${name} cannot be read (${trouble.code}); it is tried again every second.`);
    }
  }

  *#numbered(rows: readonly LogRow[]): Generator<CaptureEvent> {
    for (const row of rows) {
      this.#lastId += 1;
      yield { kind: "log-row", row: { ...row, id: `l${this.#lastId}` } };
    }
  }

  *#reports(now: number): Generator<CaptureEvent> {
    if (now - this.#reportedAt < reportMs) return;
    this.#reportedAt = now;
    for (const file of this.#files()) {
      for (const report of file.takeReports(now)) yield { kind: "log-file", report };
    }
  }
}

/** A digest of what a row says: equal for the same row of a file that was written again. */
function keyOf(row: LogRow): string {
  return createHash("sha1")
    .update(JSON.stringify({ ...row, line: 0 }))
    .digest("base64");
}
