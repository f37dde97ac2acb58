// Changes inside coded text: percent coding, JSON escapes, entities, base64. A changed part is encoded again in the same coding, so
// that the surrounding text stays readable.
import { readBase64 } from "../decoders/base64.ts";
import { base64, base64Url } from "./base64-text.ts";

type Change = (text: string) => string;

const strict = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
const maxRounds = 5;
const coded =
  /%[0-9a-f]{2}|%u[0-9a-f]{4}|\\u[0-9a-f]{4}|\\x[0-9a-f]{2}|&(?:#|amp|lt|gt|quot|apos|commat|bsol|colon|sol|num)/i;
// The characters of one coded text; delimiters of paths, queries and sentences end it and stay between the parts.
const codedWord = /(?:[^\s"<>/?&=;,]|&#?[a-z0-9]{2,8};){3,}/gi;
const packed = /(?<![A-Za-z0-9+/_=-])[A-Za-z0-9+/_-]{8,4096}={0,2}(?![A-Za-z0-9+/_=-])/g;

/** Applies a change to a text and to coded text inside it. Coded text without a change stays byte for byte. */
export function changeInCodings(text: string, change: Change): string {
  const read = asUtf8(text);
  if (read === null) return changeInWords(text, change);
  const changed = changeInWords(read, change);
  return changed === read ? text : asBytes(changed);
}

/** Decodes a header field, which was read as Latin-1, from UTF-8; null when its bytes are not UTF-8. */
function asUtf8(text: string): string | null {
  if (!/[\x80-\xff]/.test(text) || /[^\0-\xff]/.test(text)) return null;
  try {
    return strict.decode(Uint8Array.from(text, (character) => character.charCodeAt(0)));
  } catch {
    return null;
  }
}

function asBytes(text: string): string {
  return Array.from(new TextEncoder().encode(text), (byte) => String.fromCharCode(byte)).join("");
}

function changeInWords(text: string, change: Change): string {
  // First: before its escape is decoded, `anna\\u0040contoso` looks like an account.
  const changed = coded.test(text) ? text.replace(codedWord, (word) => changeInWord(word, change)) : text;
  return changeInPacked(change(changed), change);
}

function changeInWord(word: string, change: Change): string {
  if (!coded.test(word)) return word;
  const { text, rounds } = decodedText(word);
  const changed = changeInPacked(change(text), change);
  return changed === text ? word : encodedText(changed, rounds);
}

/** The text with all layers of coding decoded, and the number of layers; an uncoded text is unchanged with none. */
export function decodedText(text: string): { readonly text: string; readonly rounds: number } {
  let rounds = 0;
  let now = text;
  while (rounds < maxRounds && coded.test(now)) {
    const next = decodedOnce(now);
    if (next === now) break;
    now = next;
    rounds += 1;
  }
  return { text: now, rounds };
}

/** The text percent-coded `rounds` times. A lone surrogate, which UTF-8 cannot hold, becomes U+FFFD. */
export function encodedText(text: string, rounds: number): string {
  let now = text.replace(/\p{Surrogate}/gu, "\ufffd");
  for (let round = 0; round < rounds; round++) now = encodeURIComponent(now);
  return now;
}

const entityNames: Readonly<Record<string, string>> = {
  ...{ amp: "&", lt: "<", gt: ">", quot: '"', apos: "'" },
  ...{ commat: "@", bsol: "\\", colon: ":", sol: "/", num: "#" },
};

function decodedOnce(text: string): string {
  return text
    .replace(/(?:%[0-9a-f]{2})+/gi, percentText)
    .replace(/(?:%u|\\u)([0-9a-f]{4})|\\x([0-9a-f]{2})/gi, (_, wide?: string, narrow?: string) =>
      String.fromCharCode(Number.parseInt(wide ?? narrow ?? "", 16)),
    )
    .replace(/&(?:#(x?)([0-9a-f]{1,6})|([a-z]{2,6}));/gi, (whole: string, ...parts: (string | undefined)[]) =>
      entityText(whole, parts),
    );
}

function entityText(whole: string, [hex, code, name]: readonly (string | undefined)[]): string {
  if (name !== undefined) return entityNames[name.toLowerCase()] ?? whole;
  const number = Number.parseInt(code ?? "", hex === "" ? 10 : 16);
  return number > 0 && number <= 0x10_ffff ? String.fromCodePoint(number) : whole;
}

/** The text of a run of `%XX`: UTF-8, else Latin-1 as old programs write it. */
function percentText(run: string): string {
  const bytes = Uint8Array.from(run.slice(1).split("%"), (hex) => Number.parseInt(hex, 16));
  return textOfBytes(bytes);
}

/** Bytes as UTF-8 text, else as windows-1252: RFC 7617 §2.1 leaves the charset of credentials open. */
export function textOfBytes(bytes: Uint8Array): string {
  try {
    return strict.decode(bytes);
  } catch {
    return new TextDecoder("windows-1252").decode(bytes);
  }
}

function changeInPacked(text: string, change: Change): string {
  if (text.length < 8) return text;
  return text.replace(packed, (run) => {
    // Segments of tokens are left to safe-token.ts.
    if (/^e[yw]/.test(run)) return run;
    const inner = packedText(run);
    if (inner === null) return run;
    const changed = change(inner);
    if (changed === inner) return run;
    const bytes = new TextEncoder().encode(changed);
    return /[+/=]/.test(run) ? base64(bytes) : base64Url(bytes);
  });
}

/** The text in a run of base64 or base64url, UTF-8 or UTF-16; null when the bytes are not text. */
export function packedText(run: string): string | null {
  const bytes = run.replace(/=+$/, "").length % 4 === 1 ? null : readBase64(run);
  if (bytes === null || bytes.length < 5) return null;
  const isWide = bytes.length % 2 === 0 && bytes.every((byte, index) => index % 2 === 0 || byte === 0);
  try {
    const text = isWide ? new TextDecoder("utf-16le").decode(bytes) : strict.decode(bytes);
    return /^[\p{L}\p{M}\p{N}\p{P}\p{S}\p{Zs}\t\r\n]+$/u.test(text) ? text : null;
  } catch {
    return null;
  }
}
