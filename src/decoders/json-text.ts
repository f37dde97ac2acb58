// JSON of hostile origin: depth is bounded before any recursion, and what JSON.parse hides (duplicate members, numbers that lose
// digits) is reported. A common document costs one scan and one JSON.parse; only an odd one is parsed a second time here.
import { type Decoded, decodedValue, decodeProblem } from "../core/decoded.ts";

export type JsonObject = Readonly<Record<string, unknown>>;

export interface JsonText {
  readonly value: JsonObject;
  /** Names of members that occur more than once in one object, at most 16. Hostile text. */
  readonly duplicates: readonly string[];
  /** The earlier values of those names; JSON.parse and this reader keep the last one. */
  readonly shadowed: readonly (readonly [name: string, value: unknown])[];
  /** True when a number is not exact as a double: `value` then holds its text. */
  readonly hasTextNumbers: boolean;
}

export const maxJsonDepth = 64;
const maxDuplicates = 16;
const quote = 34;
const backslash = 92;
const none: readonly never[] = [];

/** Reads a text that holds one object. A list, a bare value or more than 64 levels is a problem. */
export function readJsonObject(text: string): Decoded<JsonText> {
  const survey = surveyJson(text);
  if (survey === null) return decodeProblem(`JSON nested deeper than ${maxJsonDepth} levels`);
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return decodeProblem("not JSON"); // without the message of the engine, which repeats the input
  }
  if (!isJsonObject(value)) return decodeProblem("JSON, but not an object");
  if (!survey.hasLongNumber && survey.members === countMembers(value)) {
    return decodedValue({ value, duplicates: none, shadowed: none, hasTextNumbers: false });
  }
  return decodedValue(rereadJson(text));
}

/** True for a JSON object, false for a list, null or a bare value. */
export function isJsonObject(value: unknown): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

interface Survey {
  readonly members: number;
  readonly hasLongNumber: boolean;
}

/** Counts members and numbers in one scan; null when too deep. Does not check validity. */
function surveyJson(text: string): Survey | null {
  let depth = 0;
  let members = 0;
  let hasLongNumber = false;
  for (let index = 0; index < text.length; index++) {
    const code = text.charCodeAt(index);
    switch (code) {
      case quote:
        index = closingQuote(text, index);
        break;
      case 58: // :
        members++;
        break;
      case 123: // { [
      case 91:
        if (++depth > maxJsonDepth) return null;
        break;
      case 125: // } ]
      case 93:
        depth--;
        break;
      default:
        if (isNumberStart(code)) {
          const end = numberEnd(text, index);
          hasLongNumber ||= isLongNumber(text.slice(index, end));
          index = end - 1;
        }
    }
  }
  return { members, hasLongNumber };
}

function isNumberStart(code: number): boolean {
  return (code >= 48 && code <= 57) || code === 45;
}

/** True for a number that may lose digits as a double. */
function isLongNumber(raw: string): boolean {
  return raw.length > 15 || /[eE]/.test(raw);
}

/** Characters of a string that are scanned one by one before a search for the next quote is cheaper. */
const shortString = 40;

/** Index of the closing quote of the string that begins at `start`; the length of the text when there is none. */
function closingQuote(text: string, start: number): number {
  let from = start + 1;
  for (const stop = Math.min(from + shortString, text.length); from < stop; from++) {
    const code = text.charCodeAt(from);
    if (code === quote) return from;
    if (code === backslash) break;
  }
  for (;;) {
    const end = text.indexOf('"', from);
    if (end === -1) return text.length;
    let slash = end - 1;
    while (slash > start && text.charCodeAt(slash) === backslash) slash--;
    if ((end - slash) % 2 === 1) return end;
    from = end + 1;
  }
}

function numberEnd(text: string, start: number): number {
  let end = start + 1;
  for (; end < text.length; end++) {
    const code = text.charCodeAt(end);
    const isPart =
      (code >= 48 && code <= 57) || code === 43 || code === 45 || code === 46 || code === 69 || code === 101;
    if (!isPart) break;
  }
  return end;
}

function countMembers(value: unknown): number {
  if (typeof value !== "object" || value === null) return 0;
  const values = Object.values(value);
  let members = Array.isArray(value) ? 0 : values.length;
  for (const item of values) if (typeof item === "object") members += countMembers(item);
  return members;
}

interface Reader {
  readonly text: string;
  at: number;
  readonly duplicates: Set<string>;
  readonly shadowed: (readonly [string, unknown])[];
  hasTextNumbers: boolean;
}

/** Reads a text again; JSON.parse has accepted it and its depth is bounded. */
function rereadJson(text: string): JsonText {
  const reader: Reader = { text, at: 0, duplicates: new Set(), shadowed: [], hasTextNumbers: false };
  const value = readValue(reader);
  return {
    value: isJsonObject(value) ? value : {},
    duplicates: [...reader.duplicates],
    shadowed: reader.shadowed,
    hasTextNumbers: reader.hasTextNumbers,
  };
}

function readValue(reader: Reader): unknown {
  skipBlank(reader);
  const code = reader.text.charCodeAt(reader.at);
  if (code === 123) return readMembers(reader);
  if (code === 91) return readItems(reader);
  if (code === quote) return readString(reader);
  if (isNumberStart(code)) return readNumber(reader);
  const word = code === 116 ? "true" : code === 102 ? "false" : "null";
  reader.at += word.length;
  return code === 116 ? true : code === 102 ? false : null;
}

function readMembers(reader: Reader): JsonObject {
  const members = new Map<string, unknown>();
  reader.at++;
  skipBlank(reader);
  while (reader.text.charCodeAt(reader.at) === quote) {
    const name = readString(reader);
    skipBlank(reader);
    reader.at++; // the colon
    if (members.has(name) && reader.shadowed.length < maxDuplicates) {
      reader.duplicates.add(name);
      reader.shadowed.push([name, members.get(name)]);
    }
    members.set(name, readValue(reader));
    skipSeparator(reader);
  }
  reader.at++;
  // fromEntries defines a member called __proto__; assignment would set the prototype.
  return Object.fromEntries(members);
}

function readItems(reader: Reader): readonly unknown[] {
  const items: unknown[] = [];
  reader.at++;
  skipBlank(reader);
  while (reader.text.charCodeAt(reader.at) !== 93) {
    items.push(readValue(reader));
    skipSeparator(reader);
  }
  reader.at++;
  return items;
}

function readString(reader: Reader): string {
  const end = closingQuote(reader.text, reader.at);
  const value: unknown = JSON.parse(reader.text.slice(reader.at, end + 1));
  reader.at = end + 1;
  return typeof value === "string" ? value : "";
}

function readNumber(reader: Reader): number | string {
  const end = numberEnd(reader.text, reader.at);
  const raw = reader.text.slice(reader.at, end);
  reader.at = end;
  const value = Number(raw);
  const digits = raw.replace(/[eE].*$/, "").replace(/[^0-9]/g, "").length;
  const isExact = digits <= 15 || (Number.isSafeInteger(value) && /^-?[0-9]+$/.test(raw));
  if (Number.isFinite(value) && isExact) return value;
  reader.hasTextNumbers = true;
  return raw;
}

function skipSeparator(reader: Reader): void {
  skipBlank(reader);
  if (reader.text.charCodeAt(reader.at) === 44) reader.at++;
  skipBlank(reader);
}

function skipBlank(reader: Reader): void {
  for (;;) {
    const code = reader.text.charCodeAt(reader.at);
    if (code !== 32 && code !== 9 && code !== 10 && code !== 13) return;
    reader.at++;
  }
}
