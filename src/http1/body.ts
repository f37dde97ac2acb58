import { type Headers, headerValues } from "../core/headers.ts";
import type { CapturedBody } from "../core/http-transaction.ts";
import { createByteBuffer } from "./byte-buffer.ts";

/** Keeps the first bytes of a body up to a limit and counts all of them. */
export interface BodyCollector {
  append(bytes: Uint8Array): void;
  /** The body so far. `isWhole` false marks it as truncated even when all received bytes were kept. */
  finish(headers: Headers, isWhole: boolean): CapturedBody;
}

/** Smaller pieces are gathered in one buffer: a body of many tiny chunks must not cost an object for each. */
const tinyPiece = 512;

/** Large pieces are kept without copying, so the bytes passed to `append` must not be overwritten later. */
export function createBodyCollector(limit: number): BodyCollector {
  const pieces: Uint8Array[] = [];
  const tiny = createByteBuffer();
  let [totalBytes, keptBytes] = [0, 0];
  const flush = (): void => {
    if (tiny.size === 0) return;
    pieces.push(tiny.copy());
    tiny.clear();
  };
  return {
    append(bytes) {
      totalBytes += bytes.length;
      const room = Math.min(bytes.length, limit - keptBytes);
      if (room <= 0) return;
      keptBytes += room;
      const kept = bytes.subarray(0, room);
      if (room < tinyPiece) tiny.append(kept);
      else {
        flush();
        pieces.push(kept);
      }
    },
    finish(headers, isWhole) {
      flush();
      return {
        bytes: joined(pieces, keptBytes),
        totalBytes,
        truncated: !isWhole || totalBytes > keptBytes,
        contentCoding: totalBytes === 0 ? null : contentCoding(headers),
      };
    },
  };
}

function joined(pieces: readonly Uint8Array[], length: number): Uint8Array {
  const all = new Uint8Array(length);
  let at = 0;
  for (const piece of pieces) {
    all.set(piece, at);
    at += piece.length;
  }
  return all;
}

/** The content codings in the order they were applied, `gzip` or `gzip, br`; null when there is none. */
function contentCoding(headers: Headers): string | null {
  const codings = headerValues(headers, "content-encoding")
    .flatMap((value) => value.split(","))
    .map((value) => value.trim().toLowerCase())
    .filter((value) => value !== "" && value !== "identity");
  return codings.length === 0 ? null : codings.join(", ");
}
