import { createByteBuffer } from "./byte-buffer.ts";

const lineFeed = 10;
const carriageReturn = 13;

/**
 * The result of a push: all bytes were taken and more are needed, the block is whole, or it is larger than the limit.
 * The block may be a view of the pushed bytes: read it before they change.
 */
export type BlockStep =
  | { readonly state: "more" }
  | { readonly state: "whole"; readonly next: number; readonly block: Uint8Array }
  | { readonly state: "too-large" };

/** Collects lines up to and including the first empty one: a header block or trailers. Line ends are CRLF or LF. */
export interface LineBlock {
  readonly isEmpty: boolean;
  push(bytes: Uint8Array, from: number): BlockStep;
}

const more: BlockStep = { state: "more" };
const tooLarge: BlockStep = { state: "too-large" };

export function createLineBlock(limit: number): LineBlock {
  const buffer = createByteBuffer();
  let lineLength = 0;

  const isBlankLine = (): boolean =>
    lineLength === 1 || (lineLength === 2 && buffer.view()[buffer.size - 2] === carriageReturn);

  const collect = (bytes: Uint8Array, from: number): BlockStep => {
    for (let start = from; start < bytes.length; ) {
      const end = bytes.indexOf(lineFeed, start);
      const next = end < 0 ? bytes.length : end + 1;
      if (buffer.size + next - start > limit) return tooLarge;
      buffer.append(bytes.subarray(start, next));
      lineLength += next - start;
      start = next;
      if (end < 0) return more;
      if (isBlankLine()) {
        const block = buffer.copy();
        buffer.clear();
        lineLength = 0;
        return { state: "whole", next, block };
      }
      lineLength = 0;
    }
    return more;
  };

  return {
    get isEmpty() {
      return buffer.size === 0;
    },
    push(bytes, from) {
      const end = buffer.size === 0 ? blockEnd(bytes, from) : -1;
      if (end === -1 || end - from > limit) return collect(bytes, from);
      return { state: "whole", next: end, block: bytes.subarray(from, end) };
    },
  };
}

/**
 * Where a block ends that is whole in these bytes, as most are, so that nothing must be collected; -1 when it is not.
 */
function blockEnd(bytes: Uint8Array, from: number): number {
  for (let start = from; ; ) {
    const end = bytes.indexOf(lineFeed, start);
    if (end === -1) return -1;
    if (end === start || (end === start + 1 && bytes[start] === carriageReturn)) return end + 1;
    start = end + 1;
  }
}
