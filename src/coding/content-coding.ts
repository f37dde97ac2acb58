import type { Duplex } from "node:stream";
import { constants, createBrotliDecompress, createGunzip, createInflate, createInflateRaw } from "node:zlib";
import type { CapturedBody } from "../core/http-transaction.ts";

/** Undoes gzip, deflate and br up to `limit` bytes of output; a coding that is not undone stays named in the body. */
export async function withoutContentCoding(body: CapturedBody, limit: number): Promise<CapturedBody> {
  if (body.contentCoding === null) return body;
  const decoder = decoderFor(body.contentCoding, body.bytes);
  if (decoder === null) return body;
  const decoded = await runDecoder(decoder, body.bytes, limit);
  if (decoded === null) return body;
  return { ...body, bytes: decoded.bytes, contentCoding: null, truncated: body.truncated || decoded.isCut };
}

// A captured body may be cut: what can be decoded of it is wanted, so the missing end is no error.
const lenient = { finishFlush: constants.Z_SYNC_FLUSH };

function decoderFor(coding: string, bytes: Uint8Array): Duplex | null {
  switch (coding) {
    case "gzip":
    case "x-gzip":
      return createGunzip(lenient);
    case "deflate":
      // RFC 9110 8.4.1.2 means the zlib format; some servers send the bare deflate format.
      return ((bytes[0] ?? 0) & 0x0f) === 8 ? createInflate(lenient) : createInflateRaw(lenient);
    case "br":
      return createBrotliDecompress({ finishFlush: constants.BROTLI_OPERATION_FLUSH });
    default:
      return null;
  }
}

interface Decoded {
  readonly bytes: Uint8Array;
  readonly isCut: boolean;
}

function runDecoder(decoder: Duplex, bytes: Uint8Array, limit: number): Promise<Decoded | null> {
  const pieces: Buffer[] = [];
  let size = 0;
  return new Promise((resolve) => {
    const settle = (isCut: boolean): void => {
      decoder.destroy();
      resolve({ bytes: new Uint8Array(Buffer.concat(pieces).subarray(0, limit)), isCut });
    };
    decoder.on("data", (piece: Buffer) => {
      pieces.push(piece);
      size += piece.length;
      if (size > limit) settle(true);
    });
    decoder.on("end", () => settle(false));
    decoder.on("error", () => resolve(null));
    decoder.end(bytes);
  });
}
