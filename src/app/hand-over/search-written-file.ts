import { createReadStream, statSync } from "node:fs";
import { basename } from "node:path";
import { ToolError } from "../../core/tool-error.ts";
import { type LeakRules, leakIn } from "../../sanitising/search/leak-check.ts";
import type { Progress } from "../../sources/input/byte-input.ts";
import { openRandomAccess } from "../../sources/input/random-access-file.ts";
import { readZipDirectory, unpackMember } from "../../sources/saz/zip-archive.ts";

/** What one search of a written file looks for; secrets that do not fit into one search are in later ones. */
export interface SearchRules extends LeakRules {
  /** From 1. The secrets of the first were also replaced in every text. */
  readonly reading: number;
  readonly readings: number;
}

type OnFile = (name: string, progress: () => Progress) => void;

const chunkSize = 8 * 1024 * 1024;
/** No secret that is searched for is longer. */
const overlap = 128 * 1024;

/** Searches a written file, or the members of an archive. Throws ToolError `leak` when anything like a secret is in it. */
export async function searchWrittenFile(
  path: string,
  kind: "plain" | "zip",
  rules: SearchRules,
  onFile?: OnFile,
): Promise<void> {
  // The members of an archive are longer than the archive, so there is no total.
  const progress = { done: 0, total: kind === "zip" ? null : statSync(path).size };
  const which = rules.readings === 1 ? "" : ` (${rules.reading} of ${rules.readings})`;
  onFile?.(`${basename(path).replace(/\.partial$/, "")} again${which}`, () => progress);
  const pieces = kind === "zip" ? unzipped(path) : overlapping(path);
  for await (const piece of pieces) {
    progress.done += piece.length;
    const leak = leakIn(piece, rules);
    if (leak === null) continue;
    throw new ToolError("leak", `The written file held ${leak}, so it was removed.`, {
      hint: rules.reading === 1 ? report : tooMany,
    });
  }
}

const report = "Please report this with the kind of capture, not with the capture itself.";
const tooMany = "The capture holds more secrets than are replaced in every text: hand over fewer requests at a time.";

/** The unpacked members, one after the other. */
async function* unzipped(path: string): AsyncGenerator<Uint8Array> {
  const bytes = openRandomAccess(path);
  try {
    for await (const [, member] of readZipDirectory(bytes)) yield unpackMember(bytes, member);
  } finally {
    bytes.close();
  }
}

async function* overlapping(path: string): AsyncGenerator<Uint8Array> {
  let before: Buffer | null = null;
  for await (const chunk of createReadStream(path, { highWaterMark: chunkSize }) as AsyncIterable<Buffer>) {
    const isLast = chunk.length < chunkSize;
    const piece: Buffer = before === null ? chunk : Buffer.concat([before, chunk]);
    // A word that the edge of a piece cuts is whole in the piece before or after it.
    yield piece.subarray(before === null ? 0 : wordEnd(piece, 1), isLast ? piece.length : wordEnd(piece, -1));
    before = piece.subarray(-overlap);
  }
}

/** Where the word at the beginning ends (`step` 1), or the one at the end begins (-1); the edge itself when no word is there. */
function wordEnd(piece: Buffer, step: 1 | -1): number {
  let at = step === 1 ? 0 : piece.length - 1;
  const limit = Math.min(piece.length, overlap / 2);
  for (let count = 0; count < limit && isWord(piece[at] ?? 0); count++) at += step;
  return step === 1 ? at : at + 1;
}

function isWord(byte: number): boolean {
  const isLetter = (byte >= 97 && byte <= 122) || (byte >= 65 && byte <= 90);
  return isLetter || (byte >= 47 && byte <= 57) || byte === 43 || byte === 45 || byte === 95;
}
