// Secrets and people in a transaction by the names of their places, including those that sanitising removes without a mark.
import type { Headers } from "../../core/headers.ts";
import { type CapturedBody, type HttpTransaction, requestAuthority } from "../../core/http-transaction.ts";
import { userInfosIn } from "../../core/user-info.ts";
import { readBase64 } from "../../decoders/base64.ts";
import { bodyText, readFormFields } from "../../decoders/body-text.ts";
import { splitCredentials } from "../../decoders/tokens/authorization.ts";
import { readableTokens } from "../../decoders/tokens/readable-tokens.ts";
import { isRemovedMarker } from "../../decoders/tokens/removed-marker.ts";
import { decodedText, textOfBytes } from "../coded-text.ts";
import { isRedacted } from "../redaction.ts";

export interface SecretPlaces {
  readonly secrets: readonly string[];
  /** Accounts without their domain. */
  readonly names: readonly string[];
  /** Hosts and realms: never secret. */
  readonly places: readonly string[];
}

const textLimit = 1024 * 1024;
const secretName = /(?:token|assertion|secret|passw(?:or)?d|pwd|cookie|ticket|api_?key)$|^(?:code|sig|pass)$/i;
const secretElement =
  /<(?:[\w.-]{1,32}:)?(?:Password|BinarySecret|BinarySecurityToken|SignatureValue|DigestValue|CipherValue|SerializedSecurityContext|SyncState|Nonce)(?:\s[^<>]{0,400})?>([^<]{6,65536})</g;
const personElement =
  /<(?:[\w.-]{1,32}:)?(?:Username|PrimarySmtpAddress|SmtpAddress|EmailAddress|SID|PrincipalName|Mailbox)(?:\s[^<>]{0,400})?>([^<]{3,256})</g;
const named = /["']?([\w.-]{2,40})["']?\s{0,4}[=:]\s{0,4}["']?([^\s"'&<>;,]{6,4096})/g;
const multipart = /name="([^"]{1,64})"[^\r\n]{0,200}\r?\n(?:[^\r\n]{1,200}\r?\n){0,4}\r?\n([^\r\n]{3,4096})/g;

/** The values of one transaction that are a secret or a person by their place. */
export function secretsOf(transaction: HttpTransaction): SecretPlaces {
  const found: Found = { secrets: new Set(), names: new Set(), places: new Set() };
  const { request, response } = transaction;
  found.places.add(transaction.host);
  found.places.add(requestAuthority(transaction));
  addUrl(request.target, found);
  addUserInfos(request.target, found);
  addHeaders(request.headers, found);
  addHeaders(request.trailers, found);
  addBody(request.body, found);
  if (response !== null) {
    addHeaders(response.headers, found);
    addHeaders(response.trailers, found);
    addBody(response.body, found);
  }
  return { secrets: [...found.secrets], names: [...found.names], places: [...found.places] };
}

interface Found {
  readonly secrets: Set<string>;
  readonly names: Set<string>;
  readonly places: Set<string>;
}

function addSecret(value: string, found: Found): void {
  const isOurs = isRedacted(value) || /^(?:<|redacted-[a-z2-7]{4}$|user-[a-z2-7]{10}$)/.test(value);
  if (value !== "" && !isOurs) found.secrets.add(value);
}

function addAccount(account: string, found: Found): void {
  const name = account.slice(account.indexOf("\\") + 1).replace(/@[^@]*$/, "");
  if (name !== "" && !/^user-[a-z2-7]{10}$/.test(name)) found.names.add(name);
}

/** The secret part of a value: the signature of a token, all but the header of an encrypted one, else the whole value. */
function addToken(value: string, found: Found): void {
  const segments = value.startsWith("e") ? value.split(".", 6) : [];
  if (segments.length === 3) addSecret(segments[2] ?? "", found);
  else if (segments.length === 5) for (const segment of segments.slice(1)) addSecret(segment, found);
  else addSecret(value, found);
}

function addHeaders(headers: Headers, found: Found): void {
  for (const [name, value] of headers) {
    addUserInfos(value, found);
    switch (name.toLowerCase()) {
      case "authorization":
      case "proxy-authorization":
        addCredentials(value, found);
        break;
      case "www-authenticate":
        for (const [blob] of value.matchAll(/(?<=\b(?:NTLM|Negotiate)\s{1,4})[A-Za-z0-9+/=_-]{24,}/gi))
          addBlob(blob, found);
        for (const [, realm = ""] of value.matchAll(/realm="([^"]{1,253})"/gi)) found.places.add(realm);
        break;
      case "cookie":
        for (const pair of value.split(";")) addCookie(pair.trim(), found);
        break;
      case "set-cookie":
        addCookie((value.split(";", 1)[0] ?? "").trim(), found);
        break;
      case "location":
      case "referer":
        addUrl(value, found);
        break;
    }
  }
}

