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
  const whole = length - tail;
  const bytes = new Uint8Array((length >> 2) * 3 + Math.max(0, tail - 1));
  let written = 0;
  for (let index = 0; index < whole; index += 4) {
    const first = valueAt(text, index, table);
    const second = valueAt(text, index + 1, table);
    const third = valueAt(text, index + 2, table);
    const fourth = valueAt(text, index + 3, table);
    // A value that belongs there has six bits; `invalid` has eight.
    if ((first | second | third | fourth) > 63) return firstInvalid(text, index, table);
    const held = (first << 18) | (second << 12) | (third << 6) | fourth;
    bytes[written] = held >> 16;
    bytes[written + 1] = (held >> 8) & 0xff;
    bytes[written + 2] = held & 0xff;
    written += 3;
  }
  return readTail(text, { start: whole, length }, { bytes, written }, table);
}

/** The last one to three characters. */
function readTail(
  text: string,
  { start, length }: { readonly start: number; readonly length: number },
  { bytes, written }: { readonly bytes: Uint8Array; readonly written: number },
  table: Uint8Array,
): Base64Bytes | number {
  let held = 0;
  for (let index = start; index < length; index++) {
    const value = valueAt(text, index, table);
    if (value === invalid) return index;
    held = (held << 6) | value;
  }
  switch (length - start) {
    case 0:
      return { bytes, isCanonical: true };
    case 1:
      // One character over holds six bits: no byte
      return length - 1;
    case 2:
      bytes[written] = held >> 4;
      return { bytes, isCanonical: (held & 0xf) === 0 };
    default:
      bytes[written] = held >> 10;
      bytes[written + 1] = (held >> 2) & 0xff;
      return { bytes, isCanonical: (held & 0x3) === 0 };
  }
}

function valueAt(text: string, index: number, table: Uint8Array): number {
  const code = text.charCodeAt(index);
  return code < 128 ? (table[code] ?? invalid) : invalid;
}

function firstInvalid(text: string, start: number, table: Uint8Array): number {
  let index = start;
  while (valueAt(text, index, table) !== invalid) index++;
  return index;
}
