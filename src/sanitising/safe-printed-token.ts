// A token as Exchange prints it in a log: `{header}.{claims}; actor: {header}.{claims}`, without signatures; or a raw token that
// Exchange could not parse.
import { readBase64Url } from "../decoders/base64.ts";
import { base64Url } from "./base64-text.ts";
import { isRedacted, type Pseudonymise, redactedValue } from "./redaction.ts";
import { safeToken } from "./safe-token.ts";

const textOrBrace = /"(?:[^"\\]|\\.)*"|[{}]/gs;
const longest = 65_536;
const mostTokens = 8;
const rawToken = /^e[yw][A-Za-z0-9_-]+\.(?:[A-Za-z0-9_<>:-]*\.?){0,4}$/;
const separator = /^(\.?)(?:;\s{0,4}actor:\s{0,4}|$)/i;

/** A copy that cannot be used and whose claims stay readable: each token passes `safeToken`. Idempotent. */
export function safePrintedToken(text: string, pseudonymise: Pseudonymise): string {
  const parts: string[] = [];
  let rest = text.trim().slice(0, longest);
  while (rest !== "" && parts.length < mostTokens) {
    const [token, after] = nextToken(rest, pseudonymise);
    parts.push(token);
    rest = after;
  }
  if (rest !== "") parts.push(redactedValue(rest, pseudonymise));
  return parts.join("; actor: ");
}

/** The first token of a text, made safe, and the text behind its separator. A text of another shape is removed whole. */
function nextToken(text: string, pseudonymise: Pseudonymise): readonly [token: string, rest: string] {
  // What an earlier run removed stays as it is.
  const removed = /^<redacted [^<>]{0,80}>/.exec(text)?.[0] ?? "";
  const removedEnd = separator.exec(text.slice(removed.length));
  if (isRedacted(removed) && removedEnd !== null) return [removed, text.slice(removed.length + removedEnd[0].length)];
  const raw = /^[^;\s]*/.exec(text)?.[0] ?? "";
  const rawEnd = separator.exec(text.slice(raw.length));
  if (rawToken.test(raw) && rawEnd !== null)
    return [safeToken(raw, pseudonymise), text.slice(raw.length + rawEnd[0].length)];
  const headerEnd = endOfObject(text, 0);
  const claimsEnd = text[headerEnd] === "." ? endOfObject(text, headerEnd + 1) : -1;
  const end = claimsEnd === -1 ? null : separator.exec(text.slice(claimsEnd));
  if (end === null) return [redactedValue(text, pseudonymise), ""];
  const printed = safeObjects(text.slice(0, headerEnd), text.slice(headerEnd + 1, claimsEnd), pseudonymise);
  return [printed ?? redactedValue(text.slice(0, claimsEnd), pseudonymise), text.slice(claimsEnd + end[0].length)];
}

/** The JSON of header and claims as `safeToken` leaves them; null when they are not those of a token. */
function safeObjects(header: string, claims: string, pseudonymise: Pseudonymise): string | null {
  const safe = safeToken(`${packed(header)}.${packed(claims)}.`, pseudonymise);
  if (isRedacted(safe)) return null;
  const texts = safe.split(".", 2).map((segment) => {
    const read = readBase64Url(segment);
    return typeof read === "number" ? null : new TextDecoder().decode(read.bytes);
  });
  return texts.includes(null) ? null : texts.join(".");
}

function packed(json: string): string {
  return base64Url(new TextEncoder().encode(json));
}

/** The index behind the JSON object that begins at `from`; -1 without a whole one. */
function endOfObject(text: string, from: number): number {
  if (text[from] !== "{") return -1;
  let depth = 0;
  for (const found of text.slice(from).matchAll(textOrBrace)) {
    if (found[0] === "{") depth += 1;
    else if (found[0] === "}") depth -= 1;
    if (depth === 0) return from + found.index + 1;
  }
  return -1;
}
