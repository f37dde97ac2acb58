// Facts as JSON for `decode`, in the shapes of the command line's contract: without passwords, signatures, cookies and whole
// tokens, and with users cut down as everywhere else.
import type { Decoded } from "../../core/decoded.ts";
import { isOpaque } from "../../core/opaque-text.ts";
import type { Principal } from "../../core/principals.ts";
import { withoutUserInfo } from "../../core/user-info.ts";
import type {
  BearerChallenge,
  ChallengeScheme,
  DemandedClaims,
  Diagnostics,
  S2sToken,
  TokenRequest,
} from "../facts.ts";
import type { GraphFacts } from "../graph-facts.ts";
import { isJsonObject, type JsonObject, readJsonObject } from "../json-text.ts";
import { remedyOf } from "../messages/diagnostics.ts";
import { requestIdOf } from "../messages/graph-answer.ts";
import { withoutTokens } from "../token-in-text.ts";
import { decodeNtlm, ntlmNames } from "../tokens/ntlm.ts";
import { tokenServiceOf } from "../tokens/token-service.ts";
import { redactUser } from "../tokens/token-user.ts";

/** A token and, nested in it, its actor token. `claims` and `header` are cleaned copies. */
export function tokenJson(token: S2sToken): JsonObject {
  const { actor } = token;
  return {
    tokenKind: token.tokenKind,
    tokenService: tokenServiceOf(token),
    header: cleaned(token.header, ""),
    claims: cleaned(token.claims, ""),
    // A sanitised token had a signature; `signature` reports that it was removed.
    signaturePresent: token.signature !== "absent",
    signature: token.signature,
    issuer: token.issuer,
    caller: token.caller,
    audience: token.audience,
    tenant: token.tenant,
    notBefore: isoTime(token.notBefore),
    issuedAt: isoTime(token.issuedAt),
    expires: isoTime(token.expires),
    lifetimeSeconds: token.lifetimeSeconds,
    user: token.user,
    actor: actor?.ok === true ? tokenJson(actor.value) : null,
    ...(actor?.ok === false ? { actorProblem: actor.problem } : {}),
    duplicates: duplicatesJson(token),
    oddities: token.oddities,
  };
}

/** The schemes of a challenge; `trustedIssuers` parsed where the scheme is Bearer. Blobs are named, not shown. */
export function challengeJson(schemes: readonly ChallengeScheme[], bearer: BearerChallenge | null): JsonObject {
  return {
    schemes: schemes.map((scheme) => {
      const isBearer = scheme.scheme.toLowerCase() === "bearer";
      return {
        scheme: scheme.scheme,
        params: cleaned(Object.fromEntries(scheme.params), ""),
        ...(isBearer && bearer !== null ? { trustedIssuers: bearer.trustedIssuers } : {}),
        ...(isBearer && bearer !== null && bearer.demanded !== null ? { demanded: demandedJson(bearer.demanded) } : {}),
        ...(scheme.token68 === "" ? {} : { message: blobJson(scheme.token68) }),
      };
    }),
  };
}

function blobJson(blob: string): JsonObject {
  const message = decodeNtlm(blob);
  return message.ok ? { ...message.value, ...ntlmNames(blob, message.value.type) } : { problem: message.problem };
}

function demandedJson({ names, notBefore }: DemandedClaims): JsonObject {
  return { claims: names.map(withoutTokens), issuedNotBefore: isoTime(notBefore) };
}

export function diagnosticsJson(diagnostics: Diagnostics): JsonObject {
  const { code, category, reason, cause, detail } = diagnostics;
  return {
    code,
    category,
    reason: withoutUserInfo(withoutTokens(reason)),
    cause,
    ...(detail === undefined ? {} : { detail }),
    remedy: remedyOf(cause),
  };
}

/** `fields` holds names only; a token among the values is decoded under `assertion`. */
export function tokenRequestJson(
  request: TokenRequest,
  fields: readonly string[],
  assertion: Decoded<S2sToken> | null,
): JsonObject {
  return {
    grantType: withoutTokens(request.grantType),
    resource: request.resource,
    realm: withoutTokens(request.realm),
    isPasswordGrant: request.isPasswordGrant,
    fields: fields.map((name) => withoutTokens(name.slice(0, 64))),
    assertion: assertion?.ok === true ? tokenJson(assertion.value) : null,
    ...(assertion?.ok === false ? { assertionProblem: assertion.problem } : {}),
  };
}

export function principalJson(principal: Principal): JsonObject {
  return { ...principal };
}

function isoTime(ms: number | null): string | null {
  return ms === null ? null : new Date(ms).toISOString();
}

