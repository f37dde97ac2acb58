import type { FileHandle } from "node:fs/promises";
import type { CaptureEvent, SourceSummary } from "../../core/capture-event.ts";
import type { HttpTransaction } from "../../core/http-transaction.ts";
import { ToolError } from "../../core/tool-error.ts";
import type { ByteInput } from "../input/byte-input.ts";
import type { FilePlace, FileReading, Provenance } from "../input/capture.ts";
import { readLines } from "../input/lines.ts";
import { collectProblems, type Problems } from "../input/problems.ts";
import { type JsonObject, memberOf, objectOf, sizeOf, textOf } from "../values/foreign-json.ts";
import { readEvent } from "../values/journal-event.ts";
import { readHarEntry } from "./har-entry.ts";
import type { LeanEntry, LeanReader } from "./lean-entry.ts";
import { checkRecord } from "./record-checksum.ts";

const lineLimit = 96 * 1024 * 1024;
const headStart = '{"k":"head"';

/**
 * Reads a journal. When its writer died all whole records are read; a torn or missing record marks it as truncated.
 * With `lean` only the wanted fields of each entry are read.
 */
export function readJournal(path: string, input: ByteInput, lean: LeanReader | null = null): FileReading {
  const progress: Progress = {
    path,
    lean,
    summary: { transactions: 0, truncated: false },
    problems: collectProblems(),
    run: 0,
    last: 0,
    before: 0,
    hasEnded: true,
    hasChecksums: false,
    startedAt: "",
    place: null,
    said: { isNamed: true, isTimed: true },
  };
  return {
    provenanceOf: () => progress.said,
    place: () => (input.isPlainFile ? progress.place : null),
    events: readRecords(input, progress),
    summary: (): SourceSummary => ({
      path,
      format: "journal",
      ...progress.summary,
      problems: progress.problems.lines(),
    }),
  };
}

interface Progress {
  readonly path: string;
  readonly lean: LeanReader | null;
  readonly summary: { transactions: number; truncated: boolean; holdsSecrets?: true };
  readonly problems: Problems;
  /** Number of the current run, from 1: each begins with a head. */
  run: number;
  last: number;
  before: number;
  hasEnded: boolean;
  /** Each record of the current run ends with a checksum. */
  hasChecksums: boolean;
  /** Start time of the current run from its head; the parts of one run have the same. */
  startedAt: string;
  /** Where the record read last is. */
  place: FilePlace | null;
  said: Provenance;
}

async function* readRecords(input: ByteInput, progress: Progress): AsyncGenerator<CaptureEvent> {
  for await (const { bytes, number, isWhole, from, length } of readLines(input.chunks, lineLimit)) {
    progress.place = { from, length };
    if (!isWhole) {
      lose(progress, `line ${number} is torn: the program or the copying was ended while it was written`);
      break;
    }
    const event = bytes === null ? unread(progress, number) : readRecord(bytes, number, progress);
    if (event !== null) yield event;
  }
  if (input.isDamaged()) lose(progress, "the packed file is damaged; what comes before the damage was read");
  if (!progress.hasEnded && !progress.summary.truncated) noteNoEnd(progress);
}

function readRecord(bytes: Buffer, line: number, progress: Progress): CaptureEvent | null {
  if (progress.run === 0 && !isHead(bytes)) beginWithoutHead(bytes, progress);
  return isIntact(bytes, line, progress) ? readWhole(bytes, line, progress) : null;
}

/** Checks the checksum of a record, if it must have one, and reports a difference. A head is read in any case. */
function isIntact(bytes: Buffer, line: number, progress: Progress): boolean {
  const check = checkRecord(bytes);
  if (check === "right") return true;
  // A run that an older version appended to the file has a head without a checksum.
  if (check === "none") {
    if (progress.hasChecksums && !isHead(bytes)) unread(progress, line);
    return isHead(bytes) || !progress.hasChecksums;
  }
  if (isHead(bytes)) lose(progress, `line ${line}: the head of a run is not as it was written (its checksum differs)`);
  else damaged(progress, line);
  return isHead(bytes);
}

function isHead(bytes: Buffer): boolean {
  return bytes.toString("latin1", 0, headStart.length) === headStart;
}

