import type { Pseudonymise } from "./redaction.ts";

const valuesKept = 256;
const longestKept = 32 * 1024;

/** Caches the safe form of texts of one kind. */
export type Remember = (value: string, pseudonymise: Pseudonymise, make: () => string) => string;

/**
 * Starts a cache by value and pseudonyms. A service presents one token for hours and calls one path of one host, and making that safe
 * again for each request is most of the cost of sanitising. Bounded, in memory only.
 */
export function startRemembering(): Remember {
  const memories = new WeakMap<Pseudonymise, Map<string, string>>();
  return (value, pseudonymise, make) => {
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
  };
}
