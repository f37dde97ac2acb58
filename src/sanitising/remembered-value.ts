import type { Pseudonymise } from "./redaction.ts";

const valuesKept = 256;
const longestKept = 32 * 1024;
const memories = new WeakMap<Pseudonymise, Map<string, string>>();

/**
 * Caches `make` by value and pseudonyms. A service presents one token for hours, and decoding it again for each request is most of the
 * cost of sanitising. Bounded, in memory only.
 */
export function rememberValue(value: string, pseudonymise: Pseudonymise, make: () => string): string {
  const memory = memories.get(pseudonymise) ?? new Map<string, string>();
  memories.set(pseudonymise, memory);
  const known = memory.get(value);
  if (known !== undefined) return known;
  const made = make();
  if (value.length > longestKept) return made;
  const oldest = memory.size < valuesKept ? undefined : memory.keys().next().value;
  if (oldest !== undefined) memory.delete(oldest);
  memory.set(value, made);
  return made;
}
