// Searches a text for many values in all their forms, in one pass.
import { codedForms, foldedText } from "./coded-forms.ts";

export interface KnownValue {
  readonly value: string;
  /** Letters, digits and `-` only, so that it is valid in any place. */
  readonly replacement: string;
  /** Matches only between other characters than letters and digits: for names of people. */
  readonly isWord: boolean;
  /** The value is the beginning of a long one; a match extends to the end of the run. */
  readonly isCut: boolean;
}

interface Form {
  readonly text: string;
  readonly known: KnownValue;
  readonly isPacked: boolean;
}

interface Hit {
  readonly start: number;
  readonly end: number;
  readonly replacement: string;
}

/** Number of first letters in the index: three for short names, six for all other forms, which match in few places. */
const shortKey = 3;
const longKey = 6;

export class ValueSearch {
  readonly #short: FormIndex;
  readonly #long: FormIndex;
  /** Marks the hashes of the first three letters of all forms, to skip nearly every place of a text. */
  readonly #filter = new Uint8Array(1 << 16);
  readonly size: number;

  constructor(values: readonly KnownValue[]) {
    this.size = values.length;
    const forms = values.flatMap(formsOf).filter(({ text }) => text.length >= shortKey);
    for (const { text } of forms) this.#filter[hashAt(text, 0)] = 1;
    this.#short = new FormIndex(
      forms.filter(({ text }) => text.length < longKey),
      shortKey,
    );
    this.#long = new FormIndex(
      forms.filter(({ text }) => text.length >= longKey),
      longKey,
    );
  }

  /** True when the text contains any value in any form. */
  isIn(text: string): boolean {
    return this.#hits(text, true).length > 0;
  }

  /** The text with every value replaced; a packed form is replaced with its whole run of base64. */
  replaceIn(text: string): string {
    const hits = this.#hits(text, false);
    if (hits.length === 0) return text;
    let result = "";
    let done = 0;
    for (const { start, end, replacement } of hits) {
      result += text.slice(done, Math.max(done, start)) + (end > done ? replacement : "");
      done = Math.max(done, end);
    }
    return result + text.slice(done);
  }

  #hits(text: string, isFirstEnough: boolean): readonly Hit[] {
    if (this.size === 0 || text.length < shortKey) return [];
    const searched = foldedText(text);
    const hits: Hit[] = [];
    for (let at = 0; at <= searched.length - shortKey; at++) {
      if (this.#filter[hashAt(searched, at)] === 0) continue;
      // Longer forms first.
      const hit =
        firstHit(this.#long.at(searched, at), searched, at) ?? firstHit(this.#short.at(searched, at), searched, at);
      if (hit === null) continue;
      hits.push(hit);
      if (isFirstEnough) return hits;
      at = hit.end - 1;
    }
    return hits;
  }
}

function formsOf(known: KnownValue): readonly Form[] {
  const { plain, packed } = codedForms(known.value);
  const written = plain.map((text) => ({ text, known, isPacked: false }));
  // The letters of a short name occur in base64 by chance.
  if (known.isWord && known.value.length < 6) return written;
  return [...written, ...packed.map((text) => ({ text, known, isPacked: true }))];
}

const none: readonly Form[] = [];

function hashAt(text: string, at: number): number {
  return (text.charCodeAt(at) * 961 + text.charCodeAt(at + 1) * 31 + text.charCodeAt(at + 2)) & 0xffff;
}

/** Forms by their first letters. */
class FormIndex {
  readonly #forms = new Map<string, Form[]>();
  readonly #keyLength: number;
  /** One bit for each hash of a key, at least sixteen for each form: three letters are too few for many forms. */
  readonly #filter: Uint8Array;
  readonly #mask: number;

  constructor(forms: readonly Form[], keyLength: number) {
    this.#keyLength = keyLength;
    const bits = Math.min(24, Math.ceil(Math.log2(forms.length + 1)) + 4);
    this.#filter = new Uint8Array(Math.max(1, (1 << bits) >> 3));
    this.#mask = (1 << bits) - 1;
    for (const form of forms) {
      const key = form.text.slice(0, keyLength);
      const alike = this.#forms.get(key);
      if (alike === undefined) this.#forms.set(key, [form]);
      else alike.push(form);
      const hash = this.#hashAt(key, 0);
      this.#filter[hash >> 3] = (this.#filter[hash >> 3] ?? 0) | (1 << (hash & 7));
    }
    for (const alike of this.#forms.values()) alike.sort((one, other) => other.text.length - one.text.length);
  }

  /** The forms whose first letters are at this place of a text, the longest first. */
  at(text: string, place: number): readonly Form[] {
    if (this.#forms.size === 0) return none;
    const hash = this.#hashAt(text, place);
    if (((this.#filter[hash >> 3] ?? 0) & (1 << (hash & 7))) === 0) return none;
    return this.#forms.get(text.slice(place, place + this.#keyLength)) ?? none;
  }

  #hashAt(text: string, place: number): number {
    let hash = 0;
    for (let at = place; at < place + this.#keyLength; at++) hash = (Math.imul(hash, 31) + text.charCodeAt(at)) | 0;
    return (hash ^ (hash >>> 16)) & this.#mask;
  }
}

function firstHit(forms: readonly Form[], text: string, at: number): Hit | null {
  for (const { text: form, known, isPacked } of forms) {
    if (!text.startsWith(form, at)) continue;
    const end = at + form.length;
    const { replacement, isWord, isCut } = known;
    if (isPacked || isCut) return { ...aroundRun(text, at, end), replacement };
    if (!isWord || (isEdge(text.charCodeAt(at - 1)) && isEdge(text.charCodeAt(end)))) {
      return { start: at, end, replacement };
    }
  }
  return null;
}

/** `code` is NaN before and after the text, which counts as an edge. */
function isEdge(code: number): boolean {
  return !((code >= 48 && code <= 57) || (code >= 97 && code <= 122) || code === 95);
}

/** The run of base64 around a piece; `=` only ends a run, so that `name=value` has two. */
function aroundRun(text: string, start: number, end: number): { readonly start: number; readonly end: number } {
  let [first, last] = [start, end];
  while (first > 0 && isBase64(text.charCodeAt(first - 1))) first--;
  while (last < text.length && isBase64(text.charCodeAt(last))) last++;
  while (last < text.length && text.charCodeAt(last) === 61) last++;
  return { start: first, end: last };
}

function isBase64(code: number): boolean {
  const isLetter = (code >= 97 && code <= 122) || (code >= 65 && code <= 90);
  return isLetter || (code >= 47 && code <= 57) || code === 43 || code === 45 || code === 95;
}
