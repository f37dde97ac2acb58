// What exporters write where they took a credential away. Such a marker is neither a probe nor a token: nobody can see what
// stood there. Our own markers are another matter: a capture that was made safe says beside them what it held.

// Seen in exports of browsers, proxies, log scrubbers and test tools, in any letter case, in brackets or not.
const words = new Set(
  "redacted removed hidden masked sanitized sanitised filtered omitted stripped scrubbed censored obfuscated anonymized anonymised suppressed withheld deleted".split(
    " ",
  ),
);
const ownMarker = /^(?:[A-Za-z]+[ \t]+)?<(?:redacted len=\d+ tag=[a-z2-7]{4}|password|negotiate:(?:kerberos|spnego))>$/;
// Three or more of what stands for hidden characters.
const mask = /[*•●…]{3,}|…|\.{3,}|x{8,}/i;
const longest = 256;

/** True for what our own sanitising leaves of credentials that it could not read. */
export function isOwnMarker(text: string): boolean {
  return ownMarker.test(text.trim());
}

/** True for a text that only says that something was taken away: `REDACTED`, `[Authorization removed]`, `***`, `xxxx`. */
export function isRemovedMarker(text: string): boolean {
  const value = text.trim();
  if (value === "" || value.length > longest || isOwnMarker(value)) return false;
  // A word is of letters alone: nothing of a token or of base64 passes as one.
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

/** `<token>`, `{{access_token}}`: a name in brackets stands for a value. */
function isPlaceholder(value: string): boolean {
  return /^(?:<[^<>]+>|\{+[^{}]+\}+|\[[^[\]]+\])$/.test(value);
}

/** True for a value of which a part was taken away (`eyJ0eXAi***`, `eyJ0…`). Ask only about what could not be read. */
export function isPartlyRemoved(text: string): boolean {
  return (
    text.length <= 64 * 1024 &&
    (mask.test(text) || /[[<({](?:redacted|removed|hidden|masked|filtered)[\])}>]/i.test(text))
  );
}

/** True for a `Cookie` field whose values were taken away, all of it or one by one. */
export function isRemovedCookie(field: string): boolean {
  if (isRemovedMarker(field)) return true;
  if (field.length > 16 * 1024) return false;
  return field.split(";").some((pair) => pair.includes("=") && isRemovedMarker(pair.slice(pair.indexOf("=") + 1)));
}
