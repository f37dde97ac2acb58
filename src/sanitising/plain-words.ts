// Tells names that people write (`Exchange.asmx`, `odata.metadata`, `ex01`) from possible passwords by their shape, because neither
// can be listed. A password of letters only looks like a word.
import { pseudonymMarks } from "../core/opaque-text.ts";
import { type Pseudonymise, redactedWord } from "./redaction.ts";

const guids = /[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}/gi;
const hostName = /^(?:[a-z0-9_-]{1,63}\.){1,8}[a-z]{2,24}\.?$/i;
const knownMixed =
  /^(?:v\d{1,3}|oauth2|s2s|utf8|utf16|base64|sha\d{1,3}|x\d{2}|win\d{2}|h2c?|http2|b3|p3p|ie\d{1,2}|i?pv[46]|md5|3g?pp\d?|mp[34]|e2e|w3c)$/i;
const shortMixed = /^(?:[\p{L}]{1,24}\d{1,2}|\d{1,2}[\p{L}]{1,2}|[\p{L}\d]{1,4})$/u;
const separators = /[-_.~()',:@ =]+/;
const allowed = /^[\p{L}\p{M}\p{N}\-_.~()',:@ =]*$/u;

/** True for a name as in paths, parameters and fields, also with replacements by this program inside. */
export function isPlainName(text: string): boolean {
  if (text.length > 256) return false;
  if (/^(?:\*|\$[a-z]{1,24}|\{[a-z]{1,24}\})$/i.test(text)) return true;
  const rest = text.replace(pseudonymMarks, "").replace(guids, "");
  if (rest === "" || hostName.test(rest)) return true;
  return allowed.test(rest) && arePlainParts(rest.split(separators), 5);
}

/** As `isPlainName`, for one word of a list, where numbers may be long. */
function isPlainWord(word: string): boolean {
  const rest = word.replace(pseudonymMarks, "").replace(guids, "");
  return rest === "" || hostName.test(rest) || arePlainParts(rest.split(/[-_.~!#$%&'*+^`|:@]+/), 12);
}

function arePlainParts(parts: readonly string[], digits: number): boolean {
  let odd = 0;
  for (const part of parts) {
    if (part === "" || /^[\p{L}\p{M}]{1,40}$/u.test(part) || knownMixed.test(part)) continue;
    if (/^\d+$/.test(part)) {
      if (part.length > digits) return false;
    } else if (shortMixed.test(part)) odd += 1;
    else return false;
  }
  return odd <= 1;
}

const listWord = /[^\s,;="()<>/]+/g;

/** A list of names (RFC 9110 §5.6) without words that do not look like a name. */
export function onlyPlainWords(text: string, pseudonymise: Pseudonymise): string {
  return text.replace(listWord, (word) => (isPlainWord(word) ? word : redactedWord(word, pseudonymise)));
}

/** A sanitised token. */
const madeToken = /^e[yw][A-Za-z0-9_-]+\.(?:e[yw]|$)/;
const chanceWord = /[^\s,;="'()<>/?&]{8,}/g;

/** The text without words that mix letters and digits in more than one part. */
export function withoutRandomWords(text: string, pseudonymise: Pseudonymise): string {
  return text.replace(chanceWord, (word) =>
    looksRandom(word) && !madeToken.test(word) ? redactedWord(word, pseudonymise) : word,
  );
}

/** True for a word that mixes letters and digits in more than one part, as passwords and keys do; not for host names. */
export function looksRandom(word: string): boolean {
  const rest = word.replace(pseudonymMarks, "").replace(guids, "");
  if (rest.length < 8 || hostName.test(rest.replace(/^.*@|:\d{1,5}$/g, ""))) return false;
  const mixed = rest.split(/[-_.~:@!*+$]+/).filter((part) => /\d/.test(part) && /\p{L}/u.test(part));
  return mixed.filter((part) => !knownMixed.test(part)).length > 1;
}
