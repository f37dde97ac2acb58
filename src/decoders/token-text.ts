// Compact tokens inside other text. Words first, then their dots: one pass, however the text was made.

// Characters of a compact token and of the marker that stands for a removed signature
const word = /[A-Za-z0-9_.<>:-]+/g;
const shortest = 16; // base64url of the shortest header that names an algorithm is longer

/** Every compact token in a text, in order, as written. Only the outline is asked for. */
export function tokensInText(text: string): readonly string[] {
  if (!mayHoldToken(text)) return [];
  return (text.match(word) ?? []).flatMap((candidate) => {
    const start = isToken(candidate) ? candidate.search(/e[yw]/) : -1;
    return start === -1 ? [] : [candidate.slice(start)];
  });
}

/** The text with `<token>` in place of every compact token. */
export function withoutTokens(text: string): string {
  if (!mayHoldToken(text)) return text;
  return text.replace(word, (candidate) => (isToken(candidate) ? "<token>" : candidate));
}

function mayHoldToken(text: string): boolean {
  return text.length > 2 * shortest && text.includes(".") && (text.includes("ey") || text.includes("ew"));
}

function isToken(candidate: string): boolean {
  if (candidate.length < 2 * shortest) return false;
  const [header = "", claims = "", ...rest] = candidate.split(".", 6);
  if (rest.length === 0 || header.length < shortest || !/e[yw]/.test(header)) return false;
  // An encrypted token may have an empty second segment.
  return claims.length >= shortest || rest.length >= 3;
}
