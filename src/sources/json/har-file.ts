import type { CaptureEvent, SourceSummary } from "../../core/capture-event.ts";
import { ToolError } from "../../core/tool-error.ts";
import type { ByteInput } from "../input/byte-input.ts";
import type { FileReading, Provenance } from "../input/capture.ts";
import { collectProblems, type Problems } from "../input/problems.ts";
import { type JsonObject, memberOf, objectOf } from "../values/foreign-json.ts";
import { readEventMembers } from "../values/journal-event.ts";
import { breakWords, jsonBreak } from "../values/json-break.ts";
import { readFailedConnect } from "./har-connect.ts";
import { readHarEntry } from "./har-entry.ts";
import { HarScanner, type ScannedElement } from "./har-scanner.ts";
import { isStop, JsonCursor } from "./json-cursor.ts";
import type { LeanEntry, LeanReader } from "./lean-entry.ts";

const elementLimit = 64 * 1024 * 1024;
/** Entries of real exporters reach a tenth of this. */
const depthLimit = 256;
const beginningLimit = 1024 * 1024;

/**
 * Reads a HAR file of any length. Of a cut file the whole entries are read, and the cut is reported. With `lean` only
 * the wanted fields are read.
 */
export function readHar(path: string, input: ByteInput, lean: LeanReader | null = null): FileReading {
  const summary = { transactions: 0, truncated: false };
  const problems = collectProblems();
  const progress: Progress = { summary, problems, lean, number: 0, before: 0, said: { isNamed: true, isTimed: true } };
  return {
    events: readEntries(path, input, progress),
    provenanceOf: () => progress.said,
    summary: (): SourceSummary => ({ path, format: "har", ...summary, problems: problems.lines() }),
  };
}

interface Progress {
  readonly summary: { transactions: number; truncated: boolean };
  readonly problems: Problems;
  readonly lean: LeanReader | null;
  /** Number of the entry read last. */
  number: number;
  before: number;
  said: Provenance;
}

async function* readEntries(path: string, input: ByteInput, progress: Progress): AsyncGenerator<CaptureEvent> {
  const { summary, problems, lean } = progress;
  const take = (chunk: Buffer, at: number) =>
    lean === null ? null : lean.read(chunk, at, { number: progress.number + 1, before: progress.before });
  const scanner = new HarScanner({ elementLimit, take });
  const beginning = new Beginning();
  for await (const chunk of input.chunks) {
    for (const element of scanner.push(chunk)) {
      if (element.lean === null) yield* readElement(element, progress);
      else yield takeTransaction(element.lean, progress);
    }
    if (!scanner.hasEntries) beginning.keep(chunk);
  }
  if (!scanner.hasEntries) throw notHar(path, beginning.words());
  if (scanner.isComplete && !input.isDamaged()) return;
  summary.truncated = true;
  problems.add(`the file ends too early; ${summary.transactions} whole entries were read`);
}

// The lean reader accepts only entries with a time.
const named: Provenance = { isNamed: true, isTimed: true };
const numbered: Provenance = { isNamed: false, isTimed: true };

function takeTransaction({ transaction, isNamed }: LeanEntry, progress: Progress): CaptureEvent {
  progress.number += 1;
  progress.before = transaction.startedAt;
  progress.said = isNamed ? named : numbered;
  progress.summary.transactions += 1;
  return { kind: "transaction", transaction };
}

function readElement(element: ScannedElement, progress: Progress): readonly CaptureEvent[] {
  const { summary, problems } = progress;
  progress.number += 1;
  const { number } = progress;
  const entry = parse(element);
  const failed = typeof entry === "string" ? null : readFailedConnect(entry, progress.before);
  if (failed !== null) return [failed];
  const read = typeof entry === "string" ? entry : readHarEntry(entry, { number, before: progress.before });
  if (typeof entry === "string" || typeof read === "string") {
    problems.add(`entry ${number} (byte ${element.offset}) was skipped: ${String(read)}`);
    return [];
  }
  const { ahead, after } = readEventMembers(entry);
  if (memberOf(entry, "_eventsOnly") === true) return ahead;
  for (const problem of read.problems) problems.add(`entry ${number}: ${problem}`);
  progress.before = read.transaction.startedAt;
  progress.said = read.said;
  summary.transactions += 1;
  return [...ahead, { kind: "transaction", transaction: read.transaction }, ...after];
}

/** The entry, or the reason why it cannot be read. */
function parse({ bytes, depth, offset }: ScannedElement): JsonObject | string {
  if (bytes === null) return "it is longer than 64 MiB";
  if (depth > depthLimit) return `it is nested deeper than ${depthLimit} levels`;
  try {
    return objectOf(JSON.parse(bytes.toString("utf8")));
  } catch {
    return `it is not JSON${breakOf(bytes, offset)}`;
  }
}

/** Where the JSON of an entry breaks, as the cursor finds it. */
function breakOf(bytes: Buffer, offset: number): string {
  const cursor = new JsonCursor();
  try {
    cursor.begin(bytes, 0);
    cursor.skip();
    return "";
  } catch (error) {
    if (!isStop(error)) throw error;
    return ` from byte ${offset + cursor.at} on`;
  }
}

/** The first bytes of a file in which no entries were found, for the place where it is not JSON. */
class Beginning {
  #kept: Buffer[] = [];
  #length = 0;

  keep(chunk: Buffer): void {
    this.#length += chunk.length;
    if (this.#length <= beginningLimit) this.#kept.push(Buffer.from(chunk));
    else this.#kept = [];
  }

  /** What the file is, as words of a sentence. Past the limit nobody looks for the place. */
  words(): string {
    if (this.#length > beginningLimit) return "begins as JSON, without log.entries";
    const place = jsonBreak(Buffer.concat(this.#kept).toString("utf8"));
    return place === null ? "is JSON without log.entries" : `is not JSON (${breakWords(place)})`;
  }
}

function notHar(path: string, what: string): ToolError {
  return new ToolError("not-a-har", `${JSON.stringify(path)} ${what}, and so not a HAR file.`, {
    hint: 'Save the traffic as HAR 1.2 ("with content") and give that file. Any other text is for realmscope decode.',
  });
}
