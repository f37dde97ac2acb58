// Tokens inside values whose content is not known: cookies, lists, the fields of an answer. Many such values look like a token and
// are none, so only what decodes counts.
import { decodeJwt, maxTokenLength } from "./jwt.ts";

// A token begins a run of its characters, or follows a percent escape (`Bearer%20ey…`): one pass over hostile text.
const outline =
  /(?:(?<![A-Za-z0-9_-])|(?<=%[0-9A-Fa-f]{2}))e[yw][A-Za-z0-9_-]{4,}\.[A-Za-z0-9_-]{4,}\.(?:[A-Za-z0-9_-]+|<sig(?::[0-9a-z]{4,9})?>)?/g;

/** True for a value that is worth searching. Cheap: runs for every field of a transaction. */
export function mayHoldTokens(value: string): boolean {
  return value.length > 40 && value.includes(".") && (value.includes("ey") || value.includes("ew"));
}

/** Every signed or unsigned token in a text that can be decoded, in order, in compact form. Secret. */
export function readableTokens(text: string): readonly string[] {
  if (!mayHoldTokens(text)) return [];
  return (text.slice(0, maxTokenLength).match(outline) ?? []).filter((compact) => decodeJwt(compact).ok);
}
