// Undoes the content codings of RFC 9110 8.4.1 and RFC 7932 in captured bodies. Never throws, whatever the bytes.
import type { Duplex } from "node:stream";
import {
  brotliDecompressSync,
  constants,
  createBrotliDecompress,
  createGunzip,
  createInflate,
  createInflateRaw,
  gunzipSync,
  inflateRawSync,
  inflateSync,
} from "node:zlib";
import type { CapturedBody } from "../core/http-transaction.ts";

/**
 * Undoes gzip, deflate or br in another thread, up to `limit` bytes of output; a longer output is cut and marked. A
 * body with another coding, with several codings, or with damaged bytes is returned unchanged, its coding still named.
 */
export async function undoContentCoding(body: CapturedBody, limit: number): Promise<CapturedBody> {
  if (body.contentCoding === null) return body;
  const decoder = createDecoder(body.contentCoding, body.bytes);
  if (decoder === null) return body;
  const decoded = await runDecoder(decoder, body.bytes, limit);
  if (decoded === null) return body;
  return { ...body, bytes: decoded.bytes, contentCoding: null, truncated: body.truncated || decoded.isCut };
}

/**
 * The same, synchronously, for a process that ends. A body whose output is longer than `limit` is returned unchanged.
 */
export function undoContentCodingSync(body: CapturedBody, limit: number): CapturedBody {
  const decode = body.contentCoding === null ? null : syncDecoder(body.contentCoding, body.bytes);
  if (decode === null) return body;
  try {
    return { ...body, bytes: new Uint8Array(decode(limit)), contentCoding: null };
  } catch {
    return body;
  }
}

// A captured body may be cut: what its beginning decodes to is wanted, so a missing end is not an error.
const lenient = { finishFlush: constants.Z_SYNC_FLUSH };
const lenientBrotli = { finishFlush: constants.BROTLI_OPERATION_FLUSH };

function createDecoder(coding: string, bytes: Uint8Array): Duplex | null {
  switch (coding) {
    case "gzip":
    case "x-gzip":
      return createGunzip(lenient);
    case "deflate":
      return isZlib(bytes) ? createInflate(lenient) : createInflateRaw(lenient);
    case "br":
      return createBrotliDecompress(lenientBrotli);
    default:
      return null;
  }
}

function syncDecoder(coding: string, bytes: Uint8Array): ((maxOutputLength: number) => Buffer) | null {
  switch (coding) {
    case "gzip":
    case "x-gzip":
      return (maxOutputLength) => gunzipSync(bytes, { ...lenient, maxOutputLength });
    case "deflate":
      return isZlib(bytes)
        ? (maxOutputLength) => inflateSync(bytes, { ...lenient, maxOutputLength })
        : (maxOutputLength) => inflateRawSync(bytes, { ...lenient, maxOutputLength });
    case "br":
      return (maxOutputLength) => brotliDecompressSync(bytes, { ...lenientBrotli, maxOutputLength });
    default:
      return null;
  }
}

// RFC 9110 8.4.1.2 means the zlib format; some servers send the bare deflate format.
function isZlib(bytes: Uint8Array): boolean {
  return ((bytes[0] ?? 0) & 0x0f) === 8;
}

interface Decoded {
  readonly bytes: Uint8Array;
  readonly isCut: boolean;
}

/** Null when the bytes are damaged. */
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
