import type { Applications } from "../../core/principals.ts";
import { readBase64 } from "../base64.ts";
import type { Authorization } from "../facts.ts";
import { decodeNtlm } from "./ntlm.ts";
import { isOwnMarker, isPartlyRemoved, isRemovedMarker } from "./removed-marker.ts";
import { decodeToken } from "./s2s-token.ts";
import { redactUser, safeDomain } from "./token-user.ts";

const maxCredentialLength = 64 * 1024;
const maxJoinedLength = 1024 * 1024;

// A program or a capture may join two fields with a comma (RFC 9110 §5.3) or a line feed, although this field is not a list. A
// comma inside quotes belongs to the parameters of one scheme.
const nextCredentials = /[ \t]*[,\r\n][ \t\r\n]*(?=(?:basic|bearer|negotiate|ntlm)(?:[ \t,\r\n]|$))/i;

/** The credentials in one `Authorization` value: usually one; several where fields were joined. */
export function splitCredentials(value: string): readonly string[] {
  if (!/[,\r\n]/.test(value) || value.includes('"') || value.length > maxJoinedLength) return [value];
  return value.split(nextCredentials);
}

/** Decodes an `Authorization` value; undefined stands for an absent field. The scheme has any letter case (RFC 9110 §11.1). */
export function decodeAuthorization(value: string | undefined, applications?: Applications): Authorization {
  const text = value?.trim() ?? "";
  if (text === "") return { scheme: "none" };
  const end = text.search(/[ \t]/);
  const scheme = (end === -1 ? text : text.slice(0, end)).toLowerCase();
  const rest = end === -1 ? "" : text.slice(end).trimStart();
  const read = decodeScheme(scheme, rest, applications);
  return isReadable(read) || !isRemoved(read, text, rest) ? read : { scheme: "removed", name: nameOf(read) };
}

type Read = Exclude<Authorization, { readonly scheme: "none" | "removed" }>;

function decodeScheme(scheme: string, rest: string, applications: Applications | undefined): Read {
  switch (scheme) {
    case "bearer":
      // An empty value is realm discovery, not a broken token ([MS-XOAUTH] 4.6).
      return rest === "" ? { scheme: "bearer-probe" } : { scheme, token: decodeToken(rest, applications) };
    case "basic":
      return decodeBasic(rest);
    case "ntlm":
    case "negotiate":
      return { scheme, message: decodeNtlm(rest) };
    default:
      return { scheme: "other", name: schemeName(scheme) };
  }
}

/** True for a readable token or password, or for no value: these are not markers. */
function isReadable(read: Read): boolean {
  if (read.scheme === "bearer") return read.token.ok;
  return read.scheme === "basic" ? read.isDecodable : read.scheme === "bearer-probe";
}

function isRemoved(read: Read, text: string, rest: string): boolean {
  const credentials = read.scheme === "other" ? text : rest;
  if (isRemovedMarker(credentials)) return true;
  if (read.scheme === "other" || isOwnMarker(credentials)) return false;
  const isBlob = (read.scheme === "ntlm" || read.scheme === "negotiate") && read.message.ok;
  return !isBlob && isPartlyRemoved(credentials);
}

function nameOf({ scheme }: Read): Extract<Authorization, { readonly scheme: "removed" }>["name"] {
  return scheme === "other" || scheme === "bearer-probe" ? "" : scheme;
}

// RFC 7617 §2: base64 of `user-id ":" password`, divided at the first colon. No code reads the password.
function decodeBasic(credentials: string): Extract<Authorization, { readonly scheme: "basic" }> {
  const bytes = credentials.length > maxCredentialLength ? null : readBase64(credentials);
  const colon = bytes?.indexOf(58) ?? -1;
  if (bytes === null || colon === -1) return { scheme: "basic", isDecodable: false, user: "", domain: "" };
  // RFC 7617 §2.1 leaves the charset open: bytes that are not UTF-8 become replacement characters.
  const account = new TextDecoder().decode(bytes.subarray(0, colon));
  const slash = account.indexOf("\\");
  const name = account.slice(slash + 1);
  const domain = slash === -1 ? account.slice(account.lastIndexOf("@") + 1) : account.slice(0, slash);
  const hasDomain = slash !== -1 || account.includes("@");
  return { scheme: "basic", isDecodable: true, user: redactUser(name), domain: hasDomain ? safeDomain(domain) : "" };
}

// A raw credential without a scheme would be read as the name, so a long or token-like name is not repeated.
function schemeName(scheme: string): string {
  const token = scheme.replace(/[^a-z0-9!#$%&'*+.^_`|~-]/g, "");
  return token.length > 24 || token.includes(".ey") ? "unknown" : token;
}
