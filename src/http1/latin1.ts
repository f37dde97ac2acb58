const piece = 4096;

/** One character for each byte (ISO-8859-1), as HTTP header fields are read; never fails. TextDecoder's "latin1" is another table. */
export function latin1(bytes: Uint8Array): string {
  let text = "";
  for (let start = 0; start < bytes.length; start += piece) {
    // Spreading a typed array walks its iterator, which is several times slower.
    text += Reflect.apply(String.fromCharCode, null, bytes.subarray(start, start + piece));
  }
  return text;
}
