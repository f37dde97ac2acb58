// The forms in which one value can stand in a text: as it is, and in every coding that this traffic uses.

/** Shorter pieces stand everywhere by chance. */
const shortestForm = 8;

export interface CodedForms {
  /** Written out: the value itself, percent coding, entities, UTF-16. */
  readonly plain: readonly string[];
  /** Pieces of base64 or base64url text in which it stands, at each of three alignments. */
  readonly packed: readonly string[];
}

/** All forms of a value, in lower case: they are looked for without regard to it. */
export function codedForms(value: string): CodedForms {
  const whole = value.replace(/\p{Surrogate}/gu, "\ufffd");
  const bytes = new TextEncoder().encode(whole);
  const wide = utf16(whole);
  const percent = encodeURIComponent(whole);
  const plain = [
    value,
    percent,
    percent.replaceAll("%20", "+"),
    Array.from(bytes, (byte) => `%${byte.toString(16).padStart(2, "0")}`).join(""),
    entities(whole, /[&<>"']/g),
    entities(whole, /[^A-Za-z0-9]/g),
    entities(whole, /[\s\S]/gu),
    Array.from(whole, (character) => `&#x${(character.codePointAt(0) ?? 0).toString(16)};`).join(""),
    Array.from(whole, (character) => `${character}\0`).join(""),
    JSON.stringify(whole).slice(1, -1),
  ];
  const packed = [bytes, wide].flatMap((content) => [0, 1, 2].map((shift) => alignedBase64(content, shift)));
  const both = packed.flatMap((text) => [text, text.replaceAll("+", "-").replaceAll("/", "_")]);
  return { plain: distinct(plain), packed: distinct(both).filter((form) => form.length >= shortestForm) };
}

function distinct(texts: readonly string[]): readonly string[] {
  return [...new Set(texts.map((text) => text.toLowerCase()))];
}

/** The letters of base64 that hold nothing but these bytes; the first and the last hold bits of what stands beside. */
function alignedBase64(bytes: Uint8Array, shift: number): string {
  let binary = "\0".repeat(shift);
  for (const byte of bytes) binary += String.fromCharCode(byte);
  const whole = Math.floor((binary.length * 8) / 6);
  return btoa(binary).slice(shift === 0 ? 0 : shift + 1, whole);
}

function entities(text: string, which: RegExp): string {
  const named: Readonly<Record<string, string>> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" };
  return text.replace(which, (character) => named[character] ?? `&#${character.codePointAt(0)};`);
}

function utf16(text: string): Uint8Array {
  const bytes = new Uint8Array(text.length * 2);
  for (let at = 0; at < text.length; at++) {
    bytes[at * 2] = text.charCodeAt(at) & 0xff;
    bytes[at * 2 + 1] = text.charCodeAt(at) >> 8;
  }
  return bytes;
}