function duplicatesJson(token: S2sToken): readonly JsonObject[] {
  const last = (name: string) => token.claims[name] ?? token.header[name];
  return token.duplicates.map((name) => ({
    name,
    values: [...(token.shadowed ?? []).filter(([other]) => other === name).map(([, value]) => value), last(name)].map(
      (value) => cleaned(value, name),
    ),
  }));
}

const personal = new Set(
  `smtp upn sip unique_name email preferred_username name given_name family_name winaccountname puid altsecid primarysid
onprem_sid ipaddr msexchuid samaccountname`.split(/\s/),
);
// Names of credentials, compared without `_`, `-` and `.`. In a SharePoint context token these are `refreshtoken` and
// `appctx.CacheKey`; in a key (RFC 7517, `cnf` of RFC 7800) the private members.
const secret =
  /passw(?:or)?d|pwd$|secret|cookie|canary|(?:refresh|access|id|session|bearer|security|user|client|sas|saml2?|device|context|web|auth|csrf|xsrf|proof|renewal|assertion|binarysecurity)token$|^(?:token|ticket|assertion|saml2?|samlresponse|code|authcode|authorizationcode|codeverifier|otp|pin|nonce|sig|signature)$|assertion$|ticket$|(?:api|account|cache|session|private|shared|proof|symmetric|encryption|master|storage|access|subscription|client|refresh|cookie)key$|^key$|^(?:d|p|q|dp|dq|qi|oth|k)$/;
/** Members that hold random text and are not credentials: names of keys and hashes. */
const drawnByChance =
  /^(?:x5t(?:s256)?|x5c|x5u|kid|jti|uti|aio|rh|n|e|x|y|athash|chash|shash|certthumbprint|thumbprint|xms.*|wids|oid|sub|puid|claims|deviceid|sid|acr|amr)$/;

/** A copy without secrets. Its depth is bounded by the JSON reader that the value came from. */
function cleaned(value: unknown, name: string): unknown {
  const member = name.toLowerCase();
  if (typeof value === "string") return cleanedText(value, member);
  if (Array.isArray(value)) return value.map((item: unknown) => cleaned(item, name));
  if (isSecretName(member)) return "<redacted>";
  if (!isJsonObject(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, cleaned(item, key)]));
}

function isSecretName(member: string): boolean {
  return secret.test(plainName(member));
}

function plainName(member: string): string {
  return member.replace(/^.*[/:]/, "").replace(/[_.\-#]/g, "");
}

function cleanedText(value: string, member: string): unknown {
  if (member === "actortoken" || member === "actort") return "<token>";
  if (isSecretName(member)) return value === "" || /^<[^<>]*>$/.test(value) ? value : "<redacted>";
  if (personal.has(member) || (member === "nameid" && isPerson(value))) return redactUser(value);
  const inner = /^\s*[{["]/.test(value) ? jsonInText(value) : null; // JSON as text inside JSON
  if (inner !== null) return cleaned(inner, "");
  if (isOpaque(value) && !drawnByChance.test(plainName(member))) return "<redacted>";
  return withoutUserInfo(withoutTokens(withoutSecretPairs(value)));
}

/** An object in a text, or the text in a quoted text; null for other texts. */
function jsonInText(value: string): unknown {
  if (!value.trimStart().startsWith('"')) {
    const object = readJsonObject(value);
    return object.ok ? object.value.value : null;
  }
  try {
    const text: unknown = JSON.parse(value);
    return typeof text === "string" && text.length < value.length ? text : null;
  } catch {
    return null;
  }
}

// `CacheKey=…`, and `"CacheKey":"…"` in JSON that is cut off or has its quotes escaped.
const pairInText =
  /([A-Za-z][\w.-]{0,63})((?:\s{0,4}=\s{0,4}|\\{0,8}["']\s{0,4}:\s{0,4})\\{0,8}["']?)([^"'\\;,&\s{}[\]]+)/g;

function withoutSecretPairs(text: string): string {
  return text.replace(pairInText, (pair, name: string, sign: string, value: string) =>
    isSecretName(name.toLowerCase()) && !value.startsWith("<") ? `${name}${sign}<redacted>` : pair,
  );
}

/** A `nameid` that does not begin with an application id names a user. */
function isPerson(nameId: string): boolean {
  return !/^\/?[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}(?:[@/]|$)/i.test(nameId);
}

/** An answer of Graph without its texts, which name people. */
export function graphJson({ family, error, itemErrors, batch }: GraphFacts, answer: JsonObject): JsonObject {
  return {
    family,
    error: error === null ? null : { ...error },
    requestId: requestIdOf(answer),
    itemErrors,
    batch: batch.map(({ status, error: inside }) => ({ status, error: inside === null ? null : { ...inside } })),
  };
}
