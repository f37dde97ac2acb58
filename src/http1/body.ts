import { type Headers, headerValues } from "../core/headers.ts";
import type { CapturedBody } from "../core/http-transaction.ts";
import { createByteBuffer } from "./byte-buffer.ts";

/** Keeps the first bytes of a body up to a limit and counts them all. */
export interface BodyCollector {
  append(bytes: Uint8Array): void;
  /** The body so far; `isWhole` false marks it truncated even when all that came was kept. */
  finish(headers: Headers, isWhole: boolean): CapturedBody;
}

export function createBodyCollector(limit: number): BodyCollector {
  const kept = createByteBuffer();
  let totalBytes = 0;
  return {
    append(bytes) {
      totalBytes += bytes.length;
      const room = limit - kept.size;
      if (room > 0) kept.append(bytes.length <= room ? bytes : bytes.subarray(0, room));
    },
    finish: (headers, isWhole) => ({
      bytes: kept.copy(),
      totalBytes,
      truncated: !isWhole || totalBytes > kept.size,
      contentCoding: totalBytes === 0 ? null : contentCoding(headers),
    }),
  };
}

/** The content codings in the order they were applied, `gzip` or `gzip, br`; null when there is none. */
function contentCoding(headers: Headers): string | null {
  const codings = headerValues(headers, "content-encoding")
    .flatMap((value) => value.split(","))
    .map((value) => value.trim().toLowerCase())
    .filter((value) => value !== "" && value !== "identity");
  return codings.length === 0 ? null : codings.join(", ");
}
