import type { Headers } from "../core/headers.ts";
import type { BodyCollector } from "./body.ts";

/** What a push gave: more bytes are needed, the body ended before `next`, or it cannot be followed at `next`. */
export type BodyStep =
  | { readonly state: "more" }
  | { readonly state: "whole"; readonly next: number; readonly trailers: Headers }
  | { readonly state: "unclear"; readonly next: number; readonly reason: string };

/** Finds the end of one body and hands its bytes to a collector. */
export interface BodyReader {
  push(bytes: Uint8Array, from: number): BodyStep;
}

export const moreIsNeeded: BodyStep = { state: "more" };

/** A body whose length was announced; a length of 0 is whole at once and must not be read. */
export function createLengthReader(body: BodyCollector, length: number): BodyReader {
  let left = length;
  return {
    push(bytes, from) {
      const taken = Math.min(left, bytes.length - from);
      body.append(bytes.subarray(from, from + taken));
      left -= taken;
      return left === 0 ? { state: "whole", next: from + taken, trailers: [] } : moreIsNeeded;
    },
  };
}

/** A body that lasts until the connection is closed. */
export function createUntilCloseReader(body: BodyCollector): BodyReader {
  return {
    push(bytes, from) {
      body.append(bytes.subarray(from));
      return moreIsNeeded;
    },
  };
}