function addCookie(pair: string, found: Found): void {
  // The mark of a replaced cookie without a name contains a `=`.
  if (isRedacted(pair)) return;
  const value = pair.slice(pair.indexOf("=") + 1).trim();
  const tokens = readableTokens(value);
  if (tokens.length === 0) addSecret(value, found);
  // Header and claims of a token stay; the text around it does not.
  for (const token of tokens) addToken(token, found);
  for (const rest of tokens.length === 0
    ? []
    : tokens.reduce((text, token) => text.replace(token, " "), value).split(" "))
    if (!/^bearer(?:%20|\+)?$/i.test(rest)) addSecret(rest, found);
}

function addCredentials(value: string, found: Found): void {
  for (const credentials of splitCredentials(value))
    if (!isRemovedMarker(credentials)) addOneCredentials(credentials, found);
}

function addOneCredentials(value: string, found: Found): void {
  const [, scheme = "", credentials = ""] = /^(\S*)\s*(.*)$/s.exec(value.trim()) ?? [];
  switch (scheme.toLowerCase()) {
    case "basic":
      addBasic(credentials, found);
      break;
    case "ntlm":
    case "negotiate":
      addBlob(credentials, found);
      break;
    case "digest":
      addDigest(credentials, found);
      break;
    default:
      for (const part of (credentials === "" ? scheme : credentials).split(/[\s,"=]+/))
        if (part.length >= 12) addToken(part, found);
  }
}

function addBasic(credentials: string, found: Found): void {
  const bytes = readBase64(credentials);
  const text = bytes === null ? "" : textOfBytes(bytes);
  const colon = text.indexOf(":");
  if (colon === -1) addSecret(credentials, found);
  else if (text.slice(colon + 1) !== "<password>") {
    addSecret(text.slice(colon + 1), found);
    addAccount(text.slice(0, colon), found);
  }
}

function addDigest(parameters: string, found: Found): void {
  for (const [, name = "", text = ""] of parameters.matchAll(/\b(username|response|cnonce|nonce)="([^"]{1,512})"/gi)) {
    if (name.toLowerCase() === "username") addAccount(text, found);
    else addSecret(text, found);
  }
}

const ntlmNames = [28, 36, 44] as const;

/** An NTLM or Negotiate message: its tail is secret, and type 3 names the user and the machine ([MS-NLMP] 2.2.1.3). */
function addBlob(blob: string, found: Found): void {
  if (blob.length > 64) addSecret(blob.slice(54), found);
  const bytes = readBase64(blob);
  if (bytes === null || bytes.length < 52 || bytes[0] !== 0x4e || bytes[8] !== 3) return;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  for (const [index, place] of ntlmNames.entries()) {
    const [length, offset] = [view.getUint16(place, true), view.getUint32(place + 4, true)];
    const text = utf16Text(bytes.subarray(offset, offset + Math.min(length, 512)));
    if (index > 0 && /^[\p{L}\p{M}\p{N}\p{P}\p{S} ]{3,}$/u.test(text)) found.names.add(text);
  }
}

function utf16Text(bytes: Uint8Array): string {
  let text = "";
  for (let at = 0; at + 1 < bytes.length; at += 2)
    text += String.fromCharCode((bytes[at] ?? 0) | ((bytes[at + 1] ?? 0) << 8));
  return text;
}

/** User information of the URLs in a text, plain or percent-coded. */
function addUserInfos(text: string, found: Found): void {
  if (!/@|%(?:25)*40/.test(text)) return;
  for (const { user, password } of userInfosIn(decodedText(text).text)) {
    addAccount(user, found);
    addSecret(password, found);
    // The decoded password too: it may occur alone in that form.
    addSecret(decoded(password), found);
  }
}

function addUrl(url: string, found: Found): void {
  const start = url.search(/[?#]/);
  if (start === -1) return;
  for (const part of url.slice(start + 1).split(/[&#?]/)) {
    const equals = part.indexOf("=");
    if (equals !== -1 && secretName.test(part.slice(0, equals))) addToken(decoded(part.slice(equals + 1)), found);
  }
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

function addBody(body: CapturedBody, found: Found): void {
  const text = bodyText(body, textLimit);
  addUserInfos(text, found);
  const start = text.trimStart().slice(0, 1);
  if (start === "<") addXml(text, found);
  else if (start !== "{" && start !== "") addForm(text, found);
  for (const [, name = "", value = ""] of text.matchAll(multipart)) addNamed(name, value, found);
  // JSON inside JSON is text with escaped quotes.
  for (const [, name = "", value = ""] of text.replaceAll('\\"', '"').matchAll(named)) {
    // `code` in JSON is an error code.
    if (name !== "code" && !value.includes("%")) addNamed(name, value.replaceAll("\\", ""), found);
  }
}

function addNamed(name: string, value: string, found: Found): void {
  if (secretName.test(name)) addToken(value, found);
}

function addForm(text: string, found: Found): void {
  for (const [name, value] of readFormFields(text)) {
    if (/^(?:username|user|login|email)$/.test(name)) addAccount(value, found);
    else addNamed(name, value, found);
  }
}

function addXml(text: string, found: Found): void {
  for (const [, value = ""] of text.matchAll(secretElement)) addSecret(value.trim(), found);
  for (const [, value = ""] of text.matchAll(personElement)) addAccount(value.trim(), found);
}
