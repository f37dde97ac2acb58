/** JSON texts of values that come again and again: comparing with the last one is far cheaper than writing it anew. */
export class KnownJson {
  readonly #values: unknown[] = new Array<unknown>(slots).fill(undefined);
  readonly #texts: string[] = new Array<string>(slots).fill("");

  /** `JSON.stringify` of a value of lists, plain records and what stands in them; values of one kind have one `hash`. */
  text(value: object, hash: number): string {
    const slot = hash & (slots - 1);
    if (isSame(this.#values[slot], value)) return this.#texts[slot] ?? "";
    const text = JSON.stringify(value);
    this.#values[slot] = value;
    this.#texts[slot] = text;
    return text;
  }
}

const slots = 128;

/** True only where the JSON of both is the same: the same members in the same order. */
function isSame(one: unknown, other: unknown): boolean {
  if (one === other) return true;
  if (typeof one !== "object" || typeof other !== "object" || one === null || other === null) return false;
  if (Array.isArray(one)) return Array.isArray(other) && isSameList(one, other);
  return !Array.isArray(other) && isSameRecord(one, other);
}

function isSameList(one: readonly unknown[], other: readonly unknown[]): boolean {
  if (one.length !== other.length) return false;
  for (let index = 0; index < one.length; index++) if (!isSame(one[index], other[index])) return false;
  return true;
}

function isSameRecord(one: object, other: object): boolean {
  const names = Object.keys(one);
  if (!isSameList(names, Object.keys(other))) return false;
  return isSameList(Object.values(one), Object.values(other));
}
