// Markers that exporters write in place of a credential. Such a marker is neither a probe nor a token, because the original is
// unknown. The markers of this program differ: they tell what they replace.

// Words in exports of browsers, proxies, log scrubbers and test tools, in any letter case, with or without brackets.
const words = new Set(
  "redacted removed hidden masked sanitized sanitised filtered omitted stripped scrubbed censored obfuscated anonymized anonymised suppressed withheld deleted".split(
    " ",
  ),
);
const ownMarker = /^(?:[A-Za-z]+[ \t]+)?<(?:redacted len=\d+ tag=[a-z2-7]{4}|password|negotiate:(?:kerberos|spnego))>$/;
// Three or more masking characters.
const mask = /[*•●…]{3,}|…|\.{3,}|x{8,}/i;
const longest = 256;

/** True for the marker of this program's sanitising in place of unreadable credentials. */
export function isOwnMarker(text: string): boolean {
  return ownMarker.test(text.trim());
}

/** True for a text that is only a marker: `REDACTED`, `[Authorization removed]`, `***`, `xxxx`. */
export function isRemovedMarker(text: string): boolean {
  const value = text.trim();
  if (value === "" || value.length > longest || isOwnMarker(value)) return false;
  // Letters only, so that no part of a token or of base64 matches.
  const parts = value.split(/[^\p{L}\p{N}]+/u).filter((part) => part !== "");
  if (parts.length === 0) return /[*•●….#_-]{3,}|^\*+$|…/u.test(value);
  if (parts.length > 8 || !parts.every((part) => /^\p{L}{1,24}$/u.test(part))) return false;
  if (parts.some((part) => words.has(part.toLowerCase()))) return true;
  return isMaskOfLetters(parts.join("")) || isPlaceholder(value);
}

/** `xxx` and longer. */
function isMaskOfLetters(letters: string): boolean {
  return /^x{3,}$/i.test(letters);
}

/** `<token>`, `{{access_token}}`: a name in brackets in place of a value. */
function isPlaceholder(value: string): boolean {
  return /^(?:<[^<>]+>|\{+[^{}]+\}+|\[[^[\]]+\])$/.test(value);
}

/** True for a value with a removed part (`eyJ0eXAi***`, `eyJ0…`). Meant for unreadable values only. */
export function isPartlyRemoved(text: string): boolean {
  return (
    text.length <= 64 * 1024 &&
    (mask.test(text) || /[[<({](?:redacted|removed|hidden|masked|filtered)[\])}>]/i.test(text))
  );
}

/** True for a `Cookie` field that was replaced by a marker, whole or value by value. */
export function isRemovedCookie(field: string): boolean {
  if (isRemovedMarker(field)) return true;
  if (field.length > 16 * 1024) return false;
  return field.split(";").some((pair) => pair.includes("=") && isRemovedMarker(pair.slice(pair.indexOf("=") + 1)));
}
