// Own tables instead of atob: atob forgives white space and padding, and a token must be read strictly (RFC 7515 §2).

const urlAlphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
const invalid = 255;

function tableOf(alphabet: string): Uint8Array {
  const table = new Uint8Array(128).fill(invalid);
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

function readWith(text: string, length: number, table: Uint8Array): Base64Bytes | number {
  const tail = length % 4;
  const bytes = new Uint8Array((length >> 2) * 3 + Math.max(0, tail - 1));
  let written = 0;
  let bits = 0;
  let held = 0;
  for (let index = 0; index < length; index++) {
    const code = text.charCodeAt(index);
    const value = code < 128 ? (table[code] ?? invalid) : invalid;
    if (value === invalid) return index;
    held = ((held << 6) | value) & 0xffffff;
    bits += 6;
    if (bits >= 8) {
      bits -= 8;
      bytes[written++] = (held >> bits) & 0xff;
    }
  }
  // One character over holds six bits: no byte
  if (tail === 1) return length - 1;
  return { bytes, isCanonical: (held & ((1 << bits) - 1)) === 0 };
}
