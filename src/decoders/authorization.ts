import type { Applications } from "../core/principals.ts";
import { readBase64 } from "./base64.ts";
import type { Authorization } from "./facts.ts";
import { decodeNtlm } from "./ntlm.ts";
import { decodeToken } from "./s2s-token.ts";
import { redactUser } from "./token-user.ts";

const maxCredentialLength = 64 * 1024;

/** What an `Authorization` value says; undefined when there was none. The scheme in any letter case (RFC 9110 §11.1). */
export function decodeAuthorization(value: string | undefined, applications?: Applications): Authorization {
  const text = value?.trim() ?? "";
  if (text === "") return { scheme: "none" };
  const end = text.search(/[ \t]/);
  const scheme = (end === -1 ? text : text.slice(0, end)).toLowerCase();
  const rest = end === -1 ? "" : text.slice(end).trimStart();
  switch (scheme) {
    case "bearer":
      // Nothing after it is realm discovery, not a broken token. [MS-XOAUTH] 4.6
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

// RFC 7617 §2: base64 of `user-id ":" password`; the first colon divides. The password is not even sliced out.
function decodeBasic(credentials: string): Authorization {
  const bytes = credentials.length > maxCredentialLength ? null : readBase64(credentials);
  const colon = bytes?.indexOf(58) ?? -1;
  if (bytes === null || colon === -1) return { scheme: "basic", isDecodable: false, user: "", domain: "" };
  // RFC 7617 §2.1 leaves the charset open: what is not UTF-8 shows as replacement characters.
  const account = new TextDecoder().decode(bytes.subarray(0, colon));
  const slash = account.indexOf("\\");
  const name = account.slice(slash + 1);
  const domain = slash === -1 ? account.slice(account.lastIndexOf("@") + 1) : account.slice(0, slash);
  const hasDomain = slash !== -1 || account.includes("@");
  return { scheme: "basic", isDecodable: true, user: redactUser(name), domain: hasDomain ? safeDomain(domain) : "" };
}

function safeDomain(domain: string): string {
  return domain.slice(0, 64).replace(/[^A-Za-z0-9._-]/g, "?");
}

// A raw credential without a scheme stands where the name should: anything beyond a short token is not repeated.
function schemeName(scheme: string): string {
  const token = scheme.replace(/[^a-z0-9!#$%&'*+.^_`|~-]/g, "");
  return token.length > 24 || token.includes(".ey") ? "unknown" : token;
}
