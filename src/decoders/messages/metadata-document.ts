import { type Decoded, decodedValue, decodeProblem } from "../../core/decoded.ts";
import { type Applications, type Principal, parsePrincipal } from "../../core/principals.ts";
import { readBase64 } from "../base64.ts";
import type { MetadataKey, StsMetadata } from "../facts.ts";
import { isJsonObject, type JsonObject, readJsonObject } from "../json-text.ts";

const maxLength = 4 * 1024 * 1024;
const maxKeys = 64;

/**
 * Signing certificates of a token service's metadata document (`/metadata/json/1`) or of a JWKS with `x5c`. Member names in
 * any letter case; `keyinfo` may be missing, then `x5t` is null and must be computed from the certificate.
 */
export function decodeMetadata(text: string, applications?: Applications): Decoded<StsMetadata> {
  if (text.length > maxLength) return decodeProblem("a metadata document longer than 4 MiB: not read");
  const document = readJsonObject(text.startsWith("\uFEFF") ? text.slice(1) : text);
  return document.ok ? metadataOf(document.value.value, applications) : document;
}

/** As `decodeMetadata`, from a parsed object. */
export function metadataOf(document: JsonObject, applications?: Applications): Decoded<StsMetadata> {
  const entries = member(document, "keys");
  if (!Array.isArray(entries)) return decodeProblem("JSON without a list of keys");
  const keys: MetadataKey[] = [];
  for (const entry of entries.slice(0, maxKeys) as readonly unknown[]) {
    const key = isJsonObject(entry) ? keyOf(entry) : null;
    if (key !== null) keys.push(key);
  }
  if (keys.length === 0 && entries.length > 0) return decodeProblem("a list of keys without a signing certificate");
  const issuer = text(document, "issuer");
  const principal = issuer === "" ? null : parsePrincipal(issuer, applications);
  return decodedValue({ issuer: principal, realm: realmOf(document, principal), keys });
}

function realmOf(document: JsonObject, issuer: Principal | null): string {
  const realm = text(document, "realm");
  return realm === "" ? (issuer?.realm ?? "") : realm;
}

function keyOf(entry: JsonObject): MetadataKey | null {
  const usage = text(entry, "usage") || text(entry, "use");
  if (usage !== "" && !/^sig(?:ning)?$/i.test(usage)) return null;
  const certificate = readBase64(certificateText(entry), { allowWhiteSpace: true });
  if (certificate === null || certificate.length === 0) return null;
  const info = member(entry, "keyinfo");
  const x5t = (isJsonObject(info) ? text(info, "x5t") : "") || text(entry, "x5t");
  return { x5t: thumbprint(x5t), certificate };
}

function certificateText(entry: JsonObject): string {
  const value = member(entry, "keyvalue");
  if (isJsonObject(value)) {
    const type = text(value, "type");
    return type === "" || /^x509certificate$/i.test(type) ? text(value, "value") : "";
  }
  const chain = member(entry, "x5c"); // RFC 7517 §4.7: the first certificate holds the key
  const first: unknown = Array.isArray(chain) ? chain[0] : undefined;
  return typeof first === "string" ? first : "";
}

/** base64url without padding, or null when the text is not a SHA-1 thumbprint (20 bytes, 27 characters). */
function thumbprint(x5t: string): string | null {
  const plain = x5t.replaceAll("+", "-").replaceAll("/", "_").replace(/=$/, "");
  return /^[A-Za-z0-9_-]{27}$/.test(plain) ? plain : null;
}

function member(object: JsonObject, name: string): unknown {
  if (Object.hasOwn(object, name)) return object[name];
  for (const [candidate, value] of Object.entries(object)) if (candidate.toLowerCase() === name) return value;
  return undefined;
}

function text(object: JsonObject, name: string): string {
  const value = member(object, name);
  return typeof value === "string" ? value : "";
}
