import type { Headers } from "../core/headers.ts";
import { looksLikeJwt } from "../decoders/jwt.ts";
import { isRemovedMarker } from "../decoders/removed-marker.ts";
import { withoutOpaqueRuns } from "./opaque-text.ts";
import { isRedacted, type Pseudonymise, redactedValue, safeAddress, scrubAddresses } from "./redaction.ts";
import { remembered } from "./remembered.ts";
import { safeAuthorization, safeChallenge } from "./safe-credentials.ts";
import { onlyTokens, safeToken, withoutTokens } from "./safe-token.ts";
import { safeUrl } from "./safe-url.ts";

/** Fields whose values are kept (addresses in them replaced). Everything that is not named here or below is taken away. */
const kept: ReadonlySet<string> = new Set([
  ...[
    "host",
    "date",
    "server",
    "user-agent",
    "via",
    "age",
    "vary",
    "allow",
    "upgrade",
    "expect",
    "connection",
    "te",
    "trailer",
  ],
  ...[
    "accept",
    "accept-charset",
    "accept-encoding",
    "accept-language",
    "cache-control",
    "pragma",
    "expires",
    "last-modified",
  ],
  ...[
    "content-type",
    "content-length",
    "content-encoding",
    "content-language",
    "transfer-encoding",
    "keep-alive",
    "retry-after",
  ],
  "return-client-request-id",
  ...["x-ms-diagnostics", "x-ms-diagnostics-from-backend", "ms-diagnostics", "ms-diagnostics-public"],
  ...["x-feserver", "x-beserver", "x-calculatedbetarget", "x-diaginfo", "x-besku", "x-owa-version", "x-powered-by"],
  ...["x-aspnet-version", "x-ews-policy-reason", "x-ews-targetversion", "x-frame-options", "x-content-type-options"],
  ...["strict-transport-security", "soapaction", "upgrade-insecure-requests", "proxy-connection"],
]);
/** Ids tell one request from another and nothing else: they stay whatever they look like. */
export const idFields: ReadonlySet<string> = new Set([
  ...["client-request-id", "request-id", "x-ms-client-request-id", "x-ms-request-id", "x-requestid"],
  "x-ms-correlation-id",
]);
const urls: ReadonlySet<string> = new Set(["location", "content-location", "referer", "origin"]);
const addresses: ReadonlySet<string> = new Set(["x-user-identity", "x-anchormailbox", "x-prefer-server-affinity-user"]);

// RFC 9110 §5.1; a longer one is nobody's field.
const fieldName = /^[A-Za-z0-9!#$%&'*+.^_`|~-]{1,80}$/;

/** Header fields with order, names, case and repeats as they were, and no value that is a secret or a person. */
export function safeHeaders(headers: Headers, pseudonymise: Pseudonymise): Headers {
  return headers.map(([name, value]) =>
    isFieldName(name)
      ? [name, safeField(name.toLowerCase(), value, pseudonymise)]
      : [`redacted-${pseudonymise("value", name).slice(0, 4)}`, redactedValue(value, pseudonymise)],
  );
}

/** A name that somebody thought of: words, and at most one short part with digits in it (`X-B3-TraceId`). */
function isFieldName(name: string): boolean {
  if (!fieldName.test(name)) return false;
  if (!/\d/.test(name)) return true;
  const odd = name.split(/[-_.]/).filter((part) => /\d/.test(part) && !/^[A-Za-z]{2,24}\d{1,2}$/.test(part));
  return odd.length <= 1 && odd.every((part) => part.length <= 4);
}

function safeField(name: string, value: string, pseudonymise: Pseudonymise): string {
  switch (name) {
    case "authorization":
    case "proxy-authorization":
      return remembered(value, pseudonymise, () => safeAuthorization(value, pseudonymise));
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
    return value.length <= 128 ? withoutTokens(value, pseudonymise) : redactedValue(value, pseudonymise);
  if (kept.has(name)) return keptText(value, pseudonymise);
  if (urls.has(name)) return safeUrl(value, pseudonymise);
  if (addresses.has(name) && value.includes("@")) return safeAddress(value, pseudonymise);
  if (looksLikeJwt(value)) return safeToken(value, pseudonymise);
  if (/e[yw]/.test(value)) {
    const tokens = onlyTokens(value, pseudonymise);
    if (tokens !== "") return tokens;
  }
  return redactedValue(value, pseudonymise);
}

/** A field that is kept for its meaning, without what may stand in it beside: addresses, tokens, text that a machine made. */
function keptText(value: string, pseudonymise: Pseudonymise): string {
  const text = withoutTokens(scrubAddresses(value, pseudonymise), pseudonymise);
  return withoutOpaqueRuns(text, (found) => (isSegment(found) ? found : redactedValue(found, pseudonymise)));
}

// Segments of a token that was made safe above.
function isSegment(text: string): boolean {
  return text.startsWith("ey") || text.startsWith("ew");
}

function safeCookie(pair: string, pseudonymise: Pseudonymise): string {
  const equals = pair.indexOf("=");
  if (equals === -1 || isRedacted(pair)) return redactedValue(pair, pseudonymise);
  if (isRemovedMarker(pair.slice(equals + 1))) return `${pair.slice(0, equals + 1)}REDACTED`;
  return `${pair.slice(0, equals + 1)}${redactedValue(pair.slice(equals + 1), pseudonymise)}`;
}
