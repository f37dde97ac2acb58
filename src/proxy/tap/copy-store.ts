/** A copy in a CopyStore, until it is taken. */
export interface StoredCopy {
  readonly block: Block;
  readonly from: number;
  readonly length: number;
}

interface Block {
  readonly bytes: Uint8Array;
  used: number;
  /** Copies not taken yet. */
  left: number;
}

const blockBytes = 64 * 1024;
/** Free blocks kept for the next burst. */
const freeBlocks = 64;

/**
 * Keeps copies in a few large blocks and reuses them: a burst must not become thousands of small buffers that survive
 * into the old generation of the heap.
 */
export class CopyStore {
  readonly #free: Block[] = [];
  #current = newBlock(blockBytes);

  put(bytes: Uint8Array): StoredCopy {
    const block = this.#blockFor(bytes.length);
    const from = block.used;
    block.bytes.set(bytes, from);
    block.used += bytes.length;
    block.left += 1;
    return { block, from, length: bytes.length };
  }

  /** Returns the bytes for the caller to keep and frees their place; each copy may be taken once. */
  take({ block, from, length }: StoredCopy): Uint8Array {
    const bytes = block.bytes.slice(from, from + length);
    block.left -= 1;
    if (block.left > 0) return bytes;
    block.used = 0;
    const isSpare = block !== this.#current && block.bytes.length === blockBytes;
    if (isSpare && this.#free.length < freeBlocks) this.#free.push(block);
    return bytes;
  }

  #blockFor(length: number): Block {
    if (length > blockBytes) return newBlock(length);
    if (this.#current.used + length > blockBytes) this.#current = this.#free.pop() ?? newBlock(blockBytes);
    return this.#current;
  }
}

function newBlock(length: number): Block {
  return { bytes: new Uint8Array(length), used: 0, left: 0 };
}
