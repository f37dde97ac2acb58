import type { Headers } from "../core/headers.ts";
import { isOpaque } from "../core/opaque-text.ts";
import { looksLikeJwt } from "../decoders/tokens/jwt.ts";
import { readableTokens } from "../decoders/tokens/readable-tokens.ts";
import { isRemovedMarker } from "../decoders/tokens/removed-marker.ts";
import { withoutPeople } from "./people.ts";
import { looksRandom, onlyPlainWords } from "./plain-words.ts";
import { isRedacted, type Pseudonymise, redactedValue, redactedWord, safeAddress } from "./redaction.ts";
import { startRemembering } from "./remembered-value.ts";
import { safeAuthorization, safeChallenge } from "./safe-credentials.ts";
import { safeMediaType } from "./safe-media-type.ts";
import { safeProducts, safeVia } from "./safe-programs.ts";
import { onlyTokens, safeToken, withSafeTokens } from "./safe-token.ts";
import { safeAuthority, safeSourceUrl, safeUrl } from "./safe-url.ts";
import { scrubName, scrubText } from "./scrub-text.ts";

const authorizations = startRemembering();

// Fields whose values are kept, by their kind of content. The values of all other fields are removed.

/** Sentences of servers for people. */
const texts: ReadonlySet<string> = new Set([
  ...["x-ms-diagnostics", "x-ms-diagnostics-from-backend", "ms-diagnostics", "ms-diagnostics-public"],
]);
const servers: ReadonlySet<string> = new Set([
  ...["x-feserver", "x-beserver", "x-calculatedbetarget", "x-diaginfo", "x-besku"],
]);
/** Lists of names, numbers and dates. */
const lists: ReadonlySet<string> = new Set([
  ...["date", "age", "vary", "allow", "upgrade", "expect", "connection", "te", "trailer", "proxy-connection"],
  ...["accept", "accept-charset", "accept-encoding", "accept-language", "cache-control", "pragma", "expires"],
  ...["last-modified", "content-length", "content-encoding", "content-language", "transfer-encoding", "keep-alive"],
  ...["retry-after", "return-client-request-id", "x-owa-version", "x-powered-by", "x-aspnet-version"],
  ...["x-ews-targetversion", "x-frame-options", "x-content-type-options", "strict-transport-security", "soapaction"],
  ...["upgrade-insecure-requests", "x-ews-policy-reason"],
]);
const programs: ReadonlySet<string> = new Set(["user-agent", "server"]);
/** Ids that only tell requests apart: they stay whatever they look like. */
export const idFields: ReadonlySet<string> = new Set([
  ...["client-request-id", "request-id", "x-ms-client-request-id", "x-ms-request-id", "x-requestid"],
  "x-ms-correlation-id",
]);
const urls: ReadonlySet<string> = new Set(["location", "content-location"]);
const sources: ReadonlySet<string> = new Set(["referer", "origin"]);
const addresses: ReadonlySet<string> = new Set(["x-user-identity", "x-anchormailbox", "x-prefer-server-affinity-user"]);

