// One value in another dress: quoted, wrapped, in base64, the address of an issuer, look-alike characters, a name out of a log.
import type { Applications, Principal } from "../../core/principals.ts";
import { isGuid, parsePrincipal } from "../../core/principals.ts";
import { decodeValue } from "./decode-value.ts";
import { type DecodedValue, valueOfKind } from "./decoded-value.ts";
import { decodeLogMembers, loggedToken } from "./log-members.ts";
import { decodeLogUser } from "./log-users.ts";
import { principalJson } from "./value-json.ts";
import { permissionName } from "./well-known-permissions.ts";

const longest = 256 * 1024;

/** The value without its dress; null when it is not one. */
export function decodeDressedValue(value: string, applications: Applications | undefined): DecodedValue | null {
  if (value.length > longest) return null;
  const options = applications === undefined ? {} : { applications };
  const again = (text: string): DecodedValue | null => {
    const read = decodeValue(text, options);
    return read.kind === "unknown" ? null : read;
  };
  const quoted = /^(["'`])([^"'`]+)\1[,;]?$/s.exec(value)?.[2];
  if (quoted !== undefined) return again(quoted) ?? decodeDressedValue(quoted.trim(), applications);
  return (
    decodePermission(value) ??
    decodeLogUser(value, applications) ??
    decodeLogMembers(value, applications) ??
    decodeIssuerAddress(value, applications) ??
    decodeWrapped(value, again) ??
    decodeLookAlikes(value, applications) ??
    decodeBase64Token(value, applications)
  );
}

/** The id of a permission (app role or scope). Other ids are those of applications. */
function decodePermission(value: string): DecodedValue | null {
  const name = isGuid(value) ? permissionName(value) : null;
  return name === null ? null : valueOfKind("permission", { id: value.toLowerCase(), name });
}

const issuerAddress =
  /^https:\/\/(sts\.windows\.net|sts\.chinacloudapi\.cn|login\.(?:microsoftonline\.com|microsoftonline\.us|partner\.microsoftonline\.cn|windows\.net))\/([0-9a-f-]{36})(\/v2\.0)?\/?$/i;

/** `https://sts.windows.net/<tenant>/` and `https://login.microsoftonline.com/<tenant>/v2.0`: Entra as the issuer. */
function decodeIssuerAddress(value: string, applications: Applications | undefined): DecodedValue | null {
  const [, , tenant = "", version] = issuerAddress.exec(value) ?? [];
  if (!isGuid(tenant)) return null;
  const principal: Principal = { ...parsePrincipal(value, applications), realm: tenant, realmKind: "tenant" };
  const tokenService = version === undefined ? "entra-v1" : "entra-v2";
  return valueOfKind("issuer", { ...principalJson(principal), tokenService }, { principal });
}

/** A token over several lines; every line is a part of it. */
function decodeWrapped(value: string, again: (text: string) => DecodedValue | null): DecodedValue | null {
  if (!value.includes("\n")) return null;
  const joined = value
    .replace(/^(?:authorization\s{0,4}:\s{0,4})?bearer\s+/i, "")
    .replace(/["'+\\ \t]*\n["' \t]*/g, "");
  return /^e[yw][A-Za-z0-9_.-]{40,}$/.test(joined) ? again(joined) : null;
}

// Letters of other alphabets that look like the hexadecimal digits and marks of an id, and the dashes of word processors.
const lookAlikes: Readonly<Record<string, string>> = {
  ...{
    а: "a",
    ɑ: "a",
    α: "a",
    Ь: "b",
    с: "c",
    ϲ: "c",
    ԁ: "d",
    е: "e",
    ҽ: "e",
    о: "0",
    О: "0",
    O: "0",
    o: "0",
    l: "1",
    І: "1",
    і: "1",
  },
  ...{ "\u2010": "-", "\u2011": "-", "\u2012": "-", "\u2013": "-", "\u2014": "-", "\u2212": "-", "\uff20": "@" },
};

/** An issuer with characters that only look right: the id that it resembles, and how many of them there are. */
function decodeLookAlikes(value: string, applications: Applications | undefined): DecodedValue | null {
  const [before = "", ...rest] = value.normalize("NFKC").split("@");
  if (value.length > 400 || !/[^ -~]|[Ool]/.test(value)) return null;
  const id = [...before].map((char) => lookAlikes[char] ?? char).join("");
  const plain = [id, ...rest].join("@");
  const principal = parsePrincipal(plain, applications);
  if (principal.id === "" || plain === value) return null;
  const count = [...value].filter((char, at) => char !== [...plain][at]).length;
  return valueOfKind(
    "issuer",
    { ...principalJson(principal), asSeen: value, lookAlikes: count },
    { principal: { ...principal, asSeen: value } },
  );
}

/** base64 of a token's header and claims as they are printed, or of a raw token; its padding may be lost. */
function decodeBase64Token(value: string, applications: Applications | undefined): DecodedValue | null {
  return /^[A-Za-z0-9+/_=\s-]{40,}$/.test(value) ? loggedToken(value.replace(/\s+/g, ""), applications) : null;
}
