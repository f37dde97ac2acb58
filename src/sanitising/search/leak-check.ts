// The final search of a written file, independent of the code that sanitised it. It reports too much rather than too little.

import { isOpaque } from "../../core/opaque-text.ts";
import { packedText } from "../coded-text.ts";
import type { ValueSearch } from "./value-search.ts";

export interface LeakRules {
  /** Secrets and people of the originals. */
  readonly known: ValueSearch;
  /** True for public text that looks like a secret: ids of requests and keys, certificates of token services. */
  readonly isPublic: (text: string) => boolean;
}

// Tried once for each run of base64url, as in safe-token.ts.
const signature =
  /(?<![A-Za-z0-9_-])(?=[A-Za-z0-9_-]+\.e[yw][A-Za-z0-9_-]{10,}\.[A-Za-z0-9_-]{10,})[A-Za-z0-9_-]*?e[yw][A-Za-z0-9_-]{10,}\.e[yw][A-Za-z0-9_-]{10,}\.[A-Za-z0-9_-]{10,}/;
const pem = /-----BEGIN [A-Z0-9 ]{1,40}-----/;
const basic = /\bBasic\s{1,4}([A-Za-z0-9+/]{4,2000}={0,2})/gi;
// A sanitised NTLM message has empty fields after its signature and type.
const ntlm = /TlRMTVNTUA[A-Za-z0-9+/]{1,2000}={0,2}/g;
const cookie = /\bset-cookie["'&#\d;:,\s]{0,24}(?:value["'&#\d;:,\s]{0,24})?[^=\s"<>]{1,100}=([^;\s"&<]{1,400})/gi;
/** What stays of a token in a cookie; its claims are searched as any other run of base64. */
const unsignedToken = /^e[yw][A-Za-z0-9_-]{4,}\.e[yw][A-Za-z0-9_-]{4,}\.(?:&#60;|\\u003c|$)/i;
const run = /[A-Za-z0-9+/_-]{32,}={0,2}/g;
const maxDepth = 6;

/** The kind of the first leaked secret, in words of this program, or null. */
export function leakIn(bytes: Uint8Array, rules: LeakRules): string | null {
  return leakInText(new TextDecoder("latin1").decode(bytes), rules, 0);
}

function leakInText(text: string, rules: LeakRules, depth: number): string | null {
  if (rules.known.isIn(text)) return "a secret or a name of the original capture";
  if (signature.test(text)) return "a token with its signature";
  if (pem.test(text)) return "a key or a certificate";
  for (const [, credentials = ""] of text.matchAll(basic)) {
    if (isOpenCredential(credentials)) return "a Basic credential with its password";
  }
  for (const [message] of text.matchAll(ntlm)) if (!isEmptyNtlm(message)) return "an NTLM message with its fields";
  for (const [, value = ""] of text.matchAll(cookie)) {
    const isSafe = /^(?:redacted|$)/.test(value.replace(/^<|^&#60;|^\\u003c/i, "")) || unsignedToken.test(value);
    if (!isSafe) return "the value of a cookie";
  }
  return leakInRuns(text, rules, depth);
}

/** Runs of base64: decoded text is searched in the same way, anything else must be known to be public. */
function leakInRuns(text: string, rules: LeakRules, depth: number): string | null {
  for (const [found] of text.matchAll(run)) {
    const inner = readable(found);
    if (inner !== null) {
      const leak = depth < maxDepth ? leakInText(inner, rules, depth + 1) : "text in too many layers of coding";
      if (leak !== null) return leak;
    } else if (isOpaque(found) && !rules.isPublic(found)) return "text that looks like a key or a ticket";
  }
  return null;
}

/** The text with every run replaced that `leakIn` would take for a key or a ticket. */
export function withoutUnreadableRuns(text: string, replace: (found: string) => string): string {
  return text.length < 32
    ? text
    : text.replace(run, (found) => (isOpaque(found) && readable(found) === null ? replace(found) : found));
}

/** The text in base64 or base64url, such as the JSON of a token segment; null for other bytes. */
function readable(packed: string): string | null {
  const inner = binary(packed.replaceAll("-", "+").replaceAll("_", "/"));
  if (inner === null) return null;
  const isJson = inner.startsWith('{"') && inner.endsWith("}");
  return isJson ? inner : packedText(packed);
}

function isOpenCredential(credentials: string): boolean {
  const text = binary(credentials);
  return text !== null && /^[\x20-\x7e\x80-\xff]*:/.test(text) && !text.endsWith(":<password>");
}

function isEmptyNtlm(message: string): boolean {
  const bytes = binary(message) ?? "x";
  return [...bytes.slice(8)].every((byte, index) => byte.charCodeAt(0) <= (index === 0 ? 3 : 0));
}

function binary(packed: string): string | null {
  try {
    return atob(packed.slice(0, packed.length - (packed.replace(/=+$/, "").length % 4 === 1 ? 1 : 0)));
  } catch {
    return null;
  }
}
