// Own tables instead of atob: atob forgives white space and padding, and a token must be read strictly (RFC 7515 §2).

const urlAlphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
const invalid = -1;

function tableOf(alphabet: string): Int8Array {
  const table = new Int8Array(256).fill(invalid);
  for (let value = 0; value < alphabet.length; value++) table[alphabet.charCodeAt(value)] = value;
  return table;
}

const strictTable = tableOf(urlAlphabet);
const eitherTable = tableOf(urlAlphabet);
eitherTable["+".charCodeAt(0)] = 62;
eitherTable["/".charCodeAt(0)] = 63;

export interface Base64Bytes {
  readonly bytes: Uint8Array;
  /** The unused bits of the last character are zero (RFC 4648 §3.5); false means a second text reads as the same bytes. */
  readonly isCanonical: boolean;
}

/** Bytes of unpadded base64url, or the index of the first character that does not belong there. */
export function readBase64Url(text: string): Base64Bytes | number {
  return readWith(text, text.length, strictTable);
}

/**
 * Bytes of base64 in either alphabet with or without padding, for credentials and certificates; null when it is not base64.
 * White space is skipped only where `allowWhiteSpace` says so (certificates are wrapped).
 */
export function readBase64(text: string, options: { readonly allowWhiteSpace?: boolean } = {}): Uint8Array | null {
  const packed = options.allowWhiteSpace === true ? text.replace(/[ \t\r\n]/g, "") : text;
  let end = packed.length;
  while (end > 0 && packed.charCodeAt(end - 1) === 61 && packed.length - end < 2) end--;
  const result = readWith(packed, end, eitherTable);
  return typeof result === "number" ? null : result.bytes;
}

const encoder = new TextEncoder();

function readWith(text: string, length: number, table: Int8Array): Base64Bytes | number {
  const codes = encoder.encode(length === text.length ? text : text.slice(0, length));
  // Only ASCII is one byte a character; anything else does not belong there.
  if (codes.length !== length) return firstInvalid(text, 0, table);
  const tail = length % 4;
  const whole = length - tail;
  const bytes = new Uint8Array((whole >> 2) * 3 + Math.max(0, tail - 1));
  let written = 0;
  // Four characters at a time: this loop is most of what decoding a token costs.
  for (let at = 0; at < whole; at += 4) {
    const group =
      (valueAt(codes, at, table) << 18) |
      (valueAt(codes, at + 1, table) << 12) |
      (valueAt(codes, at + 2, table) << 6) |
      valueAt(codes, at + 3, table);
    // A character that does not belong there has the value -1, so the group is negative.
    if (group < 0) return firstInvalid(text, at, table);
    bytes[written++] = group >> 16;
    bytes[written++] = group >> 8;
    bytes[written++] = group;
  }
  if (tail === 0) return { bytes, isCanonical: true };
  const first = valueAt(codes, whole, table);
  const second = tail > 1 ? valueAt(codes, whole + 1, table) : 0;
  const third = tail > 2 ? valueAt(codes, whole + 2, table) : 0;
  if ((first | second | third) < 0) return firstInvalid(text, whole, table);
  // One character over holds six bits: no byte
  if (tail === 1) return length - 1;
  bytes[written++] = (first << 2) | (second >> 4);
  if (tail === 2) return { bytes, isCanonical: (second & 0xf) === 0 };
  bytes[written] = (second << 4) | (third >> 2);
  return { bytes, isCanonical: (third & 0x3) === 0 };
}

function valueAt(codes: Uint8Array, at: number, table: Int8Array): number {
  return table[codes[at] ?? 0] ?? invalid;
}

/** Index of the first character at or after `from` that does not belong there. */
function firstInvalid(text: string, from: number, table: Int8Array): number {
  let at = from;
  while (at < text.length && (table[text.charCodeAt(at)] ?? invalid) >= 0) at++;
  return at;
}
