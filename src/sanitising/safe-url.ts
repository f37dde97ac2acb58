import { looksLikeJwt } from "../decoders/jwt.ts";
import { type Pseudonymise, scrubAddresses } from "./redaction.ts";
import { safeToken } from "./safe-token.ts";

const keptParameters: ReadonlySet<string> = new Set([
  "realm",
  "resource",
  "api-version",
  "protocol",
  "wsdl",
  "returnfullrequest",
]);
const replaced = /^redacted-[a-z2-7]{4}$/;

/** A request-target or URL: path kept with its addresses replaced, query values taken away but for a few names, no user info, no fragment. */
export function safeUrl(text: string, pseudonymise: Pseudonymise): string {
  const withoutFragment = text.split("#", 1)[0] ?? "";
  const start = withoutFragment.indexOf("?");
  const path = start === -1 ? withoutFragment : withoutFragment.slice(0, start);
  const safePath = scrubAddresses(withoutUserInfo(path), pseudonymise);
  return start === -1 ? safePath : `${safePath}?${safeQuery(withoutFragment.slice(start + 1), pseudonymise)}`;
}

function withoutUserInfo(path: string): string {
  return path.replace(/^([a-z][a-z0-9+.-]*:\/\/)[^/@]*@/i, "$1");
}

function safeQuery(query: string, pseudonymise: Pseudonymise): string {
  return query
    .split("&")
    .map((part) => {
      const equals = part.indexOf("=");
      const name = equals === -1 ? part : part.slice(0, equals);
      const value = equals === -1 ? "" : part.slice(equals + 1);
      // A part without `=` may be a value as well as a name (`?user@contoso.com`, `?wsdl`).
      if (equals === -1) return keptParameters.has(name.toLowerCase()) ? part : safeValue(name, pseudonymise);
      return `${scrubAddresses(name, pseudonymise)}=${keptParameters.has(name.toLowerCase()) ? scrubAddresses(value, pseudonymise) : safeValue(value, pseudonymise)}`;
    })
    .join("&");
}

function safeValue(value: string, pseudonymise: Pseudonymise): string {
  if (value === "" || replaced.test(value)) return value;
  if (looksLikeJwt(value)) return safeToken(value, pseudonymise);
  return `redacted-${pseudonymise("value", value).slice(0, 4)}`;
}
