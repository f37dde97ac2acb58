// Text that looks random: a secret without a known name.

const run = /[A-Za-z0-9+/_=-]{32,}/g;
const guids = /[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}/gi;
/** Pseudonyms of this program: random text that is not secret. */
export const pseudonymMarks = /(?:user|client|domain|machine|x)-[a-z2-7]{10}|redacted-[a-z2-7]{4}/g;
const pathWord = /(?:^|\/)[A-Z]?[a-z]{3,}\/|\/[A-Z]?[a-z]{3,}$/;
/** Bits a character: random base64 of this length has 4.5 and more, names written by people less than 4.2. */
const leastEntropy = 4.3;

/** True for 32 or more random-looking characters: keys, tickets, sync states, hashes. Not for GUIDs. */
export function isOpaque(text: string): boolean {
  const rest = text.replace(guids, "").replace(pseudonymMarks, "").replace(/=+$/, "");
  if (rest.length < 32) return false;
  // Parts of a path are tested one by one; base64 that contains a slash has no words between its slashes.
  if (pathWord.test(rest)) return rest.split("/").some(isOpaque);
  if (/^[0-9a-f]{40,}$/i.test(rest)) return /\d/.test(rest) && /[a-f]/i.test(rest);
  const hasDigit = /\d/.test(rest);
  const hasBothCases = /[a-z]/.test(rest) && /[A-Z]/.test(rest);
  return hasDigit && (hasBothCases || /[a-z]/i.test(rest)) && entropy(rest) >= leastEntropy;
}

/** The text with every opaque run replaced. */
export function withoutOpaqueRuns(text: string, replace: (found: string) => string): string {
  return text.length < 32 ? text : text.replace(run, (found) => (isOpaque(found) ? replace(found) : found));
}

/** Shannon entropy of one text, bits a character. */
function entropy(text: string): number {
  const counts = new Map<string, number>();
  for (const character of text) counts.set(character, (counts.get(character) ?? 0) + 1);
  let bits = 0;
  for (const count of counts.values()) bits -= (count / text.length) * Math.log2(count / text.length);
  return bits;
}
