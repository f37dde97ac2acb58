// Finds where a body ends, in the three framings of RFC 9112 6 and 7.
import type { Headers } from "../core/headers.ts";
import type { BodyCollector } from "./body.ts";
import { readTrailers } from "./head.ts";
import { createLineBlock, type LineBlock } from "./line-block.ts";

/**
 * The result of a push: more bytes are needed, the body ended before `next`, or it cannot be followed from `next` on.
 */
export type BodyStep =
  | { readonly state: "more" }
  | { readonly state: "whole"; readonly next: number; readonly trailers: Headers }
  | { readonly state: "unclear"; readonly next: number; readonly reason: string };

/** Finds the end of one body and passes its bytes to a collector. */
export interface BodyReader {
  push(bytes: Uint8Array, from: number): BodyStep;
}

const moreIsNeeded: BodyStep = { state: "more" };

/** A body with a Content-Length above 0; one of length 0 needs no reader. */
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

const lineFeed = 10;
const carriageReturn = 13;
const semicolon = 59;

/** Undoes the chunked coding (RFC 9112 7.1). Extensions of any length are skipped and not kept. */
export class ChunkedReader implements BodyReader {
  readonly #body: BodyCollector;
  readonly #trailers: LineBlock;
  #place: "size" | "extension" | "data" | "data-end" | "trailers" = "size";
  #size = 0;
  #digits = 0;

  constructor(body: BodyCollector, trailerLimit: number) {
    this.#body = body;
    this.#trailers = createLineBlock(trailerLimit);
  }

  push(bytes: Uint8Array, from: number): BodyStep {
    for (let at = from; at < bytes.length; ) {
      if (this.#place === "trailers") return this.#readTrailers(bytes, at);
      if (this.#place === "data") at = this.#readData(bytes, at);
      else if (this.#place === "extension") at = this.#skipExtension(bytes, at);
      else {
        const problem = this.#place === "size" ? this.#readSize(bytes[at]) : this.#readDataEnd(bytes[at]);
        if (problem !== null) return { state: "unclear", next: at, reason: problem };
        at += 1;
      }
    }
    return moreIsNeeded;
  }

  #readSize(byte = 0): string | null {
    const digit = hexDigit(byte);
    if (digit >= 0) {
      this.#size = this.#size * 16 + digit;
      this.#digits += 1;
      return this.#size > Number.MAX_SAFE_INTEGER ? "a chunk size that is too large" : null;
    }
    if (this.#digits === 0) return isSpace(byte) ? null : "a chunk that does not begin with its size";
    if (byte === lineFeed) this.#endSizeLine();
    else if (byte === semicolon || isSpace(byte) || byte === carriageReturn) this.#place = "extension";
    else return "a chunk size that is not a number";
    return null;
  }

  #endSizeLine(): void {
    this.#place = this.#size === 0 ? "trailers" : "data";
    this.#digits = 0;
  }

  #skipExtension(bytes: Uint8Array, at: number): number {
    const end = bytes.indexOf(lineFeed, at);
    if (end < 0) return bytes.length;
    this.#endSizeLine();
    return end + 1;
  }

  #readData(bytes: Uint8Array, at: number): number {
    const taken = Math.min(this.#size, bytes.length - at);
    this.#body.append(bytes.subarray(at, at + taken));
    this.#size -= taken;
    if (this.#size === 0) this.#place = "data-end";
    return at + taken;
  }

  #readDataEnd(byte = 0): string | null {
    if (byte === carriageReturn) return null;
    if (byte !== lineFeed) return "a chunk that is longer than its size";
    this.#place = "size";
    return null;
  }

  #readTrailers(bytes: Uint8Array, at: number): BodyStep {
    const step = this.#trailers.push(bytes, at);
    if (step.state === "more") return moreIsNeeded;
    if (step.state === "too-large") return { state: "unclear", next: at, reason: "trailers larger than the limit" };
    const trailers = readTrailers(step.block);
    if (!trailers.ok) return { state: "unclear", next: at, reason: trailers.problem };
    return { state: "whole", next: step.next, trailers: trailers.value };
  }
}

function hexDigit(byte: number): number {
  if (byte >= 48 && byte <= 57) return byte - 48;
  const lower = byte | 32;
  return lower >= 97 && lower <= 102 ? lower - 87 : -1;
}

function isSpace(byte: number): boolean {
  return byte === 32 || byte === 9;
}
