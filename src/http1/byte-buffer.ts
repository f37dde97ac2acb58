/** Bytes that grow by appending; each byte is copied about twice, however small the pieces are. */
export interface ByteBuffer {
  readonly size: number;
  append(bytes: Uint8Array): void;
  /** A view that the next `append` or `clear` may change: read it before that, or use `copy`. */
  view(): Uint8Array;
  copy(): Uint8Array;
  clear(): void;
}

const firstCapacity = 1024;

export function createByteBuffer(): ByteBuffer {
  let store = new Uint8Array(0);
  let size = 0;
  return {
    get size() {
      return size;
    },
    append(bytes) {
      const wanted = size + bytes.length;
      if (wanted > store.length) {
        const larger = new Uint8Array(Math.max(wanted, store.length * 2, firstCapacity));
        larger.set(store.subarray(0, size));
        store = larger;
      }
      store.set(bytes, size);
      size = wanted;
    },
    view: () => store.subarray(0, size),
    copy: () => store.slice(0, size),
    clear() {
      size = 0;
      // A head of 256 KiB must not stay in memory for the rest of a long connection.
      if (store.length > 16 * firstCapacity) store = new Uint8Array(0);
    },
  };
}
