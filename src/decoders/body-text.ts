// A body as text, and the fields of a form in it.
import type { CapturedBody } from "../core/http-transaction.ts";

const utf8 = new TextDecoder();

/**
 * A body as text, at most `limit` bytes of it: UTF-8 unless a byte order mark names UTF-16. Bytes that fit neither become
 * replacement characters. Empty when there is no body or its content coding could not be undone.
 */
export function bodyText(body: CapturedBody, limit: number): string {
  if (body.contentCoding !== null) return "";
  // ASCII: one byte a character
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

// Without TextDecoder, which lacks UTF-16BE where Node was built with small ICU.
function decodeUtf16(bytes: Uint8Array, isLittle: boolean): string {
  const units: string[] = [];
  for (let at = 2; at + 1 < bytes.length; at += 2) {
    const first = bytes[at] ?? 0;
    const second = bytes[at + 1] ?? 0;
    units.push(String.fromCharCode(isLittle ? first | (second << 8) : (first << 8) | second));
  }
  return units.join("");
}

const maxFields = 200;

/**
 * Fields of `application/x-www-form-urlencoded` text or a query string: names in lower case, the first field of each name,
 * at most 200. A broken percent escape stays unchanged. Values are usually secret.
 */
export function readFormFields(text: string): ReadonlyMap<string, string> {
  const fields = new Map<string, string>();
  let start = 0;
  for (let count = 0; count < maxFields && start <= text.length; count++) {
    const next = text.indexOf("&", start);
    const end = next === -1 ? text.length : next;
    const equals = text.indexOf("=", start);
    const nameEnd = equals === -1 || equals > end ? end : equals;
    const name = unescaped(text.slice(start, nameEnd)).trim().toLowerCase();
    if (name !== "" && !fields.has(name)) fields.set(name, unescaped(text.slice(nameEnd + 1, end)).trim());
    start = end + 1;
  }
  return fields;
}

function unescaped(text: string): string {
  const spaced = text.includes("+") ? text.replaceAll("+", " ") : text;
  if (!spaced.includes("%")) return spaced;
  try {
    return decodeURIComponent(spaced);
  } catch {
    // Not UTF-8, or a lone percent sign: decodes the ASCII escapes only.
    return spaced.replace(/%([2-7][0-9a-f])/gi, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
  }
}
