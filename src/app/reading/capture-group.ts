// One or more capture files that are judged as one, read in the order of time.
import { statSync } from "node:fs";
import type { CaptureEvent, SourceSummary } from "../../core/capture-event.ts";
import type { HttpTransaction } from "../../core/http-transaction.ts";
import { ToolError } from "../../core/tool-error.ts";
import type { FileAnalysisOptions } from "../../diagnosis/analyze-file.ts";
import type { Progress } from "../../sources/input/byte-input.ts";
import type { Capture, FilePlace, Provenance } from "../../sources/input/capture.ts";
import { isOfLogs, kindOfFile } from "../../sources/input/capture-kind.ts";
import type { Spool } from "../../sources/input/spool.ts";
import type { WantedFields } from "../../sources/json/header-names.ts";
import type { GivenLog, LogScope } from "../../sources/logs/log-file.ts";
import { openCapture } from "../../sources/open-capture.ts";
import { readInTimeOrder, restartMarker } from "../../sources/time/read-in-time-order.ts";
import type { TimedCapture, TimedEvent } from "../../sources/time/time-reading.ts";
import type { LogGroup } from "./log-group.ts";

/** One or more files that are judged as one capture. */
export interface CaptureGroup {
  readonly files: readonly GroupFile[];
  /** Prefix of the group's handshake ids (`f2.`); empty where there is one group. */
  readonly prefix: string;
  /** All files are judged as one capture. */
  readonly isTogether: boolean;
  /** The group is that of the logs of the run; `files` is empty. */
  readonly logs?: LogGroup;
}

interface GroupFile {
  readonly path: string;
  /** From 1, for the ids (`f2.t7`); null where only one file is read. */
  readonly number: number | null;
}

/** The groups of some files: one a capture, or one for all captures; then one for all logs. */
export function groupsOf(
  files: readonly string[],
  isTogether: boolean,
  scope: LogScope | null = null,
): readonly CaptureGroup[] {
  const { captures, logs } = partOf(files);
  const isOne = captures.length + Math.min(1, logs.length) === 1;
  const numbered = captures.map((path, index) => ({ path, number: isOne ? null : index + 1 }));
  const logGroup = logs.length === 0 ? [] : [groupOfLogs({ files: logs, scope }, isOne ? null : captures.length + 1)];
  if (isTogether && captures.length > 0) return [{ files: numbered, prefix: "", isTogether: true }, ...logGroup];
  const alone = numbered.map((file) => ({
    files: [file],
    prefix: file.number === null ? "" : `f${file.number}.`,
    isTogether: false,
  }));
  return [...alone, ...logGroup];
}

/** Groups that are judged as if no other were read: one a capture, and one for all logs. */
export function separateGroups(files: readonly string[], scope: LogScope | null): readonly CaptureGroup[] {
  const { captures, logs } = partOf(files);
  return [...captures.map(singleFile), ...(logs.length === 0 ? [] : [groupOfLogs({ files: logs, scope }, null)])];
}

/** The captures and the logs of some files, which are told apart by their content. */
function partOf(files: readonly string[]): {
  readonly captures: readonly string[];
  readonly logs: readonly GivenLog[];
} {
  const captures: string[] = [];
  const logs: GivenLog[] = [];
  for (const path of files) {
    const kind = path === "-" ? null : kindOfFile(path);
    if (isOfLogs(kind)) logs.push({ path, format: kind });
    else captures.push(path);
  }
  return { captures, logs };
}

function groupOfLogs(logs: LogGroup, number: number | null): CaptureGroup {
  return { files: [], prefix: number === null ? "" : `f${number}.`, isTogether: false, logs };
}

/** The options of the analysis that follow from the group. */
export function judgingOptions(group: CaptureGroup): Required<Pick<FileAnalysisOptions, "prefix" | "name" | "isOne">> {
  return { prefix: group.prefix, name: groupName(group), isOne: group.isTogether };
}

/** The captures of some groups by the numbers in their ids: `f2.t7` is of the second. None where there is one. */
export function captureNames(groups: readonly CaptureGroup[]): readonly string[] {
  const names = groups.flatMap((group) =>
    group.logs === undefined ? group.files.map(({ path }) => path) : [groupName(group)],
  );
  return names.length > 1 ? names : [];
}