/** The beginning of the file is missing: the rest is read, and the gap is reported. */
function beginWithoutHead(bytes: Buffer, progress: Progress): void {
  const number = Number(/^\{"k":"[a-z-]+","n":(\d{1,15})/.exec(bytes.toString("latin1", 0, 64))?.[1] ?? 1);
  lose(
    progress,
    `the beginning of the journal is missing, with its head${number > 1 ? ` and records 1 to ${number - 1}` : ""}`,
  );
  Object.assign(progress, { run: 1, last: number - 1, hasEnded: false });
}

function readWhole(bytes: Buffer, line: number, progress: Progress): CaptureEvent | null {
  const place = { number: progress.summary.transactions + 1, before: progress.before };
  const taken = progress.lean?.read(bytes, 0, place) ?? null;
  if (taken?.kind === "entry" && taken.end === bytes.length) return takeEntry(taken, line, progress);
  const record = parse(bytes.toString("utf8"));
  const kind = record === null ? "" : textOf(record, "k");
  if (record === null || kind === "") return unread(progress, line);
  if (kind === "head") {
    beginRun(record, progress);
    return null;
  }
  checkOrder(sizeOf(record, "n"), line, progress);
  if (kind === "end") {
    progress.hasEnded = true;
    return null;
  }
  const event = kind === "entry" ? readEntry(record, progress) : readEvent(kind, record);
  return event === null ? unread(progress, line) : ofRun(event, progress);
}

function takeEntry({ transaction, number, isNamed }: LeanEntry, line: number, progress: Progress): CaptureEvent {
  checkOrder(number, line, progress);
  if (isNamed !== progress.said.isNamed || !progress.said.isTimed) progress.said = { isNamed, isTimed: true };
  return ofRun(readTransaction(transaction, progress), progress);
}

function ofRun(event: CaptureEvent, progress: Progress): CaptureEvent {
  return progress.run === 1 ? event : renamed(event, progress.run);
}

function beginRun(head: JsonObject, progress: Progress): void {
  const schema = textOf(head, "schema");
  if (schema !== "realmscope.journal/1") {
    throw new ToolError(
      "newer-journal",
      `${JSON.stringify(progress.path)} was written by another version of realmscope.`,
      {
        hint: "Read it with that version or a newer one.",
      },
    );
  }
  progress.hasChecksums = textOf(head, "checksum") === "crc32";
  if (memberOf(head, "sanitised") === false) progress.summary.holdsSecrets = true;
  const startedAt = textOf(head, "startedAt");
  const after = sizeOf(head, "after");
  // A part of a rotated journal continues the one before it.
  if (after !== null && !progress.hasEnded && startedAt === progress.startedAt) {
    if (after !== progress.last) lose(progress, `records ${progress.last + 1} to ${after} are missing`);
    progress.last = after;
    return;
  }
  if (!progress.hasEnded) noteNoEnd(progress);
  if (after !== null) progress.problems.add(`the ${after} records before it are in older parts that are not here`);
  Object.assign(progress, { run: progress.run + 1, last: after ?? 0, hasEnded: false, startedAt });
}

function noteNoEnd(progress: Progress): void {
  progress.problems.add("the capture was not ended in an orderly way; every record that was written is whole");
}

/** Records are numbered, so a missing one is noticed. */
function checkOrder(found: number | null, line: number, progress: Progress): void {
  const number = found ?? 0;
  if (number !== progress.last + 1) {
    lose(progress, `line ${line}: record ${progress.last + 1} was expected and ${number} found; records are missing`);
  }
  progress.last = number;
}

function readEntry(record: JsonObject, progress: Progress): CaptureEvent | null {
  const place = { number: progress.summary.transactions + 1, before: progress.before };
  const read = readHarEntry(record, place);
  if (typeof read === "string") return null;
  progress.said = read.said;
  return readTransaction(read.transaction, progress);
}

function readTransaction(transaction: HttpTransaction, progress: Progress): CaptureEvent {
  progress.summary.transactions += 1;
  progress.before = transaction.startedAt;
  return { kind: "transaction", transaction };
}

/** A second run in the same file numbers from one again: its ids get a prefix. */
function renamed(event: CaptureEvent, run: number): CaptureEvent {
  const prefix = `r${run}.`;
  if (event.kind === "transaction") {
    const { transaction } = event;
    const names = { id: prefix + transaction.id, connection: prefix + transaction.connection };
    return { kind: "transaction", transaction: { ...transaction, ...names } };
  }
  if (event.kind === "signature") {
    return { kind: "signature", check: { ...event.check, transactionId: prefix + event.check.transactionId } };
  }
  if (event.kind === "log-row") return { kind: "log-row", row: { ...event.row, id: prefix + event.row.id } };
  return event.kind === "gap" ? { ...event, connection: prefix + event.connection } : event;
}

function unread(progress: Progress, line: number): null {
  lose(progress, `line ${line} is not a record of a journal`);
  // Its number is unknown: it counts as the next one, so that its successor is not reported as missing.
  progress.last += 1;
  return null;
}

/** A record with a wrong checksum: its content is not trusted, but it takes its number. */
function damaged(progress: Progress, line: number): void {
  progress.last += 1;
  const which = `record ${progress.last}`;
  lose(progress, `line ${line}: ${which} is not as it was written (its checksum differs) and was skipped`);
}

function lose(progress: Progress, problem: string): void {
  progress.summary.truncated = true;
  progress.problems.add(problem);
}

function parse(text: string): JsonObject | null {
  try {
    const value: unknown = JSON.parse(text);
    return memberOf(objectOf(value), "k") === undefined ? null : objectOf(value);
  } catch {
    return null;
  }
}

/** Reads the transaction of one record of a journal again; null when the file no longer has it there. */
export async function readTransactionAt(
  file: FileHandle,
  { from, length }: FilePlace,
): Promise<HttpTransaction | null> {
  const bytes = Buffer.alloc(Math.min(length, lineLimit));
  const { bytesRead } = await file.read(bytes, 0, bytes.length, from);
  const record = bytesRead === length ? parse(bytes.toString("utf8")) : null;
  const read = record === null ? "" : readHarEntry(record, { number: 0, before: 0 });
  return typeof read === "string" ? null : read.transaction;
}
