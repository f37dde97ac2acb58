import { createByteBuffer } from "./byte-buffer.ts";

const lineFeed = 10;
const carriageReturn = 13;

/** What a push gave: all bytes taken and more are needed, the block is whole, or it is larger than the limit. */
export type BlockStep =
  | { readonly state: "more" }
  | { readonly state: "whole"; readonly next: number; readonly block: Uint8Array }
  | { readonly state: "too-large" };

/** Collects lines up to and with the first empty one: a header block or the trailers. Line ends may be CRLF or LF. */
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

  return {
    get isEmpty() {
      return buffer.size === 0;
    },
    push(bytes, from) {
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
    },
  };
}
