// Lenient reading of `WWW-Authenticate`: several schemes in one value, commas inside quotes, unquoted values (also URLs), blanks
// around `=`, missing commas, and `+` for blanks (IIS logs). One pass by index without backtracking.
import { type Applications, type Principal, parsePrincipal } from "../../core/principals.ts";
import type { BearerChallenge, ChallengeScheme } from "../facts.ts";
import { decodeDemandedClaims } from "./demanded-claims.ts";

const maxLength = 64 * 1024;
const maxSchemes = 32;
const maxParams = 64;
const maxIssuers = 128;
const tokenEnd = /[^A-Za-z0-9!#$%&'*+.^_`|~-]/g; // RFC 9110 §5.6.2
const token68End = /[^A-Za-z0-9._~+/-]/g; // RFC 9110 §11.2, without the padding
const valueEnd = /[ \t\r\n,]/g;
const blobSchemes: ReadonlySet<string> = new Set(["ntlm", "negotiate", "kerberos"]);

interface Cursor {
  readonly text: string;
  at: number;
}

interface OpenScheme {
  readonly scheme: string;
  readonly params: Map<string, string>;
  token68: string;
}

/** The schemes that one `WWW-Authenticate` value offers, in order. Skips what is malformed; never throws. */
export function decodeChallenges(value: string): readonly ChallengeScheme[] {
  const cursor: Cursor = { text: unplussed(value.slice(0, maxLength)), at: 0 };
  const schemes: OpenScheme[] = [];
  while (schemes.length <= maxSchemes) {
    skip(cursor, " \t\r\n,;");
    if (cursor.at >= cursor.text.length) break;
    const name = take(cursor, tokenEnd);
    if (name === "") {
      cursor.at++; // not a token: skip one character
      continue;
    }
    const current = schemes.at(-1);
    if (current !== undefined && isParam(cursor)) readParam(cursor, name, current);
    else schemes.push(readScheme(cursor, name));
  }
  return schemes.slice(0, maxSchemes);
}

/** The parameters of the offered Bearer scheme, preferably of one with a `client_id`; null when there is none. */
export function bearerChallengeOf(
  schemes: readonly ChallengeScheme[],
  applications?: Applications,
): BearerChallenge | null {
  const bearers = schemes.filter(({ scheme }) => scheme.toLowerCase() === "bearer");
  const bearer = bearers.find((candidate) => challengeParameter(candidate, "client_id") !== "") ?? bearers[0];
  if (bearer === undefined) return null;
  // [MS-SPS2SAUTH] 3.1.5 spells it without the underscore.
  const issuers = challengeParameter(bearer, "trusted_issuers") || challengeParameter(bearer, "trustedissuers");
  return {
    clientId: challengeParameter(bearer, "client_id"),
    realm: challengeParameter(bearer, "realm"),
    trustedIssuers: trustedIssuers(issuers, applications),
    tokenTypes: challengeParameter(bearer, "token_types").split(/[ ,]/).filter(Boolean).slice(0, maxIssuers),
    authorizationUri: challengeParameter(bearer, "authorization_uri"),
    error: challengeParameter(bearer, "error"),
    issuerKind: challengeParameter(bearer, "issuer_kind"),
    demanded: decodeDemandedClaims(challengeParameter(bearer, "claims")),
  };
}

/** The value of a parameter by its name in any letter case; empty when absent. */
export function challengeParameter(scheme: ChallengeScheme, name: string): string {
  for (const [candidate, value] of scheme.params) if (candidate.toLowerCase() === name) return value;
  return "";
}

function trustedIssuers(list: string, applications: Applications | undefined): readonly Principal[] {
  return list
    .split(",")
    .map((issuer) => issuer.trim())
    .filter((issuer) => issuer !== "")
    .slice(0, maxIssuers)
    .map((issuer) => parsePrincipal(issuer, applications));
}

// IIS logs write `+` for a blank; a value with a real blank is not from such a log.
function unplussed(value: string): string {
  return /^\s*[A-Za-z]{2,20}\+[^\s]*$/.test(value) ? value.replaceAll("+", " ") : value;
}

function readScheme(cursor: Cursor, scheme: string): OpenScheme {
  const open: OpenScheme = { scheme, params: new Map(), token68: "" };
  const start = cursor.at;
  skip(cursor, " \t\r\n");
  const candidate = cursor.at === start ? "" : readToken68(cursor, scheme.toLowerCase());
  if (candidate === "") return open;
  // Observed in logs: `Basic realm` without a value.
  if (candidate.toLowerCase() === "realm") open.params.set(candidate, "");
  else open.token68 = candidate;
  return open;
}

/** The bare value after a scheme; empty, with the cursor unmoved, when a parameter or another scheme follows. */
function readToken68(cursor: Cursor, scheme: string): string {
  const start = cursor.at;
  if (blobSchemes.has(scheme) && cursor.text.startsWith("<", start)) return readMarker(cursor);
  const body = take(cursor, token68End);
  const bodyEnd = cursor.at;
  skip(cursor, "=");
  const padding = cursor.at - bodyEnd;
  const end = cursor.at;
  skip(cursor, " \t\r\n");
  const isLast = cursor.at >= cursor.text.length || cursor.text[cursor.at] === ",";
  // `realm=` is an empty parameter, not a bare value with one padding character.
  const isParameter = padding === 1 && body.length < 16 && !blobSchemes.has(scheme);
  if (body !== "" && isLast && padding <= 2 && !isParameter) return cursor.text.slice(start, end);
  cursor.at = start;
  return "";
}

// A sanitised capture leaves `<negotiate:kerberos>` in place of a blob.
function readMarker(cursor: Cursor): string {
  const start = cursor.at;
  const end = cursor.text.indexOf(">", start);
  if (end === -1 || end - start > 64) return "";
  cursor.at = end + 1;
  return cursor.text.slice(start, cursor.at);
}

function isParam(cursor: Cursor): boolean {
  const start = cursor.at;
  skip(cursor, " \t\r\n");
  if (cursor.text[cursor.at] === "=") return true;
  cursor.at = start;
  return false;
}

function readParam(cursor: Cursor, name: string, scheme: OpenScheme): void {
  cursor.at++; // the `=`
  skip(cursor, " \t\r\n");
  const value = cursor.text[cursor.at] === '"' ? readQuoted(cursor) : take(cursor, valueEnd);
  // RFC 9110 §11.2: a name occurs once in a challenge; the first one counts.
  if (scheme.params.size < maxParams && !scheme.params.has(name)) scheme.params.set(name, value);
}

/** A quoted string (RFC 9110 §5.6.4); without a closing quote it ends with the text. */
function readQuoted(cursor: Cursor): string {
  let value = "";
  let from = cursor.at + 1;
  for (let at = from; at < cursor.text.length; at++) {
    const code = cursor.text.charCodeAt(at);
    if (code === 34) {
      cursor.at = at + 1;
      return value + cursor.text.slice(from, at);
    }
    if (code === 92 && at + 1 < cursor.text.length) {
      value += cursor.text.slice(from, at);
      from = ++at;
    }
  }
  cursor.at = cursor.text.length;
  return value + cursor.text.slice(from);
}

function take(cursor: Cursor, end: RegExp): string {
  end.lastIndex = cursor.at;
  const start = cursor.at;
  cursor.at = end.exec(cursor.text)?.index ?? cursor.text.length;
  return cursor.text.slice(start, cursor.at);
}

function skip(cursor: Cursor, blanks: string): void {
  while (cursor.at < cursor.text.length && blanks.includes(cursor.text[cursor.at] ?? "")) cursor.at++;
}
