// Interns strings read from bytes: the same names and values recur in every entry, and a string that exists already
// costs no allocation.

/** Whether these bytes are the ASCII text. */
export function equalsText(text: string, bytes: Buffer, start: number, end: number): boolean {
  if (text.length !== end - start) return false;
  for (let index = 0; index < text.length; index++) if (text.charCodeAt(index) !== bytes[start + index]) return false;
  return true;
}

/** A hash of these bytes, below 1024. */
export function hashBytes(bytes: Buffer, start: number, end: number): number {
  const length = end - start;
  const first = bytes[start] ?? 0;
  const early = bytes[start + (length >> 2)] ?? 0;
  const middle = bytes[(start + end) >> 1] ?? 0;
  const last = bytes[end - 1] ?? 0;
  return (length * 37 + first * 7 + early * 61 + middle * 101 + last * 17) & 1023;
}

const longest = 256;

/** Keeps the last text for each hash. */
export class InternedTexts {
  readonly #texts: string[] = new Array<string>(1024).fill("");

  /** The text of these bytes, which must be ASCII. */
  read(bytes: Buffer, start: number, end: number): string {
    if (end - start > longest) return bytes.toString("latin1", start, end);
    const hash = hashBytes(bytes, start, end);
    const known = this.#texts[hash] ?? "";
    if (equalsText(known, bytes, start, end)) return known;
    const text = bytes.toString("latin1", start, end);
    this.#texts[hash] = text;
    return text;
  }
}

/** The names of wanted members. Detects a name that occurs twice in one object. */
export class MemberNames<Name extends string> {
  readonly #slots: (Name | "")[] = new Array<Name | "">(1024).fill("");
  /** One bit for each name. */
  readonly #marks = new Int32Array(1024);
  #seen = 0;

  /** At most 31 names. */
  constructor(names: readonly Name[]) {
    for (const [number, name] of names.entries()) {
      const bytes = Buffer.from(name);
      let slot = hashBytes(bytes, 0, bytes.length);
      while (this.#slots[slot] !== "") slot = (slot + 1) & 1023;
      this.#slots[slot] = name;
      this.#marks[slot] = 1 << number;
    }
  }

  /** Begins an object. */
  begin(): void {
    this.#seen = 0;
  }

  /** The name in these bytes; empty when not wanted, null when it has occurred in this object before. */
  read(bytes: Buffer, start: number, end: number): Name | "" | null {
    for (let slot = hashBytes(bytes, start, end); ; slot = (slot + 1) & 1023) {
      const name = this.#slots[slot] ?? "";
      if (name === "") return "";
      if (!equalsText(name, bytes, start, end)) continue;
      const mark = this.#marks[slot] ?? 0;
      if ((this.#seen & mark) !== 0) return null;
      this.#seen |= mark;
      return name;
    }
  }
}
