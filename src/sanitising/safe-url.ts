import { withoutOpaqueRuns } from "../core/opaque-text.ts";
import { userInfoMark, withoutAuthorityUser, withoutUserInfo } from "../core/user-info.ts";
import { looksLikeJwt } from "../decoders/tokens/jwt.ts";
import { decodedText, encodedText } from "./coded-text.ts";
import { withoutPeople } from "./people.ts";
import { isPlainName } from "./plain-words.ts";
import { type Pseudonymise, pseudonymOfMachine, pseudonymOfUser, redactedWord } from "./redaction.ts";
import { safeAccount } from "./safe-account.ts";
import { safeToken, withSafeTokens } from "./safe-token.ts";
import { scrubName } from "./scrub-text.ts";

const keptParameters: ReadonlySet<string> = new Set([
  "realm",
  "resource",
  "api-version",
  "protocol",
  "wsdl",
  "returnfullrequest",
]);

/**
 * A request-target or URL. The path stays without people, random text and possible passwords; query values are removed except those
 * of a few names; user information and fragment are replaced by a word.
 */
export function safeUrl(text: string, pseudonymise: Pseudonymise): string {
  // First: a password in a URL may contain `?` or `#`.
  const url = withoutUserInfo(text);
  const hash = url.indexOf("#");
  const withoutFragment = hash === -1 ? url : url.slice(0, hash);
  const start = withoutFragment.indexOf("?");
  const path = start === -1 ? withoutFragment : withoutFragment.slice(0, start);
  const query = start === -1 ? "" : `?${safeQuery(withoutFragment.slice(start + 1), pseudonymise)}`;
  return `${safeHierarchy(path, pseudonymise)}${query}${hash === -1 ? "" : "#redacted"}`;
}

