// The entry of `decode`: a single value is read at once; the readers of text are loaded for anything else.
import type { DecodeOptions } from "../messages/decode-transaction.ts";
import { decodeValue } from "./decode-value.ts";
import type { DecodedValue } from "./decoded-value.ts";

const oneWord = /^(?:(?:bearer|basic|ntlm|negotiate) )?[A-Za-z0-9_.<>:@/+=~*-]{1,65536}$/i;

/** Recognises a text and decodes it. Never throws; judges and verifies nothing. */
export async function decodePaste(text: string, options: DecodeOptions = {}): Promise<DecodedValue> {
  if (oneWord.test(text.trim())) {
    const value = decodeValue(text, options);
    // An id without a name may be that of a permission.
    if (value.kind !== "unknown" && !(value.kind === "issuer" && value.value.name === null)) return value;
  }
  return (await import("./decode-text.ts")).decodeText(text, options);
}
