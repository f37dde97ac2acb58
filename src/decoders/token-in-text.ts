// Tokens inside other text: in compact form, and as Exchange prints them in its OAuth log and in Test-OAuthConnectivity.
import { isJsonObject, type JsonObject } from "./json-text.ts";

// Characters of a compact token and of the marker in place of a removed signature. The text is split into such words first,
// then at their dots: one pass over hostile text.
const word = /[A-Za-z0-9_.<>:-]+/g;
const shortest = 16; // base64url of the shortest header that names an algorithm is longer

/** Every compact token in a text, in order, as written. Checks the outline only. */
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

const maxText = 64 * 1024;
const headerAt = /\{\s{0,8}"(?:typ|alg|x5t|kid)"[^{}]{0,600}\}\s{0,8}\.\s{0,8}/g;
// `"iss": "…" "aud": "…"`: the claims without their braces
const pair = /\s{0,16},?\s{0,16}"([A-Za-z0-9_.-]{1,60})"\s{0,4}:\s{0,4}"([^"\\]{0,4096})"/y;

/**
 * The compact form of the first printed token in a text, with its actor token inside and markers as signatures; null when
 * the text holds none. Exchange prints header and claims as text and the actor token after "; actor:", without signatures and
 * often without some of the claims (public traces). Written back, such a token is read by the same decoder as any other.
 */
export function compactOfPrinted(text: string): string | null {
  const cut = text.slice(0, maxText);
  headerAt.lastIndex = 0;
  const outer = readPart(cut, headerAt);
  if (outer === null) return null;
  const between = cut.slice(outer.end, outer.end + 40);
  const actor = /^[\s"']{0,8};?\s{0,8}actor\s{0,4}:/i.test(between) ? readPart(cut, headerAt) : null;
  const claims = actor === null ? outer.claims : { ...outer.claims, actortoken: compact(actor) };
  return compact({ ...outer, claims });
}

interface Part {
  readonly header: JsonObject;
  readonly claims: JsonObject;
  readonly end: number;
}

/** The next header in the text and the claims behind it. */
function readPart(text: string, pattern: RegExp): Part | null {
  const match = pattern.exec(text);
  if (match === null) return null;
  const header = parsed(match[0].slice(0, match[0].lastIndexOf("}") + 1));
  const start = match.index + match[0].length;
  const claims = text[start] === "{" ? braced(text, start) : pairs(text, start);
  if (header === null || claims === null) return null;
  pattern.lastIndex = claims.end;
  return { header, ...claims };
}

type Claims = Pick<Part, "claims" | "end">;

/** Claims are flat but for lists: the first brace outside a string ends them. */
function braced(text: string, start: number): Claims | null {
  let isString = false;
  for (let at = start + 1; at < text.length; at++) {
    const char = text[at];
    if (char === "\\") at++;
    else if (char === '"') isString = !isString;
    else if (char === "}" && !isString) {
      const claims = parsed(text.slice(start, at + 1));
      return claims === null ? null : { claims, end: at + 1 };
    }
  }
  return null;
}

function pairs(text: string, start: number): Claims | null {
  const claims: [string, string][] = [];
  let end = start;
  pair.lastIndex = start;
  for (let match = pair.exec(text); match !== null && claims.length < 64; match = pair.exec(text)) {
    claims.push([match[1] ?? "", match[2] ?? ""]);
    end = pair.lastIndex;
  }
  return claims.length === 0 ? null : { claims: Object.fromEntries(claims), end };
}

function parsed(json: string): JsonObject | null {
  try {
    const value: unknown = JSON.parse(json);
    return isJsonObject(value) ? value : null;
  } catch {
    return null; // cut or wrapped inside a value
  }
}

function compact({ header, claims }: Pick<Part, "header" | "claims">): string {
  const signature = header.alg === "none" ? "" : "<sig>";
  return `${base64Url(JSON.stringify(header))}.${base64Url(JSON.stringify(claims))}.${signature}`;
}

function base64Url(text: string): string {
  const binary = Array.from(new TextEncoder().encode(text), (byte) => String.fromCharCode(byte)).join("");
  return btoa(binary).replaceAll("+", "-").replaceAll("/", "_").replace(/=+$/, "");
}
