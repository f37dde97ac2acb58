import { looksLikeJwt } from "../decoders/jwt.ts";
import { withoutOpaqueRuns } from "./opaque-text.ts";
import { type Pseudonymise, scrubAddresses } from "./redaction.ts";
import { safeToken, withoutTokens } from "./safe-token.ts";

const keptParameters: ReadonlySet<string> = new Set([
  "realm",
  "resource",
  "api-version",
  "protocol",
  "wsdl",
  "returnfullrequest",
]);
const replaced = /^redacted-[a-z2-7]{4}$/;

/**
 * A request-target or URL: the path stays but for addresses and what no person wrote, query values go but for a few names,
 * user info and fragment go whole; a word says that they were there.
 */
export function safeUrl(text: string, pseudonymise: Pseudonymise): string {
  const hash = text.indexOf("#");
  const withoutFragment = hash === -1 ? text : text.slice(0, hash);
  const start = withoutFragment.indexOf("?");
  const path = start === -1 ? withoutFragment : withoutFragment.slice(0, start);
  const query = start === -1 ? "" : `?${safeQuery(withoutFragment.slice(start + 1), pseudonymise)}`;
  return `${safePath(path, pseudonymise)}${query}${hash === -1 ? "" : "#redacted"}`;
}

function safePath(path: string, pseudonymise: Pseudonymise): string {
  const [, scheme = "", userInfo = "", rest = ""] = /^([a-z][a-z0-9+.-]*:\/\/)?([^/?#]*@)?(.*)$/is.exec(path) ?? [];
  // Without a scheme, what stands before an `@` is part of the path.
  const kept = scheme === "" ? path : rest;
  const safe = withoutTokens(scrubAddresses(kept, pseudonymise), pseudonymise)
    .split("/")
    .map((part) => withoutOpaqueRuns(part, (found) => safeValue(found, pseudonymise)))
    .join("/");
  return `${scheme}${scheme === "" || userInfo === "" ? "" : "redacted@"}${safe}`;
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