/** A group of one file, judged as if no other were read. */
export function singleFile(path: string): CaptureGroup {
  return { files: [{ path, number: null }], prefix: "", isTogether: false };
}

/** The name of a group in messages. */
export function groupName({ files, logs }: CaptureGroup): string {
  if (logs !== undefined) return logsName(logs);
  return files.map(({ path }) => path).join(" + ");
}

export interface GroupReading<Extra> {
  /** The events in the order of time; `again` says that they begin from the start. Throws ToolError. */
  readonly batches: AsyncIterable<readonly TimedEvent<Extra>[] | typeof restartMarker>;
  /** The summary of each file, complete after the reading. */
  summaries(): readonly SourceSummary[];
  /** Progress of the current reading. */
  progress(): Progress;
}

export interface GroupOptions<Extra> {
  /** Returns what goes with an event; called before the next event is read. */
  take(event: CaptureEvent, capture: GroupCapture): Extra;
  readonly spool?: Spool | null;
  /** The header fields to read; whole transactions when left out. */
  readonly wanted?: WantedFields;
  /** Bytes of an event in memory while it waits. */
  weigh?(event: CaptureEvent): number;
  /** An earlier reading found that the files are not in order: then `again` never comes. */
  readonly isUnordered?: boolean;
  /** First letter of the ids of several files; `f` when left out. */
  readonly letter?: "f" | "m";
}

/** Starts to read a group. */
export function readGroup<Extra>(group: CaptureGroup, options: GroupOptions<Extra>): GroupReading<Extra> {
  const { spool = null, wanted = null, weigh, isUnordered = false, letter = "f" } = options;
  const openFiles = (): GroupCapture => new GroupCapture(group, (path) => openCapture(path, spool, wanted), letter);
  let opened = openFiles();
  if (group.logs !== undefined) return readLogs(group.logs, group.prefix, (event) => options.take(event, opened));
  let whole: GroupCapture | null = null;
  return {
    batches: readInTimeOrder<Extra>({
      name: group.files.map(({ path }) => (path === "-" ? "Standard input" : JSON.stringify(path))).join(" + "),
      open() {
        opened = openFiles();
        return opened.begin();
      },
      canReopen: group.files.every(({ path }) => canReopen(path, spool)),
      isKnownToBeUnordered: isUnordered,
      take: (event) => options.take(event, opened),
      onEnd() {
        whole = opened;
      },
      ...(weigh === undefined ? {} : { weigh }),
    }),
    summaries: () => (whole ?? opened).summaries(),
    progress: () => opened.progress(),
  };
}

/** The reader of logs is loaded for runs that are given logs. */
function readLogs<Extra>(logs: LogGroup, prefix: string, take: (event: CaptureEvent) => Extra): GroupReading<Extra> {
  let reading: GroupReading<Extra> | null = null;
  async function* read(): GroupReading<Extra>["batches"] {
    const { readLogGroup } = await import("./log-group.ts");
    reading = readLogGroup(logs, prefix, take);
    yield* reading.batches;
  }
  return {
    batches: read(),
    summaries: () => reading?.summaries() ?? [],
    progress: () => reading?.progress() ?? { done: 0, total: null },
  };
}

function logsName({ files }: LogGroup): string {
  return files.length === 1 ? (files[0]?.path ?? "") : `logs (${files.length} files)`;
}

/**
 * Reads a group to its end. `start` returns the consumer of the events; it is called again when they begin from the start, and
 * the earlier consumer's results are void. Throws ToolError.
 */
export async function readInto(
  group: CaptureGroup,
  start: () => (event: TimedEvent<null>) => Promise<void> | void,
  spool: Spool | null = null,
): Promise<readonly SourceSummary[]> {
  const reading = readGroup(group, { take: () => null, spool });
  let accept = start();
  for await (const batch of reading.batches) {
    if (batch === restartMarker) accept = start();
    else for (const one of batch) await accept(one);
  }
  return reading.summaries();
}