/** As `safeUrl`, for a URL that names its client (`Origin`, `Referer`): a host without a domain becomes a pseudonym. */
export function safeSourceUrl(text: string, pseudonymise: Pseudonymise): string {
  return safeUrl(text, pseudonymise).replace(
    /^([a-z][a-z0-9+.-]*:\/\/(?:redacted@)?)([a-z0-9_-]{1,63})(?=[:/?#]|$)/i,
    (_, before: string, host: string) =>
      `${before}${/^localhost$/i.test(host) ? host : pseudonymOfMachine(host, pseudonymise)}`,
  );
}

/** A host with or without port, without user information; any other text is removed. */
export function safeAuthority(text: string, pseudonymise: Pseudonymise): string {
  const host = withoutAuthorityUser(text);
  const isHost = /^(?:[\p{L}\p{M}\p{N}._-]{0,255}|\[[0-9a-f:.%]{0,45}\])(?::\d{1,5})?$|^[0-9a-f:.]{2,45}$/iu.test(host);
  return isHost
    ? withoutOpaqueRuns(host, (found) => redactedWord(found, pseudonymise))
    : redactedWord(host, pseudonymise);
}

function safeHierarchy(path: string, pseudonymise: Pseudonymise): string {
  const [, scheme = "", authority, rest = ""] = /^([a-z][a-z0-9+.-]*:)?\/\/([^/]*)(.*)$/is.exec(path) ?? [];
  if (authority === undefined) {
    // The authority form of CONNECT (RFC 9112 §3.2.3) with invalid user information
    const isAuthority = /^[^/\s]*@[^/\s@]+(?::\d{1,5})$/.test(path);
    return isAuthority ? `${userInfoMark}@${safeAuthority(path, pseudonymise)}` : safePath(path, pseudonymise);
  }
  const mark = authority.startsWith(`${userInfoMark}@`) ? `${userInfoMark}@` : "";
  return `${scheme}//${mark}${safeAuthority(authority, pseudonymise)}${safePath(rest, pseudonymise)}`;
}

const people = /^(?:users?|mailbox(?:es)?|people|accounts?|sip|smtp|owner)$/i;
const notPeople = /^(?:me|delta|v\d(?:\.\d)?|\$.*|.*\.(?:aspx?|ashx|svc|asmx|slab|js|css|xml|json|html?))$/i;

/** Names that span several segments (`/o=…/cn=anna`) first, then segment by segment. */
function safePath(path: string, pseudonymise: Pseudonymise): string {
  const whole = withSafeTokens(withoutObjectId(withoutPeople(path, pseudonymise), pseudonymise), pseudonymise);
  let before = "";
  return whole
    .split("/")
    .map((segment) => {
      const isPerson = people.test(before) && segment !== "";
      before = segment;
      return segment
        .split(";")
        .map((part, index) =>
          index === 0 ? safeSegment(part, isPerson, pseudonymise) : safeMatrix(part, pseudonymise),
        )
        .join(";");
    })
    .join("/");
}

function safeSegment(segment: string, isPerson: boolean, pseudonymise: Pseudonymise): string {
  const { text, rounds } = decodedText(segment);
  if (isPerson && isAccount(text)) return encodedText(safeAccount(text, pseudonymise), Math.max(rounds, 1));
  const named = text.replace(keyOfUser, (_, start: string, name: string, end: string) =>
    isAccount(name) ? `${start}${safeAccount(name, pseudonymise)}${end}` : `${start}${name}${end}`,
  );
  if (named !== text) return encodedText(named, rounds);
  if (isSafeSegment(text, segment)) return segment;
  return safeValue(segment, pseudonymise);
}

// In a path of Microsoft Graph (`/v1.0/users/<id>`, `users('<id>')`) the GUID is the object id of a person.
const objectId =
  /^(\/{0,4}(?:(?:v\d{1,2}\.\d{1,2}|beta)\/{1,4})?users(?:\/{1,4}|\('|\(%27|%28%27))([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})(?![0-9a-f@-])/i;

function withoutObjectId(path: string, pseudonymise: Pseudonymise): string {
  return path.replace(
    objectId,
    (_, before: string, id: string) => `${before}${pseudonymOfUser(id.toLowerCase(), pseudonymise)}`,
  );
}

// OData: `Users('anna')`
const keyOfUser = /^((?:users?|mailboxes|people)\(')([^']{1,256})('\))/i;
const guid = /^\{?[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\}?(?:@.*)?$/i;

function isAccount(text: string): boolean {
  return !guid.test(text) && !notPeople.test(text) && !/user-[a-z2-7]{10}|redacted/.test(text);
}

/** Keeps names and replaces unknown text; people are replaced before this call. */
function isSafeSegment(text: string, segment: string): boolean {
  // A sanitised token, and the text around it
  if (/^e[yw][A-Za-z0-9_-]+\.(?:e[yw])?[A-Za-z0-9_.<>:-]*$/.test(segment)) return true;
  return isPlainName(
    text.replace(/^[\p{L}\p{N}._-]{1,64}\\{1,4}(?=user-)/u, "").replace(/^\/|[/\\](?=user-)|\/cn=|\/o[u]?=[^/]*/gi, ""),
  );
}

function safeMatrix(part: string, pseudonymise: Pseudonymise): string {
  const equals = part.indexOf("=");
  if (equals === -1) return isPlainName(decodedText(part).text) ? part : safeValue(part, pseudonymise);
  return `${safeName(part.slice(0, equals), pseudonymise)}=${safeValue(part.slice(equals + 1), pseudonymise)}`;
}

function safeQuery(query: string, pseudonymise: Pseudonymise): string {
  return query
    .split("&")
    .map((part) => {
      const equals = part.indexOf("=");
      const name = equals === -1 ? part : part.slice(0, equals);
      const isKept = keptParameters.has(name.toLowerCase());
      // A part without `=` may be a value as well as a name (`?user@contoso.com`, `?wsdl`).
      if (equals === -1) return isKept ? part : safeValue(name, pseudonymise);
      const value = part.slice(equals + 1);
      const safe = isKept ? scrubName(value, pseudonymise) : safeValue(value, pseudonymise);
      return `${safeName(name, pseudonymise)}=${safe}`;
    })
    .join("&");
}

function safeName(name: string, pseudonymise: Pseudonymise): string {
  const safe = withoutPeople(name, pseudonymise);
  return isPlainName(decodedText(safe).text.replace(/^\$/, "")) ? safe : redactedWord(name, pseudonymise);
}

function safeValue(value: string, pseudonymise: Pseudonymise): string {
  return looksLikeJwt(value) ? safeToken(value, pseudonymise) : redactedWord(value, pseudonymise);
}
