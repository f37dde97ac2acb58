// Decodes compact tokens without trusting them: no signature is checked, no `jku` or `x5u` followed, no `kid` looked up.
import { type Decoded, decodedValue, decodeProblem } from "../../core/decoded.ts";
import { memoize } from "../../core/memoize.ts";
import { readBase64Url } from "../base64.ts";
import type { SignatureState } from "../facts.ts";
import { type JsonObject, type JsonText, readJsonObject } from "../json-text.ts";

/** A token in compact form, taken apart and NOT verified. */
export interface Jwt {
  readonly header: JsonObject;
  readonly claims: JsonObject;
  readonly signature: SignatureState;
  readonly duplicates: readonly string[];
  readonly shadowed: readonly (readonly [name: string, value: unknown])[];
  /** Unusual features of the form, in words of this program. */
  readonly oddities: readonly string[];
}

/** Longer tokens are not decoded: decoding is synchronous and captured text is hostile. */
export const maxTokenLength = 256 * 1024;

// The marker of a sanitised capture in place of a signature.
const removedSignature = /^<sig(?::[0-9a-z]{4,9})?>$/i;
const base64Url = /^[A-Za-z0-9_-]*$/;
const utf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** True for the outline of a compact token (signed, unsigned, sanitised or encrypted). Cheap: decodes no segment. */
export function looksLikeJwt(text: string): boolean {
  if (text.length < 10 || text.length > maxTokenLength) return false;
  // base64url of `{"`, `{ `, and of a brace before a line break
  if (!text.startsWith("ey") && !text.startsWith("ew")) return false;
  const first = text.indexOf(".");
  if (first === -1 || !base64Url.test(text.slice(0, first))) return false;
  const dots = countDots(text);
  return dots === 2 || dots === 4;
}

/** Decodes a compact token (RFC 7515 §3.1, RFC 7519 §3). An encrypted one is a problem of its own. */
export function decodeJwt(compact: string): Decoded<Jwt> {
  if (compact.length > maxTokenLength) return decodeProblem(`longer than ${maxTokenLength / 1024} KiB: not read`);
  const dots = countDots(compact);
  if (dots === 4) return encryptedProblem(compact);
  if (dots !== 2) return decodeProblem(`${dots + 1} segments where a signed token has 3`);
  const first = compact.indexOf(".");
  const second = compact.indexOf(".", first + 1);
  const oddities: string[] = [];
  const header = readHeader(compact.slice(0, first));
  if (!header.ok) return header;
  oddities.push(...header.value.oddities);
  const claims = readSegment(compact, { start: first + 1, end: second, name: "claims" }, oddities);
  if (!claims.ok) return claims;
  const signature = readSignature(compact, second + 1, oddities);
  if (!signature.ok) return signature;
  noteHeader(header.value.value, oddities);
  if (header.value.hasTextNumbers || claims.value.hasTextNumbers) {
    oddities.push("a number that cannot be held exactly is kept as text");
  }
  return decodedValue({
    header: header.value.value,
    claims: claims.value.value,
    signature: signature.value,
    duplicates: joined(header.value.duplicates, claims.value.duplicates),
    shadowed: joined(header.value.shadowed, claims.value.shadowed),
    oddities,
  });
}

/** The header alone, also of an encrypted token; undefined when it cannot be read. */
export function decodeJwtHeader(compact: string): JsonObject | undefined {
  const end = compact.indexOf(".");
  if (end === -1 || end > maxTokenLength) return undefined;
  const header = readSegment(compact, { start: 0, end, name: "header" }, []);
  return header.ok ? header.value.value : undefined;
}

/** The inner compact token when the payload is itself a token (RFC 7519 §5.2), else undefined. */
export function nestedJwt(compact: string): string | undefined {
  if (compact.length > maxTokenLength || countDots(compact) !== 2) return undefined;
  const read = readBase64Url(compact.slice(compact.indexOf(".") + 1, compact.lastIndexOf(".")));
  const text = typeof read === "number" ? undefined : readText(read.bytes);
  return text !== undefined && looksLikeJwt(text) ? text : undefined;
}

interface HeaderText extends JsonText {
  readonly oddities: readonly string[];
}

/** The tokens of a service share one header. */
const readHeader = memoize(64, (segment): Decoded<HeaderText> => {
  const oddities: string[] = [];
  const header = readSegment(segment, { start: 0, end: segment.length, name: "header" }, oddities);
  return header.ok ? decodedValue({ ...header.value, oddities }) : header;
});

interface Segment {
  readonly start: number;
  readonly end: number;
  readonly name: "header" | "claims";
}

function readSegment(compact: string, segment: Segment, oddities: string[]): Decoded<JsonText> {
  const { start, end, name } = segment;
  if (start === end) return decodeProblem(`the ${name} segment is empty`, start);
  const read = readBase64Url(compact.slice(start, end));
  if (typeof read === "number") return decodeProblem(`the ${name} segment is not base64url`, start + read);
  if (!read.isCanonical) oddities.push(`non-canonical base64url in the ${name} segment`);
  const text = readText(read.bytes);
  if (text === undefined) return decodeProblem(`the ${name} segment is not UTF-8`, start);
  const json = readJsonObject(text);
  if (json.ok) return json;
  const isNested = name === "claims" && looksLikeJwt(text);
  return decodeProblem(isNested ? "the payload is another token" : `the ${name} segment is ${json.problem}`, start);
}

function readText(bytes: Uint8Array): string | undefined {
  try {
    return utf8.decode(bytes);
  } catch {
    return undefined;
  }
}

function readSignature(compact: string, start: number, oddities: string[]): Decoded<SignatureState> {
  if (start === compact.length) return decodedValue("absent");
  const text = compact.slice(start);
  if (text.startsWith("<") && removedSignature.test(text)) return decodedValue("removed");
  if (!base64Url.test(text) || text.length % 4 === 1)
    return decodeProblem("the signature segment is not base64url", start);
  const tail = text.slice(text.length - (text.length % 4));
  const read = readBase64Url(tail);
  if (typeof read !== "number" && !read.isCanonical) oddities.push("non-canonical base64url in the signature segment");
  return decodedValue("present");
}

const keySources = ["jku", "x5u", "jwk", "x5c"] as const;

function noteHeader(header: JsonObject, oddities: string[]): void {
  const { alg } = header;
  if (typeof alg !== "string") oddities.push("header alg is missing or not text");
  else if (alg !== "none" && alg.toLowerCase() === "none") oddities.push('header alg is "none" in another letter case');
  // RFC 7515 §4.1.11: a recipient must refuse a token with an unknown name in `crit`.
  if (header.crit !== undefined) oddities.push("header crit asks for extensions");
  for (const name of keySources) {
    if (header[name] !== undefined) oddities.push(`header ${name} brings its own key source: not to be trusted`);
  }
}

function encryptedProblem(compact: string): Decoded<never> {
  const header = decodeJwtHeader(compact);
  if (header === undefined) return decodeProblem("5 segments, but the header cannot be read");
  return decodeProblem("an encrypted token (JWE): its claims cannot be read without the key");
}

function countDots(text: string): number {
  let dots = 0;
  for (let at = text.indexOf("."); at !== -1 && dots < 9; at = text.indexOf(".", at + 1)) dots++;
  return dots;
}

function joined<T>(first: readonly T[], second: readonly T[]): readonly T[] {
  return first.length === 0 ? second : [...first, ...second];
}
