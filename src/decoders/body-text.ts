import type { CapturedBody } from "../core/http-transaction.ts";

const utf8 = new TextDecoder();

/**
 * A body as text, at most `limit` bytes of it: UTF-8 unless a byte order mark says UTF-16. Bytes that fit neither become
 * replacement characters. Empty when there is no body or its content coding could not be undone.
 */
export function bodyText(body: CapturedBody, limit: number): string {
  if (body.contentCoding !== null) return "";
  // ASCII: as many bytes as characters
  const { text } = body;
  if (text !== undefined) return text.length > limit ? text.slice(0, limit) : text;
  const { bytes } = body;
  if (bytes.length === 0) return "";
  const part = bytes.length > limit ? bytes.subarray(0, limit) : bytes;
  const isLittle = part[0] === 0xff && part[1] === 0xfe;
  const isBig = part[0] === 0xfe && part[1] === 0xff;
  if (!isLittle && !isBig) return utf8.decode(part);
  return decodeUtf16(part, isLittle);
}

// By hand: a TextDecoder for UTF-16BE is missing where Node was built with small ICU.
function decodeUtf16(bytes: Uint8Array, isLittle: boolean): string {
  const units: string[] = [];
  for (let at = 2; at + 1 < bytes.length; at += 2) {
    const first = bytes[at] ?? 0;
    const second = bytes[at + 1] ?? 0;
    units.push(String.fromCharCode(isLittle ? first | (second << 8) : (first << 8) | second));
  }
  return units.join("");
}
