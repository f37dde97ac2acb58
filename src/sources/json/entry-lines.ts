// The line of its file at which an entry begins, for reports that point there. The file is read again for this, and
// only when a report has something to point at, so that reading a capture does not pay for it.
import { openInput } from "../input/byte-input.ts";
import { readLines } from "../input/lines.ts";
import { HarScanner } from "./har-scanner.ts";
import { checkRecord } from "./record-checksum.ts";

const entryStart = '{"k":"entry"';
const lineLimit = 96 * 1024 * 1024;
const elementLimit = 64 * 1024 * 1024;

/**
 * Maps the number of each wanted entry in its file, from 0, to its line, from 1. Empty for formats without lines (SAZ)
 * and for standard input, which cannot be read twice. Rejects with ToolError when the file is no longer readable.
 */
export async function findEntryLines(path: string, wanted: ReadonlySet<number>): Promise<ReadonlyMap<number, number>> {
  if (path === "-" || wanted.size === 0) return new Map();
  const input = await openInput(path);
  const start = input.start.toString("latin1", 0, 64).trimStart();
  if (start.startsWith('{"k":"head"')) return linesOfJournal(input.chunks, wanted);
  if (start.startsWith("{") || start.startsWith("\u00ef\u00bb\u00bf{")) return linesOfHar(input.chunks, wanted);
  return new Map();
}

async function linesOfJournal(
  chunks: AsyncIterable<Buffer>,
  wanted: ReadonlySet<number>,
): Promise<ReadonlyMap<number, number>> {
  const lines = new Map<number, number>();
  let ordinal = 0;
  for await (const { bytes, number } of readLines(chunks, lineLimit)) {
    if (bytes?.toString("latin1", 0, entryStart.length) !== entryStart || checkRecord(bytes) === "wrong") continue;
    if (wanted.has(ordinal)) lines.set(ordinal, number);
    ordinal += 1;
    if (lines.size === wanted.size) break;
  }
  return lines;
}

async function linesOfHar(
  chunks: AsyncIterable<Buffer>,
  wanted: ReadonlySet<number>,
): Promise<ReadonlyMap<number, number>> {
  const lines = new Map<number, number>();
  const scanner = new HarScanner({ elementLimit });
  const newlines = { counted: 0, offset: 0, waiting: [] as Buffer[] };
  let ordinal = 0;
  for await (const chunk of chunks) {
    newlines.waiting.push(chunk);
    for (const { offset } of scanner.push(chunk)) {
      if (wanted.has(ordinal)) lines.set(ordinal, 1 + countTo(newlines, offset));
      ordinal += 1;
    }
    if (lines.size === wanted.size) break;
  }
  return lines;
}

/** Counts line ends up to an offset, and drops the chunks that are counted. */
function countTo(newlines: { counted: number; offset: number; waiting: Buffer[] }, offset: number): number {
  for (;;) {
    const chunk = newlines.waiting[0];
    if (chunk === undefined || newlines.offset >= offset) return newlines.counted;
    const part = chunk.subarray(0, offset - newlines.offset);
    for (let at = part.indexOf(10); at >= 0; at = part.indexOf(10, at + 1)) newlines.counted += 1;
    newlines.offset += part.length;
    if (part.length === chunk.length) newlines.waiting.shift();
    else newlines.waiting[0] = chunk.subarray(part.length);
  }
}
