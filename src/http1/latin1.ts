const piece = 4096;
const ascii = new TextDecoder();

/** One character for each byte (ISO-8859-1), as HTTP header fields are read; never fails. TextDecoder's "latin1" is another table. */
export function latin1(bytes: Uint8Array): string {
  // String.fromCharCode needs its arguments as an array, eight bytes for each: more garbage than all else of a head.
  if (isAscii(bytes)) return ascii.decode(bytes);
  let text = "";
  for (let start = 0; start < bytes.length; start += piece) {
    // Spreading a typed array walks its iterator, which is several times slower.
    text += Reflect.apply(String.fromCharCode, null, bytes.subarray(start, start + piece));
  }
  return text;
}

function isAscii(bytes: Uint8Array): boolean {
  for (let at = 0; at < bytes.length; at += 1) if ((bytes[at] ?? 0) > 0x7f) return false;
  return true;
}
