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

/** Undoes gzip, deflate and br up to `limit` bytes of output; a coding that is not undone stays named in the body. */
export async function withoutContentCoding(body: CapturedBody, limit: number): Promise<CapturedBody> {
  if (body.contentCoding === null) return body;
  const decoder = decoderFor(body.contentCoding, body.bytes);
  if (decoder === null) return body;
  const decoded = await runDecoder(decoder, body.bytes, limit);
  if (decoded === null) return body;
  return { ...body, bytes: decoded.bytes, contentCoding: null, truncated: body.truncated || decoded.isCut };
}

/** The same before it returns, for a process that ends. What is longer than `limit` stays as it came. */
export function withoutContentCodingNow(body: CapturedBody, limit: number): CapturedBody {
  const decode = body.contentCoding === null ? null : decodeNow(body.contentCoding, body.bytes);
  if (decode === null) return body;
  try {
    return { ...body, bytes: new Uint8Array(decode(limit)), contentCoding: null };
  } catch {
    return body;
  }
}

function decodeNow(coding: string, bytes: Uint8Array): ((maxOutputLength: number) => Buffer) | null {
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

// A captured body may be cut: what can be decoded of it is wanted, so the missing end is no error.
const lenient = { finishFlush: constants.Z_SYNC_FLUSH };
const lenientBrotli = { finishFlush: constants.BROTLI_OPERATION_FLUSH };

function decoderFor(coding: string, bytes: Uint8Array): Duplex | null {
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