// RFC 9110 §5.1; no field in use has a longer name.
const fieldName = /^[A-Za-z0-9!#$%&'*+.^_`|~-]{1,80}$/;

/** Header fields in the original order, with names, letter case and repeats, without secrets and people in their values. */
export function safeHeaders(headers: Headers, pseudonymise: Pseudonymise): Headers {
  return headers.map(([name, value]) =>
    isFieldName(name)
      ? [name, safeField(name.toLowerCase(), value, pseudonymise)]
      : [redactedWord(name, pseudonymise), redactedValue(value, pseudonymise)],
  );
}

/** As `isFieldName`, with the additional characters in cookie names of load balancers. */
function isCookieName(name: string): boolean {
  return !looksRandom(name) && name.split(/[~/:]/).every((part) => part === "" || isFieldName(part));
}

/** True for a name of words with at most one short part with digits (`X-B3-TraceId`). */
function isFieldName(name: string): boolean {
  if (!fieldName.test(name) || isOpaque(name)) return false;
  if (!/\d/.test(name)) return true;
  const odd = name.split(/[-_.]/).filter((part) => /\d/.test(part) && !/^[A-Za-z]{2,24}\d{1,2}$/.test(part));
  return odd.length <= 1 && odd.every((part) => part.length <= 4);
}

function safeField(name: string, value: string, pseudonymise: Pseudonymise): string {
  switch (name) {
    case "authorization":
    case "proxy-authorization":
      return authorizations(value, pseudonymise, () => safeAuthorization(value, pseudonymise));
    case "www-authenticate":
    case "proxy-authenticate":
      return safeChallenge(value, pseudonymise);
    case "cookie":
      if (isRemovedMarker(value)) return "REDACTED";
      return value
        .split(";")
        .map((pair) => safeCookie(pair.trim(), pseudonymise))
        .join("; ");
    case "set-cookie":
      return safeCookie(value.split(";", 1)[0] ?? "", pseudonymise);
    default:
      return safeOther(name, value, pseudonymise);
  }
}

function safeOther(name: string, value: string, pseudonymise: Pseudonymise): string {
  if (idFields.has(name))
    return value.length <= 128
      ? withSafeTokens(withoutPeople(value, pseudonymise), pseudonymise)
      : redactedValue(value, pseudonymise);
  const kept = safeKept(name, value, pseudonymise);
  if (kept !== null) return kept;
  if (addresses.has(name) && value.includes("@")) return safeAddress(value, pseudonymise);
  if (looksLikeJwt(value)) return safeToken(value, pseudonymise);
  if (/e[yw]/.test(value)) {
    const tokens = onlyTokens(value, pseudonymise);
    if (tokens !== "") return tokens;
  }
  return redactedValue(value, pseudonymise);
}

/** The cleaned value of a kept field; null for any other field. */
function safeKept(name: string, value: string, pseudonymise: Pseudonymise): string | null {
  if (texts.has(name)) return scrubText(value, pseudonymise);
  if (lists.has(name)) return onlyPlainWords(scrubText(value, pseudonymise), pseudonymise);
  if (servers.has(name)) return safeServer(value, pseudonymise);
  if (programs.has(name)) return safeProducts(value, pseudonymise);
  if (urls.has(name)) return safeUrl(value, pseudonymise);
  if (sources.has(name)) return safeSourceUrl(value, pseudonymise);
  if (name === "host") return safeAuthority(value, pseudonymise);
  if (name === "content-type") return safeMediaType(value, pseudonymise);
  return name === "via" ? safeVia(value, pseudonymise) : null;
}

function safeServer(value: string, pseudonymise: Pseudonymise): string {
  return /^[A-Za-z0-9-]{1,63}(?:\.[A-Za-z0-9-]{1,63}){0,8}$/.test(value)
    ? scrubText(value, pseudonymise)
    : scrubName(value, pseudonymise);
}

function safeCookie(pair: string, pseudonymise: Pseudonymise): string {
  const equals = pair.indexOf("=");
  const tokens = readableTokens(pair.slice(equals + 1)).map((token) => safeToken(token, pseudonymise));
  if (equals === -1 && tokens.length > 0) return tokens.join(" ");
  if (equals === -1 || isRedacted(pair)) return redactedValue(pair, pseudonymise);
  const name = pair.slice(0, equals);
  const safeName = isCookieName(name) ? name : redactedWord(name, pseudonymise);
  if (isRemovedMarker(pair.slice(equals + 1))) return `${safeName}=REDACTED`;
  // A token is read, so its readable part stays.
  if (tokens.length > 0) return `${safeName}=${tokens.join(" ")}`;
  return `${safeName}=${redactedValue(pair.slice(equals + 1), pseudonymise)}`;
}
