import { isOpaque } from "../core/opaque-text.ts";
import { parsePrincipal } from "../core/principals.ts";
import { decodeJwt, decodeJwtHeader, looksLikeJwt, maxTokenLength } from "../decoders/tokens/jwt.ts";
import { base64Url } from "./base64-text.ts";
import { withoutPeople } from "./people.ts";
import { looksRandom } from "./plain-words.ts";
import {
  digitsOf,
  isSid,
  type Pseudonymise,
  pseudonymOfUser,
  redactedValue,
  redactedWord,
  safeAddress,
  safeSid,
} from "./redaction.ts";

/** Claims about trust between applications and its duration, never about a person. All others are replaced. */
const keptClaims: ReadonlySet<string> = new Set([
  ...["iss", "aud", "nbf", "exp", "iat", "ver", "version", "tid", "appid", "azp", "appidacr", "azpacr", "clientappid"],
  ...["trustedfordelegation", "identityprovider", "idp", "nii", "scp", "scope", "roles", "idtyp", "realm"],
  ...["appctxsender", "isbrowserhostedapp", "msexchprot", "msexchcallback", "xms_spcu", "issuer_kind"],
]);
const addressClaims: ReadonlySet<string> = new Set([
  "smtp",
  "upn",
  "sip",
  "email",
  "unique_name",
  "preferred_username",
]);
const keptHeader: ReadonlySet<string> = new Set(["typ", "alg", "x5t", "x5t#S256", "kid", "cty", "enc", "zip", "crit"]);

const maxDepth = 4;
// Each run of base64url is tried once, from its first character, and only where dots and further runs follow: tried from every
// `ey` in it, one long run would take quadratic time.
const tokenInText =
  /(?<![A-Za-z0-9_-])(?=[A-Za-z0-9_-]+\.[A-Za-z0-9_-]{4,}\.)[A-Za-z0-9_-]*?(e[yw][A-Za-z0-9_-]{4,}\.[A-Za-z0-9_-]{4,}\.(?:[A-Za-z0-9_-]+|<sig(?::[0-9a-z]{4,9})?>)?)/g;
const tokenOrTwoParts =
  /(?<![A-Za-z0-9_-])(?=[A-Za-z0-9_-]+\.[A-Za-z0-9_-]{16,})([A-Za-z0-9_-]*?)(e[yw][A-Za-z0-9_-]{16,}\.[A-Za-z0-9_-]{16,}(?:\.(?:[A-Za-z0-9_-]+|<sig:[a-z2-7]{4}>)?)?)/g;

/**
 * An unusable copy of a token: header and claims stay readable, personal claims become pseudonyms, the signature becomes a marker,
 * and tokens inside claims are treated in the same way. A text that is not a token is removed.
 */
export function safeToken(compact: string, pseudonymise: Pseudonymise, depth = 0): string {
  if (depth > maxDepth || compact.length > maxTokenLength) return redactedValue(compact, pseudonymise);
  const jwt = decodeJwt(compact);
  if (!jwt.ok) return encryptedForm(compact) ?? redactedValue(compact, pseudonymise);
  const { header, claims, signature, shadowed } = jwt.value;
  const context: ClaimContext = { claims, pseudonymise, depth };
  const headerMember = ([name, value]: Member): Member => [safeName(name, pseudonymise), safeHeaderMember(name, value)];
  const claimMember = ([name, value]: Member): Member => [
    safeName(name, pseudonymise),
    safeClaim(name, value, context),
  ];
  // A repeated name is written as often as in the original, so that hidden values stay visible.
  const [inClaims, inHeader] = [claims, header].map((part) => shadowed.filter(([name]) => Object.hasOwn(part, name)));
  const safeHeader = [...(inHeader ?? []), ...Object.entries(header)].map(headerMember);
  const safeClaims = [...(inClaims ?? []), ...Object.entries(claims)].map(claimMember);
  const marker = signature === "absent" ? "" : `<sig:${signatureTag(compact, pseudonymise)}>`;
  return `${segment(safeHeader)}.${segment(safeClaims)}.${marker}`;
}

/** Safe copies of the tokens in a text, without the rest of the text. Empty when there is none. */
export function onlyTokens(text: string, pseudonymise: Pseudonymise): string {
  return [...text.slice(0, maxTokenLength).matchAll(tokenInText)]
    .map(([, token = ""]) => safeToken(token, pseudonymise))
    .join(" ");
}

