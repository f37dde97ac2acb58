export interface Line {
  /** UTF-8, valid until the next line is requested; null when longer than the limit. */
  readonly bytes: Buffer | null;
  /** From 1. */
  readonly number: number;
  /** False for a last line without a line end. */
  readonly isWhole: boolean;
  /** Offset and length in the bytes read, without the line end. */
  readonly from: number;
  readonly length: number;
}

/** Lines of UTF-8 bytes, one at a time, however the chunks are cut; empty lines are skipped. */
export async function* readLines(chunks: AsyncIterable<Buffer>, limit: number): AsyncGenerator<Line> {
  const unfinished = new UnfinishedLine(limit);
  let number = 0;
  let position = 0;
  for await (const chunk of chunks) {
    let from = 0;
    for (let end = chunk.indexOf(10); end !== -1; end = chunk.indexOf(10, from)) {
      number += 1;
      const begun = unfinished.length;
      const bytes = unfinished.finish(chunk.subarray(from, end));
      const place = { from: position + from - begun, length: begun + end - from };
      if (bytes?.length !== 0) yield { bytes, number, isWhole: true, ...place };
      from = end + 1;
    }
    unfinished.add(chunk.subarray(from));
    position += chunk.length;
  }
  const { length } = unfinished;
  if (length > 0) yield { bytes: null, number: number + 1, isWhole: false, from: position - length, length };
}

class UnfinishedLine {
  readonly #limit: number;
  #parts: Buffer[] = [];
  length = 0;

  constructor(limit: number) {
    this.#limit = limit;
  }

  add(part: Buffer): void {
    this.length += part.length;
    // Bytes over the limit are counted and not kept.
    if (part.length > 0 && this.length <= this.#limit) this.#parts.push(Buffer.from(part));
  }

  /** The line that ends with these bytes; null when it is over the limit. */
  finish(last: Buffer): Buffer | null {
    const size = this.length + last.length;
    const bytes = this.#parts.length === 0 ? last : Buffer.concat([...this.#parts, last]);
    this.#parts = [];
    this.length = 0;
    return size > this.#limit ? null : bytes;
  }
}
