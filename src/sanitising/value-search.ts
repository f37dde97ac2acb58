// Looking for many values in a text at once, in all their forms, in one pass over it.
import { codedForms } from "./coded-forms.ts";

export interface KnownValue {
  readonly value: string;
  /** What stands in its place; letters, digits and `-` alone, so that it may stand anywhere. */
  readonly replacement: string;
  /** Found only where no letter or digit stands beside it: names of people, which are words. */
  readonly isWord: boolean;
  /** Only the beginning of a long value is looked for; what follows it without a break goes with it. */
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

/** What the first letters of every form are looked up by. */
const keyLength = 3;

export class ValueSearch {
  readonly #forms = new Map<string, Form[]>();
  /** One bit for each hash of a key: nearly every place of a text is passed over by it. */
  readonly #filter = new Uint8Array(1 << 16);
  readonly size: number;

  constructor(values: readonly KnownValue[]) {
    this.size = values.length;
    for (const known of values) {
      const { plain, packed } = codedForms(known.value);
      for (const text of plain) this.#add({ text, known, isPacked: false });
      // The letters of a short name stand in base64 by chance.
      if (!known.isWord || known.value.length >= 6) {
        for (const text of packed) this.#add({ text, known, isPacked: true });
      }
    }
    for (const forms of this.#forms.values()) forms.sort((one, other) => other.text.length - one.text.length);
  }

  /** True when any value stands in the text, in any form. */
  isIn(text: string): boolean {
    return this.#hits(text, true).length > 0;
  }

  /** The text with every value replaced; of a packed form the whole run of base64 goes. */
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

  #add(form: Form): void {
    if (form.text.length < keyLength) return;
    const key = form.text.slice(0, keyLength);
    const forms = this.#forms.get(key) ?? [];
    forms.push(form);
    this.#forms.set(key, forms);
    this.#filter[hashAt(form.text, 0)] = 1;
  }

  #hits(text: string, isFirstEnough: boolean): readonly Hit[] {
    if (this.size === 0 || text.length < keyLength) return [];
    const folded = text.toLowerCase();
    // Folding may change a length outside ASCII; then the places in the two would differ.
    const searched = folded.length === text.length ? folded : text;
    const hits: Hit[] = [];
    for (let at = 0; at <= searched.length - keyLength; at++) {
      if (this.#filter[hashAt(searched, at)] === 0) continue;
      const hit = this.#hitAt(searched, at);
      if (hit === null) continue;
      hits.push(hit);
      if (isFirstEnough) return hits;
      at = hit.end - 1;
    }
    return hits;
  }

  #hitAt(text: string, at: number): Hit | null {
    for (const form of this.#forms.get(text.slice(at, at + keyLength)) ?? []) {
      if (!text.startsWith(form.text, at)) continue;
      const end = at + form.text.length;
      const { replacement, isWord } = form.known;
      if (form.isPacked || form.known.isCut) return { ...aroundRun(text, at, end), replacement };
      if (!isWord || (isEdge(text.charCodeAt(at - 1)) && isEdge(text.charCodeAt(end)))) {
        return { start: at, end, replacement };
      }
    }
    return null;
  }
}

function hashAt(text: string, at: number): number {
  return (text.charCodeAt(at) * 961 + text.charCodeAt(at + 1) * 31 + text.charCodeAt(at + 2)) & 0xffff;
}

/** Not a number past the text's ends, which is an edge. */
function isEdge(code: number): boolean {
  return !((code >= 48 && code <= 57) || (code >= 97 && code <= 122) || code === 95);
}

function aroundRun(text: string, start: number, end: number): { readonly start: number; readonly end: number } {
  let [first, last] = [start, end];
  while (first > 0 && isBase64(text.charCodeAt(first - 1))) first--;
  while (last < text.length && isBase64(text.charCodeAt(last))) last++;
  return { start: first, end: last };
}

function isBase64(code: number): boolean {
  const isLetter = (code >= 97 && code <= 122) || (code >= 65 && code <= 90);
  return isLetter || (code >= 47 && code <= 57) || code === 43 || code === 45 || code === 95 || code === 61;
}