/** A pipe can be read only once. */
function canReopen(path: string, spool: Spool | null): boolean {
  if (path === "-") return spool !== null;
  return statSync(path, { throwIfNoEntry: false })?.isFile() ?? true;
}

/** The files of a group as one capture, one after the other. */
export class GroupCapture {
  readonly #files: readonly GroupFile[];
  readonly #open: (path: string) => Promise<Capture>;
  /** The opened files; the last is being read. */
  readonly #captures: Capture[] = [];
  readonly #letter: "f" | "m";
  #said: Provenance = { isNamed: true, isTimed: true };

  constructor({ files }: CaptureGroup, open: (path: string) => Promise<Capture>, letter: "f" | "m") {
    this.#files = files;
    this.#open = open;
    this.#letter = letter;
  }

  /** The file that is being read. */
  get path(): string {
    return this.#files[this.#captures.length - 1]?.path ?? "";
  }

  place(): FilePlace | null {
    return this.#captures.at(-1)?.place?.() ?? null;
  }

  summaries(): readonly SourceSummary[] {
    return this.#captures.map((capture) => capture.summary());
  }

  progress(): Progress {
    const all = this.#captures.map((capture) => capture.progress());
    const isWhole = all.length === this.#files.length && all.every(({ total }) => total !== null);
    const sum = (of: (progress: Progress) => number): number => all.reduce((before, one) => before + of(one), 0);
    return { done: sum(({ done }) => done), total: isWhole ? sum(({ total }) => total ?? 0) : null };
  }

  /** Opens the first file, so that a problem with it is reported at once. */
  async begin(): Promise<TimedCapture> {
    const [file] = this.#files;
    if (file === undefined) throw new Error("a group has a file");
    const first = await this.#next(file);
    const isAlone = this.#files.length === 1 && file.number === null;
    return {
      events: isAlone ? first.events : this.#numbered(),
      provenanceOf: (transaction) => (isAlone ? first.provenanceOf(transaction) : this.#said),
      progress: () => this.progress(),
    };
  }

  async #next({ path }: GroupFile): Promise<Capture> {
    const capture = await this.#open(path);
    this.#captures.push(capture);
    return capture;
  }

  async *#numbered(): AsyncGenerator<CaptureEvent> {
    for (const [index, file] of this.#files.entries()) {
      const capture = this.#captures[index] ?? (await this.#next(file));
      for await (const event of capture.events) {
        if (event.kind === "transaction") this.#take(event.transaction, capture, file);
        yield file.number === null ? event : prefixIds(event, file.number, this.#letter);
      }
    }
  }

  #take(transaction: HttpTransaction, capture: Capture, file: GroupFile): void {
    this.#said = capture.provenanceOf(transaction);
    const { isTimed, isServersTime = false } = this.#said;
    if (this.#files.length > 1 && (!isTimed || isServersTime)) throw withoutTime(transaction, file);
  }
}

/** Requests without a time have no order among those of another capture. */
function withoutTime({ id }: HttpTransaction, { path }: GroupFile): ToolError {
  const name = JSON.stringify(path);
  return new ToolError("no-times", `${name} cannot be merged by time: its request ${id.slice(0, 40)} has no time.`, {
    hint: "Leave --together out: then each capture is judged by itself.",
  });
}

/**
 * Prefixes the ids of one of several captures (`f2.t7`), so that `t7` and `c1` of two captures differ. Written copies of
 * captures that were judged together have the letter `m` (`m2.t7`): they are one capture when they are read again.
 */
export function prefixIds(event: CaptureEvent, file: number, letter: "f" | "m" = "f"): CaptureEvent {
  const prefix = `${letter}${file}.`;
  switch (event.kind) {
    case "transaction": {
      const { transaction } = event;
      return {
        kind: "transaction",
        transaction: { ...transaction, id: prefix + transaction.id, connection: prefix + transaction.connection },
      };
    }
    case "signature":
      return { kind: "signature", check: { ...event.check, transactionId: prefix + event.check.transactionId } };
    case "gap":
      return { ...event, connection: prefix + event.connection };
    case "log-row":
      return { kind: "log-row", row: { ...event.row, id: prefix + event.row.id } };
    default:
      return event;
  }
}
