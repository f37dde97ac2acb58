// The user of a token, cut down to a form that may be shown: enough to recognise, not to identify.
import type { TokenKind, TokenUser } from "../facts.ts";
import type { JsonObject } from "../json-text.ts";

type UserKind = TokenUser["kind"];

const sid = /^s-1-[0-9]{1,14}(?:-[0-9]{1,10}){1,15}$/i;
const puid = /^[0-9a-f]{16}$/i;

/** The user of a token of this kind; null for the token of an application alone. */
export function tokenUserOf(claims: JsonObject, kind: TokenKind): TokenUser | null {
  switch (kind) {
    case "app-acts-as-user":
      return namedUser(claims) ?? addressedUser(claims);
    case "entra-v1":
    case "entra-v2":
    case "app-asserted-user":
    case "adfs":
      return signedInUser(claims);
    case "unknown":
      return addressedUser(claims);
    default:
      return null;
  }
}

/** Shortens an address, id or account name. The result holds printable ASCII and `…` only, at most 80 characters. */
export function redactUser(value: string): string {
  const at = value.lastIndexOf("@");
  if (at === -1) return `${safeText(value.slice(0, 1))}…`;
  return `${safeText(value.slice(0, at === 0 ? 0 : 1))}…@${safeText(value.slice(at + 1, at + 65))}`;
}

/** A domain or host for people: at most 64 characters, those of host names only, `?` for any other. */
export function safeDomain(domain: string): string {
  return domain.slice(0, 64).replace(/[^A-Za-z0-9._-]/g, "?");
}

function namedUser(claims: JsonObject): TokenUser | null {
  const nameId = textClaim(claims, "nameid");
  if (nameId === "") return null;
  const kind = nameIdKind(nameId, textClaim(claims, "nii").toLowerCase());
  return kind === null ? null : { kind, redacted: redactAs(kind, nameId) };
}

// `nii` names the form of `nameid` (observed); a sanitised capture keeps `nii` and rewrites `nameid`.
function nameIdKind(nameId: string, nii: string): UserKind | null {
  if (nii === "urn:federation:microsoftonline" || nii === "urn:office:idp:orgid") return "puid";
  if (nii === "urn:office:idp:activedirectory") return "sid";
  if (sid.test(nameId)) return "sid";
  if (puid.test(nameId)) return "puid";
  return nameId.includes("@") ? "upn" : null;
}

/** smtp before upn: the observed order of the server's lookup. */
function addressedUser(claims: JsonObject): TokenUser | null {
  for (const kind of ["smtp", "upn", "sip"] as const) {
    const value = textClaim(claims, kind);
    if (value !== "") return { kind, redacted: redactAs(kind, value) };
  }
  return null;
}

function signedInUser(claims: JsonObject): TokenUser | null {
  const addressed = addressedUser(claims);
  if (addressed !== null) return addressed;
  // v1 tokens have unique_name, v2 tokens preferred_username.
  for (const name of ["unique_name", "preferred_username"]) {
    const upn = textClaim(claims, name);
    if (upn.includes("@")) return { kind: "upn", redacted: redactUser(upn) };
  }
  for (const [kind, name] of [
    ["puid", "puid"],
    ["sid", "primarysid"],
    ["sid", "onprem_sid"],
  ] as const) {
    const value = textClaim(claims, name);
    if (value !== "") return { kind, redacted: redactAs(kind, value) };
  }
  // Without `scp` the token is an application's own, and `oid` names its service principal.
  const oid = claims.scp === undefined ? "" : textClaim(claims, "oid");
  return oid === "" ? null : { kind: "oid", redacted: redactAs("oid", oid) };
}

function redactAs(kind: UserKind, value: string): string {
  if (kind === "sid")
    return sid.test(value) ? `${value.split("-").slice(0, 4).join("-")}-…` : `${safeText(value.slice(0, 1))}…`;
  if (kind === "puid" || kind === "oid") return `${safeText(value.slice(0, 4))}…`;
  return redactUser(value);
}

function safeText(text: string): string {
  return text.replace(/[^\x21-\x7e]/g, "?");
}

function textClaim(claims: JsonObject, name: string): string {
  const value = claims[name];
  return typeof value === "string" ? value : "";
}