/** The text with each token replaced by its safe copy, for example a diagnostics reason that repeats a token. */
export function withSafeTokens(text: string, pseudonymise: Pseudonymise): string {
  return text.replace(tokenOrTwoParts, (_, before: string, token: string) => {
    const safe = looksLikeJwt(token) ? safeToken(token, pseudonymise) : redactedValue(token, pseudonymise);
    return `${before}${safe}`;
  });
}

type Member = readonly [name: string, value: unknown];

interface ClaimContext {
  readonly claims: Readonly<Record<string, unknown>>;
  readonly pseudonymise: Pseudonymise;
  readonly depth: number;
}

/** The name of a claim; replaced when it does not look like a name. */
function safeName(name: string, pseudonymise: Pseudonymise): string {
  return looksRandom(name) || isOpaque(name) ? redactedWord(name, pseudonymise) : withoutPeople(name, pseudonymise);
}

function safeClaim(name: string, value: unknown, context: ClaimContext): unknown {
  const { claims, pseudonymise, depth } = context;
  if (typeof value === "string" && looksLikeJwt(value)) return safeToken(value, pseudonymise, depth + 1);
  if (keptClaims.has(name) || (name === "sub" && value === claims.iss)) return keptValue(value, pseudonymise);
  if (typeof value === "boolean" || value === null) return value;
  if (typeof value !== "string") return "<redacted>";
  if (name === "nameid") return safeNameId(value, context);
  if (addressClaims.has(name)) return safeAddress(value, pseudonymise);
  return redactedValue(value, pseudonymise);
}

const maxKeptLength = 512;

function safeHeaderMember(name: string, value: unknown): unknown {
  const isShort = typeof value === "string" && value.length <= maxKeptLength;
  return keptHeader.has(name) && isShort ? value : "<redacted>";
}

/** A claim about applications: text, numbers, or a list of texts. Any other value is removed. */
function keptValue(value: unknown, pseudonymise: Pseudonymise): unknown {
  if (typeof value === "number" || typeof value === "boolean" || value === null) return value;
  if (typeof value === "string") {
    return value.length > maxKeptLength ? redactedValue(value, pseudonymise) : withoutPeople(value, pseudonymise);
  }
  if (Array.isArray(value)) return value.slice(0, 64).map((item) => keptItem(item, pseudonymise));
  return "<redacted>";
}

function keptItem(item: unknown, pseudonymise: Pseudonymise): unknown {
  return typeof item === "object" ? "<redacted>" : keptValue(item, pseudonymise);
}

const puid = /^[0-9a-f]{16}$/i;

/** An application stays; a user identifier keeps its form (SID, PUID, address) and loses its value. */
function safeNameId(value: string, { pseudonymise }: ClaimContext): string {
  if (parsePrincipal(value, undefined, "first-at").id !== "") return value;
  if (isSid(value)) return safeSid(value, pseudonymise);
  if (puid.test(value)) {
    return value.startsWith("00000000") ? value : `00000000${digitsOf(pseudonymise("user", value), 8)}`;
  }
  return value.includes("@") ? safeAddress(value, pseudonymise) : pseudonymOfUser(value, pseudonymise);
}

function signatureTag(compact: string, pseudonymise: Pseudonymise): string {
  const signature = compact.slice(compact.lastIndexOf(".") + 1);
  return /^<sig:([a-z2-7]{4})>$/.exec(signature)?.[1] ?? pseudonymise("value", signature).slice(0, 4);
}

/** Of an encrypted token only the header stays (RFC 7516 §3.1: five segments). */
function encryptedForm(compact: string): string | null {
  const header = compact.split(".").length === 5 ? decodeJwtHeader(compact) : undefined;
  if (header === undefined) return null;
  const kept = Object.entries(header).map(([name, value]): Member => [name, safeHeaderMember(name, value)]);
  return `${segment(kept)}.<key>.<iv>.<text>.<tag>`;
}

/** A base64url segment. Not by JSON.stringify, because a name may occur twice. */
function segment(members: readonly Member[]): string {
  const json = `{${members.map(([name, value]) => `${JSON.stringify(name)}:${JSON.stringify(value)}`).join(",")}}`;
  return base64Url(new TextEncoder().encode(json));
}
