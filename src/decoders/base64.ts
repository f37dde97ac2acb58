// base64 without atob, which accepts white space and wrong padding: a token must be read strictly (RFC 7515 §2).

const urlAlphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
const invalid = -1;

function tableOf(alphabet: string): Int8Array {
  const table = new Int8Array(256).fill(invalid);
  for (let value = 0; value < alphabet.length; value++) table[alphabet.charCodeAt(value)] = value;
  return table;
}

/** Values of single characters and of pairs of them; negative for characters outside of the alphabet. */
interface Tables {
  readonly ones: Int8Array;
  readonly twos: Int16Array;
}

function tablesOf(ones: Int8Array): Tables {
  const twos = new Int16Array(65_536).fill(invalid);
  // Written and read through the same memory, so the byte order of the machine does not matter.
  const codes = new Uint8Array(2);
  const pair = new Uint16Array(codes.buffer);
  for (const [first, high] of ones.entries()) {
    codes[0] = first;
    for (let second = 0; high >= 0 && second < ones.length; second++) {
      const low = ones[second] ?? invalid;
      codes[1] = second;
      if (low >= 0) twos[pair[0] ?? 0] = (high << 6) | low;
    }
  }
  return { ones, twos };
}

const eitherOnes = tableOf(urlAlphabet);
eitherOnes["+".charCodeAt(0)] = 62;
eitherOnes["/".charCodeAt(0)] = 63;
const strictTables = tablesOf(tableOf(urlAlphabet));
const eitherTables = tablesOf(eitherOnes);

export interface Base64Bytes {
  readonly bytes: Uint8Array;
  /** True when the unused bits of the last character are zero (RFC 4648 §3.5); else another text decodes to the same bytes. */
  readonly isCanonical: boolean;
}

/** Bytes of unpadded base64url, or the index of the first invalid character. */
export function readBase64Url(text: string): Base64Bytes | number {
  return readWith(text, text.length, strictTables);
}

/**
 * Bytes of base64 in either alphabet, with or without padding, for credentials and certificates; null when it is not base64.
 * White space is skipped with `allowWhiteSpace` only (certificates are wrapped).
 */
export function readBase64(text: string, options: { readonly allowWhiteSpace?: boolean } = {}): Uint8Array | null {
  const packed = options.allowWhiteSpace === true ? text.replace(/[ \t\r\n]/g, "") : text;
  let end = packed.length;
  while (end > 0 && packed.charCodeAt(end - 1) === 61 && packed.length - end < 2) end--;
  const result = readWith(packed, end, eitherTables);
  return typeof result === "number" ? null : result.bytes;
}

const encoder = new TextEncoder();
/** Reused buffer for all but very long texts. */
const usualCodes = new Uint8Array(8192);

function readWith(text: string, length: number, { ones, twos }: Tables): Base64Bytes | number {
  const source = length === text.length ? text : text.slice(0, length);
  const codes = length <= usualCodes.length ? usualCodes : new Uint8Array(length + 1);
  const encoded = encoder.encodeInto(source, codes);
  // A text with any character beyond ASCII has more bytes than characters.
  if (encoded.read !== length || encoded.written !== length) return firstInvalid(text, 0, ones);
  const tail = length % 4;
  const whole = length - tail;
  const bytes = new Uint8Array((whole >> 2) * 3 + Math.max(0, tail - 1));
  const pairs = new Uint16Array(codes.buffer, 0, whole >> 1);
  let written = 0;
  // Four characters at a time: this loop is most of the cost of decoding a token.
  for (let at = 0; at < pairs.length; at += 2) {
    const high = twos[pairs[at] ?? 0] ?? invalid;
    const low = twos[pairs[at + 1] ?? 0] ?? invalid;
    if ((high | low) < 0) return firstInvalid(text, at << 1, ones);
    bytes[written++] = high >> 4;
    bytes[written++] = (high << 4) | (low >> 8);
    bytes[written++] = low;
  }
  if (tail === 0) return { bytes, isCanonical: true };
  const last = { text, at: whole, codes, ones };
  return readTail(last, tail, bytes);
}

interface Tail {
  readonly text: string;
  /** Index of its first character. */
  readonly at: number;
  readonly codes: Uint8Array;
  readonly ones: Int8Array;
}

/** Reads the last one to three characters into the end of the bytes. */
function readTail({ text, at, codes, ones }: Tail, length: number, bytes: Uint8Array): Base64Bytes | number {
  const first = valueAt(codes, at, ones);
  const second = length > 1 ? valueAt(codes, at + 1, ones) : 0;
  const third = length > 2 ? valueAt(codes, at + 2, ones) : 0;
  if ((first | second | third) < 0) return firstInvalid(text, at, ones);
  // A single character holds six bits: not a byte
  if (length === 1) return at;
  const end = bytes.length;
  if (length === 2) {
    bytes[end - 1] = (first << 2) | (second >> 4);
    return { bytes, isCanonical: (second & 0xf) === 0 };
  }
  bytes[end - 2] = (first << 2) | (second >> 4);
  bytes[end - 1] = (second << 4) | (third >> 2);
  return { bytes, isCanonical: (third & 0x3) === 0 };
}

function valueAt(codes: Uint8Array, at: number, table: Int8Array): number {
  return table[codes[at] ?? 0] ?? invalid;
}

/** Index of the first invalid character at or after `from`. */
function firstInvalid(text: string, from: number, table: Int8Array): number {
  let at = from;
  while (at < text.length && (table[text.charCodeAt(at)] ?? invalid) >= 0) at++;
  return at;
}
