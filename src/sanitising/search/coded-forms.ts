// All forms of a value in a text: plain, and in every coding of this traffic.

/** Shorter pieces match by chance. */
const shortestForm = 8;

export interface CodedForms {
  /** The value itself, percent coding, entities, UTF-16. */
  readonly plain: readonly string[];
  /** Its pieces in base64 and base64url, at each of three alignments. */
  readonly packed: readonly string[];
}

/** All forms of a value in lower case, for a search that ignores letter case. */
export function codedForms(value: string): CodedForms {
  const forms = writings(value.replace(/\p{Surrogate}/gu, "\ufffd")).map(formsOfWriting);
  return {
    plain: distinct([value, ...forms.flatMap(({ plain }) => plain)]),
    packed: distinct(forms.flatMap(({ packed }) => packed)).filter((form) => form.length >= shortestForm),
  };
}

/** Text beyond ASCII has several writings: composed or not, and capitals that coded forms do not fold. */
function writings(whole: string): readonly string[] {
  if (/^\p{ASCII}*$/u.test(whole)) return [whole];
  const small = whole.toLowerCase();
  const cases = [
    whole,
    small,
    whole.toUpperCase(),
    ...[anyWord, firstWord].map((word) => small.replace(word, capital)),
  ];
  return [...new Set(cases.flatMap((text) => [text, text.normalize("NFC"), text.normalize("NFD")]))];
}

const anyWord = /(?<![\p{L}\p{M}\p{N}])\p{L}/gu;
const firstWord = /^\p{L}/u;

function capital(letter: string): string {
  return letter.toUpperCase();
}

function formsOfWriting(whole: string): CodedForms {
  const bytes = new TextEncoder().encode(whole);
  const percent = encodeURIComponent(whole);
  const plain = [
    whole,
    percent,
    percent.replaceAll("%20", "+"),
    percentBytes(bytes),
    entities(whole, /[&<>"']/g),
    entities(whole, /[^A-Za-z0-9]/g),
    entities(whole, /[\s\S]/gu),
    Array.from(whole, (character) => `&#x${(character.codePointAt(0) ?? 0).toString(16)};`).join(""),
    Array.from(whole, (character) => `${character}\0`).join(""),
    JSON.stringify(whole).slice(1, -1),
    ...beyondAscii(whole, bytes),
  ];
  const narrow = latin1(whole);
  const packed = [bytes, utf16(whole), ...(narrow === null ? [] : [narrow])].flatMap((content) =>
    [0, 1, 2].map((shift) => alignedBase64(content, shift)),
  );
  return { plain, packed: packed.flatMap((text) => [text, text.replaceAll("+", "-").replaceAll("/", "_")]) };
}

/** Escapes of JSON, the bytes of UTF-8 read as Latin-1 (as header fields are), and Latin-1 in percent coding. */
function beyondAscii(whole: string, bytes: Uint8Array): readonly string[] {
  if (bytes.length === whole.length) return [];
  const escaped = whole.replace(/[^\x20-\x7e]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`);
  const misread = Array.from(bytes, (byte) => String.fromCharCode(byte)).join("");
  const narrow = latin1(whole);
  const old = narrow === null ? [] : [percentBytes(narrow), narrowPercent(narrow)];
  return [
    escaped,
    misread,
    misread.replace(/[^\x20-\x7e]/g, (unit) => `\\u00${unit.charCodeAt(0).toString(16)}`),
    ...old,
  ];
}

function percentBytes(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => `%${byte.toString(16).padStart(2, "0")}`).join("");
}

function narrowPercent(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => (byte < 0x80 ? String.fromCharCode(byte) : `%${byte.toString(16)}`)).join("");
}

/** The text in ISO 8859-1; null when it cannot hold the text, or the text is ASCII. */
function latin1(text: string): Uint8Array | null {
  return /^[\0-\xff]*$/.test(text) && /[\x80-\xff]/.test(text)
    ? Uint8Array.from(text, (character) => character.charCodeAt(0))
    : null;
}

function distinct(texts: readonly string[]): readonly string[] {
  return [...new Set(texts.map(foldedText))];
}

/** The text in lower case with the same length: a letter with a longer lower case (U+0130) stays unchanged. */
export function foldedText(text: string): string {
  const folded = text.toLowerCase();
  if (folded.length === text.length) return folded;
  const fold = (letter: string): string =>
    letter.toLowerCase().length === letter.length ? letter.toLowerCase() : letter;
  return Array.from(text, fold).join("");
}

/** The base64 letters that depend on these bytes only; the first and the last also hold bits of neighbouring bytes. */
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
